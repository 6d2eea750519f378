#!/bin/sh
# Third program of a node that is a Pod, when it has its files: joins it to the network of its cluster's nodes, a VXLAN between their
# Pods. The address there is the node's for life. Packets go to the addresses of the nodes' Services, which stay as well: the outer
# cluster leads them to wherever a node's Pod is at the time.
#   overlay.sh PROGRAM [ARGUMENT...]
set -eu
. /kind/kinpod/overlay.env

DEVICE=kinpod0
NODES=/kind/kinpod/overlay.nodes

# The network is the Pod's, and outlives the container.
ip link delete "$DEVICE" 2>/dev/null || true

underlay=$(ip route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
mtu=$(($(cat "/sys/class/net/${underlay:-eth0}/mtu") - OVERHEAD))

# Nothing is to be learnt: all nodes are known, with their hardware addresses.
ip link add "$DEVICE" address "$HARDWARE_ADDRESS" mtu "$mtu" type vxlan id "$VNI" dstport "$PORT" nolearning
for name in disable_ipv6=0 forwarding=1; do
  # Networks without IPv6 leave it off. Where all of /proc/sys is read-only, nothing is forwarded either.
  { echo "${name#*=}" >"/proc/sys/net/ipv6/conf/all/${name%=*}"; } 2>/dev/null || true
done
for address in $ADDRESSES; do
  case $address in
    *:*) ip address add "$address" dev "$DEVICE" nodad || echo "no IPv6 here: $address is left out" >&2 ;;
    *) ip address add "$address" dev "$DEVICE" ;;
  esac
done
ip link set "$DEVICE" up

while read -r name service hardware addresses; do
  # By their names nodes find each other, and themselves, whatever the DNS server of the outer cluster knows.
  for address in $addresses; do echo "$address $name" >>/etc/hosts; done
  [ "$hardware" != "$HARDWARE_ADDRESS" ] || continue
  bridge fdb replace "$hardware" dev "$DEVICE" dst "$service"
  for address in $addresses; do
    ip neighbour replace "$address" lladdr "$hardware" dev "$DEVICE" nud permanent 2>/dev/null || true
  done
done <"$NODES"
exec "$@"

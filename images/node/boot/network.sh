#!/bin/sh
# At every boot, before the kubelet: what a CNI daemon and kube-proxy would set up seconds later.
set -eu
. /kind/kinpod/lib.sh
. /kind/kinpod/node.env

# Pods leave the cluster with the node's address.
masquerade() {
  nat="$(family_of "$1") nat"
  echo "$nat :KINPOD-MASQ - [0:0]"
  echo "$nat -A KINPOD-MASQ -d $1 -j RETURN"
  echo "$nat -A KINPOD-MASQ -m addrtype --dst-type LOCAL -j RETURN"
  echo "$nat -A KINPOD-MASQ -j MASQUERADE"
  echo "$nat -A POSTROUTING -s $1 -j KINPOD-MASQ"
}

# The API server's Service address works from the first second on. Until kube-proxy has programmed it, connections to it
# would leave by the default route and hang there, or reach a stranger. kube-proxy's own rules come first once they are there.
early_service_address() {
  for chain in PREROUTING OUTPUT; do
    echo "$(family_of "$API_SERVICE_ADDRESS") nat -A $chain -d $API_SERVICE_ADDRESS -p tcp --dport 443 -j DNAT --to-destination $API_BACKEND"
  done
}

# Until kube-proxy has programmed a Service, what is sent to it is refused at once. It would leave by the default route
# instead and be lost, and a name that is looked up in the first seconds would take five more: that is how long resolvers wait.
refuse_unknown_services() {
  for chain in FORWARD OUTPUT; do echo "$(family_of "$1") filter -A $chain -d $1 -j REJECT"; done
}

# Pods of the other nodes are reached through those nodes' addresses, which do not change.
peer_routes() {
  while read -r pod_cidr node_address; do
    ip route replace "$pod_cidr" via "$node_address"
  done <"$KINPOD/peers"
}

# The kernel follows connections only while some rule needs it to. Those that were led astray stay so when the rules of the gate are
# gone, or their answers would come from a port that nobody has asked. This rule does nothing else.
follow_connections() {
  echo "$(family_of "$1") nat -A OUTPUT -m conntrack --ctstate INVALID"
}

# What the nodes have to say to an API server waits at the first control plane until it is heard, see gate.sh. On the first boot
# only: a kubelet that finds pods of an earlier life asks for its Node before it starts any, and had better be refused.
gate() {
  [ ! -e "$KINPOD/set-up" ] || return 0
  for address in $NODE_ADDRESSES; do follow_connections "$address"; done
  [ "$PART" = first ] || { detours -I; return 0; }
  # Some distributions have it in a package of its own. Without the gate kubelets are refused, and api.sh restarts this node's.
  [ ! -x /lib/systemd/systemd-socket-proxyd ] || first_gate -I
}

# In a chain of this name, which is empty, they are known again: a node that is started anew in a network that stayed has them.
rules() {
  echo "4 nat :KINPOD - [0:0]"
  for subnet in $MASQUERADE_SUBNETS; do masquerade "$subnet"; done
  gate
  [ -z "$API_BACKEND" ] || early_service_address
  for subnet in $REFUSED_SUBNETS; do refuse_unknown_services "$subnet"; done
}

# Pods' packets must fit through the device that leads to the other nodes: the one with the node's address.
fit_mtu() {
  conf=/etc/cni/net.d/10-kindnet.conflist
  device=$(ip -o address show to "${NODE_ADDRESSES%% *}" | sed -n 's/^[0-9]*: *\([^ ]*\).*/\1/p')
  mtu=$(cat "/sys/class/net/${device:-eth0}/mtu")
  [ "$mtu" -eq 1500 ] || [ ! -e "$conf" ] || sed -i "s/\"mtu\": [0-9]*/\"mtu\": $mtu/" "$conf"
}

iptables -w -t nat -S KINPOD >/dev/null 2>&1 || rules | apply_rules
fit_mtu
peer_routes

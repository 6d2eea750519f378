#!/bin/sh
# Keep what connects from this node to its API server waiting, until that answers and has its Node object; then let it through.
#
# The kubelet starts seconds before the API server. Refused, it would come back after up to 7 s for its registration
# (kubelet_node_status.go: 100 ms doubling to 7 s) and later for its watches (client-go's reflector: 0.8 s doubling to 30 s,
# with jitter). On the first boot its connections wait in the queue of kinpod-gate.socket instead, where network.sh leads them.
set -eu
. /kind/kinpod/lib.sh
. /kind/kinpod/node.env

until [ -e "$KINPOD/node-made" ] && curl --silent --insecure --output /dev/null --max-time 2 https://127.0.0.1:6443/version; do
  sleep 0.05
done
# New connections need the gate no more.
for address in $NODE_ADDRESSES; do
  "$(iptables_for "$address")" -w -t nat -D OUTPUT -d "$address" -p tcp --dport 6443 -j REDIRECT --to-ports 16443
done

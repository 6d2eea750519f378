#!/bin/sh
# Keep what connects from the nodes to this API server waiting, until that answers and has their Node objects; then let it through.
#
# A kubelet starts seconds before the API server. Refused, it would come back after up to 7 s for its registration
# (kubelet_node_status.go: 100 ms doubling to 7 s) and later for its watches (client-go's reflector: 0.8 s doubling to 30 s,
# with jitter). On the first boot its connections wait in the queue of kinpod-gate.socket instead, where network.sh leads them: those
# of this node, and those of the other nodes, which have a detour to here where they would ask a load balancer or an API server of
# their own that do not answer yet.
set -eu
. /kind/kinpod/lib.sh
. /kind/kinpod/node.env

until [ -e "$KINPOD/nodes-made" ] && ask --silent --insecure --output /dev/null --max-time $((2 * PATIENCE)) https://127.0.0.1:6443/version; do
  pause 0.05
done
# New connections need the gate no more.
first_gate -D | apply_rules

#!/bin/sh
# Once, on every node but the first control plane: from its first answer of the cluster's API to its place in the cluster.
set -eu
. /kind/kinpod/lib.sh
. /kind/kinpod/node.env
trap 'fail_early "joining the cluster failed"' EXIT

# curl against this node's own idea of the API server, which the detour leads to the first control plane.
request() {
  ask --silent --show-error --cacert /etc/kubernetes/pki/ca.crt "$@" 2>"$KINPOD/answer.log"
}

# One question, which waits at the gate with the kubelet's own (gate.sh), as long as a kubelet's handshake may.
wait_for_api() {
  event api "waiting for the API server of the first control plane"
  until request --output /dev/null --max-time $((10 * PATIENCE)) "https://$API_ENDPOINT/version"; do pause 0.1; done
}

# A further API server is work for seconds that nothing waits for: the other nodes come first. Where the network is the user's
# business, a node waits for that and for nothing else.
wait_for_node() {
  event api "waiting for the node to be Ready"
  until request --max-time 5 --cert "$KINPOD/boot.crt" --key "$KINPOD/boot.key" \
    "https://$API_ENDPOINT/api/v1/nodes/$NODE_NAME" | tr -d ' \n' |
    grep -q -e '"type":"Ready","status":"True"' -e 'reason:NetworkPluginNotReady'; do
    sleep 0.3
  done
}

start_control_plane() {
  event setup "starting the API server"
  # First: the kubelet's probes are meant for this node's API server. Connections that exist last.
  detours -D
  mv "$KINPOD/later/kube-apiserver.yaml" /etc/kubernetes/manifests/
  until [ "$(ask --silent --insecure --max-time $((2 * PATIENCE)) https://localhost:6443/readyz)" = ok ]; do pause 0.2; done
  for manifest in "$KINPOD/later/"*.yaml; do
    [ ! -e "$manifest" ] || mv "$manifest" /etc/kubernetes/manifests/
  done
  rm "$KINPOD/boot.crt" "$KINPOD/boot.key"
}

# What went over the detour goes on there until somebody ends it: forgotten by the kernel, it is refused where it was meant to go,
# and made anew at once. Else the death of the first control plane would be noticed after half a minute.
leave_detours() {
  until request --output /dev/null --max-time $((5 * PATIENCE)) "https://$API_ENDPOINT/version"; do pause 0.3; done
  for target in $DETOURS; do conntrack -D -p tcp --orig-dst "$target" --dport 6443 || true; done >"$KINPOD/answer.log" 2>&1
}

wait_for_api
if [ "$PART" = member ]; then
  wait_for_node
  start_control_plane
else
  detours -D
fi
: >"$KINPOD/set-up"
[ -z "$DETOURS" ] || leave_detours
event "done" "set up"

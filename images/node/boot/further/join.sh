#!/bin/sh
# Once, on every node but the first control plane: from its first answer of the cluster's API to its place in the cluster.
set -eu
. /kind/kinpod/lib.sh
. /kind/kinpod/node.env
trap 'fail_early "joining the cluster failed"' EXIT

# curl against this node's own idea of the API server, which the detour leads to the first control plane.
request() {
  curl --silent --show-error --cacert /etc/kubernetes/pki/ca.crt "$@" 2>"$KINPOD/answer.log"
}

# One question, which waits at the gate with the kubelet's own (gate.sh).
wait_for_api() {
  event api "waiting for the API server of the first control plane"
  until request --output /dev/null --max-time 30 "https://$API_ENDPOINT/version"; do sleep 0.1; done
}

# A further API server is work for seconds that nothing waits for: the other nodes come first.
wait_for_node() {
  event api "waiting for the node to be Ready"
  until request --max-time 5 --cert "$KINPOD/boot.crt" --key "$KINPOD/boot.key" \
    "https://$API_ENDPOINT/api/v1/nodes/$NODE_NAME" | tr -d ' \n' | grep -q '"type":"Ready","status":"True"'; do
    sleep 0.3
  done
}

start_control_plane() {
  event setup "starting the API server"
  mv "$KINPOD/later/kube-apiserver.yaml" /etc/kubernetes/manifests/
  until [ "$(curl --silent --insecure --max-time 2 https://localhost:6443/readyz)" = ok ]; do sleep 0.2; done
  # Before these two, which talk to the API server of their own node and to no other.
  end_detours
  mv "$KINPOD/later/"*.yaml /etc/kubernetes/manifests/
  rm "$KINPOD/boot.crt" "$KINPOD/boot.key"
}

wait_for_api
if [ "$PART" = member ]; then
  wait_for_node
  start_control_plane
else
  end_detours
fi
: >"$KINPOD/set-up"
event "done" "set up"

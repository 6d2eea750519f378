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
  until request --output /dev/null --max-time 10 "https://$API_ENDPOINT/version"; do sleep 0.1; done
}

# watch NAME PATTERN SECONDS PATH: see watch_for. An object that exists is the first event.
watch() {
  watch_for "$1" "$2" ask --silent --no-buffer --max-time "$3" --cacert /etc/kubernetes/pki/ca.crt \
    --cert "$KINPOD/boot.crt" --key "$KINPOD/boot.key" "https://$API_ENDPOINT/$4"
}

# A further API server is work for seconds that nothing waits for: the other nodes come first. Where the network is the user's
# business, a node waits for that and for nothing else.
wait_for_node() {
  event api "waiting for the node to be Ready"
  until watch node '"type":"Ready","status":"True"\|reason:NetworkPluginNotReady' 60 \
    "api/v1/nodes?watch=true&fieldSelector=metadata.name%3D$NODE_NAME"; do
    sleep 0.3
  done
}

# Seconds that the first control plane's controller manager and scheduler may take to be the ones that lead. They lead at once,
# unless the user has them elect nobody.
LEADER_LIMIT=30

# The controller manager and the scheduler come before the API server where they have nothing to do but to be there, should the ones
# that lead be lost: they say at once that they are well, over the detour, while an API server takes seconds to begin. One that
# would lead needs an API server from now on, and has to wait for this node's.
start_followers() {
  event setup "starting the controller manager and the scheduler"
  leases="apis/coordination.k8s.io/v1/namespaces/kube-system/leases?watch=true&fieldSelector=metadata.name%3D"
  for name in kube-controller-manager kube-scheduler; do
    watch leader '"holderIdentity":"[^"]' "$LEADER_LIMIT" "$leases$name" || return 0
  done
  start_controllers
  # 10257 and 10259: when they listen, they have asked what they ask at their start.
  tries=100
  until listens 2811 && listens 2813; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 0
    sleep 0.1
  done
}

start_controllers() {
  for name in kube-controller-manager kube-scheduler; do
    [ ! -e "$KINPOD/later/$name.yaml" ] || mv "$KINPOD/later/$name.yaml" /etc/kubernetes/manifests/
  done
}

start_control_plane() {
  start_followers
  event setup "starting the API server"
  # First: the kubelet's probes are meant for this node's API server. Connections that exist last.
  detours -D | apply_rules
  mv "$KINPOD/later/kube-apiserver.yaml" /etc/kubernetes/manifests/
  until listens 192B && [ "$(ask --silent --insecure --max-time 2 https://localhost:6443/readyz)" = ok ]; do sleep 0.2; done
  start_controllers
  rm "$KINPOD/boot.crt" "$KINPOD/boot.key"
}

# What went over the detour goes on there until somebody ends it: forgotten by the kernel, it is refused where it was meant to go,
# and made anew at once. Else the death of the first control plane would be noticed after half a minute.
leave_detours() {
  until request --output /dev/null --max-time 5 "https://$API_ENDPOINT/version"; do sleep 0.3; done
  for target in $DETOURS; do conntrack -D -p tcp --orig-dst "$target" --dport 6443 || true; done >"$KINPOD/answer.log" 2>&1
}

wait_for_api
if [ "$PART" = member ]; then
  wait_for_node
  start_control_plane
else
  detours -D | apply_rules
fi
: >"$KINPOD/set-up"
[ -z "$DETOURS" ] || leave_detours
[ "$PART" != member ] || release_log_space || true
event "done" "set up"

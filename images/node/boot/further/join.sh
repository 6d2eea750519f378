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

# watch NAME PATTERN PATH: see watch_for.
watch() {
  until watch_for "$1" "$2" "https://$API_ENDPOINT/$3"; do pause 0.3; done
}

# A further control plane is work for seconds that nothing waits for: the other nodes come first. Where the network is the user's
# business, a node waits for that and for nothing else.
wait_for_node() {
  event api "waiting for the node to be Ready"
  watch node '"type":"Ready","status":"True"\|reason:NetworkPluginNotReady' \
    "api/v1/nodes?watch=true&fieldSelector=metadata.name%3D$NODE_NAME"
}

# Until the first control plane's controller manager leads, the cluster has no pods, and what slows its API server delays everything.
# A scheduler ends where it is refused; by then the rules that let it in are there.
wait_for_leader() {
  grep -qs 'leader-elect=true' "$KINPOD/later/kube-controller-manager.yaml" || return 0
  watch leader '"holderIdentity":"[^"]' \
    'apis/coordination.k8s.io/v1/namespaces/kube-system/leases?watch=true&fieldSelector=metadata.name%3Dkube-controller-manager'
}

start_controllers() {
  for name in kube-controller-manager kube-scheduler; do
    [ ! -e "$KINPOD/later/$name.yaml" ] || mv "$KINPOD/later/$name.yaml" /etc/kubernetes/manifests/
  done
}

# The controller manager and the scheduler begin while the API server does, which takes seconds, and talk to the first control
# plane's over the detour until this one is ready. The kubelet's probes must not go there: they go to the loopback address
# (static-pods.ts), or else the API server comes first and without the detour.
start_control_plane() {
  event setup "starting the control plane"
  if grep -q 'host: 127.0.0.1' "$KINPOD/later/kube-apiserver.yaml"; then detoured=yes; else detoured=; fi
  if [ "$detoured" ]; then start_controllers; else detours -D | apply_rules; fi
  mv "$KINPOD/later/kube-apiserver.yaml" /etc/kubernetes/manifests/
  wait_until_ready
  [ -z "$detoured" ] || detours -D | apply_rules
  start_controllers
  rm "$KINPOD/boot.crt" "$KINPOD/boot.key"
}

# As the cluster sees it: the kubelet's probes have found everything well, and it has said so. Where nothing of that is heard for long
# (the first control plane has gone, or has no such pod), by what the API server says itself.
wait_until_ready() {
  until watch_for ready '"type":"Ready"[^}]*"status":"True"' --max-time $((30 * PATIENCE)) \
    "https://$API_ENDPOINT/api/v1/namespaces/kube-system/pods?watch=true&fieldSelector=metadata.name%3Dkube-apiserver-$NODE_NAME" ||
    [ "$(ask --silent --insecure --max-time $((2 * PATIENCE)) https://localhost:6443/readyz)" = ok ]; do
    pause 0.3
  done
}

# What went over the detour goes on there until somebody ends it. Else the death of the first control plane would be noticed after half
# a minute. A kernel that cannot close sockets (INET_DIAG_DESTROY) forgets the connections instead, and refuses the next thing that
# is said.
leave_detours() {
  until request --output /dev/null --max-time $((5 * PATIENCE)) "https://$API_ENDPOINT/version"; do pause 0.3; done
  looks=$((30 * PATIENCE))
  for target in $DETOURS; do
    for socket in $(sockets_to "$target" | sed 's/^\([^ ]* *\)\{3\}\([^ ]*\).*/\2/'); do
      until is_quiet "$target" "$socket" || [ "$looks" -eq 0 ]; do
        looks=$((looks - 1))
        sleep 0.1
      done
      ss --kill --tcp dst "$(bracketed "$target")" dport = :6443 src "$socket" || true
    done
    conntrack -D -p tcp --orig-dst "$target" --dport 6443 || true
  done >"$KINPOD/answer.log" 2>&1
}

# sockets_to ADDRESS [FILTER...]: a line for each, with what the kernel knows of it.
sockets_to() {
  address=$(bracketed "$1")
  shift
  ss -HtniO dst "$address" dport = :6443 "$@"
}

# is_quiet ADDRESS SOCKET: nothing was sent for half a second, and as far as one can see no answer is missing: who gets one acknowledges it
# a moment later at most, and what is not answered for a second asked for nothing, as the end of a watch does. Or it is gone. What a watch
# is told meanwhile looks like an answer: the half second is for answers that come late, from an API server that has just begun. What is
# lost with a socket is not always said again at once: a kubelet tells ten seconds later that a pod is Ready (syncPeriod of its status manager).
is_quiet() {
  line=$(sockets_to "$1" src "$2")
  [ -n "$line" ] || return 0
  sent=$(milliseconds lastsnd "$line")
  [ "$sent" -lt $((1000 * PATIENCE)) ] || return 0
  [ "$sent" -ge $((500 * PATIENCE)) ] && [ "$(milliseconds lastrcv "$line")" -le $((sent + 100)) ]
}

# milliseconds NAME LINE: the kernel's "NAME:123"; nothing stands for 0.
milliseconds() {
  case $2 in *" $1:"*) ;; *) echo 0 && return ;; esac
  rest=${2##*" $1:"}
  echo "${rest%%[!0-9]*}"
}

wait_for_api
if [ "$PART" = member ]; then
  wait_for_node
  wait_for_leader
  start_control_plane
else
  detours -D | apply_rules
fi
: >"$KINPOD/set-up"
[ -z "$DETOURS" ] || leave_detours
[ "$PART" != member ] || release_log_space || true
event "done" "set up"

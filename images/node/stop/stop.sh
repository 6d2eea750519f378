#!/bin/sh
# Ends what a node runs, in the order in which it can end, so that the node's own end takes no time afterwards: systemd alone
# would wait 90 s for each pod's first process, which does not listen to SIGTERM.
# stop.sh SECONDS
#   SECONDS: what containers have, from SIGTERM to SIGKILL.
set -eu
seconds=$1

# It would start again what is ended here.
systemctl stop kubelet

# stop_all SECONDS CONTAINER...
stop_all() {
  limit=$1
  shift
  for container; do
    crictl stop --timeout "$limit" "$container" >/dev/null 2>&1 &
  done
  wait
}

# An API server whose etcd is gone does not end on SIGTERM.
etcd=$(crictl ps --quiet --name '^etcd$')
# shellcheck disable=SC2046,SC2086 # a list
stop_all "$seconds" $(crictl ps --quiet | grep -vxF "${etcd:-none}")
# shellcheck disable=SC2086
stop_all 2 $etcd
for scopes in 'cri-containerd-*.scope' 'crio-*.scope'; do
  systemctl kill --signal=KILL "$scopes" 2>/dev/null || true
done

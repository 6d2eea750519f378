#!/bin/sh
# kubelet's cgroups, /kubelet and /kubelet.slice. On v1 the entrypoint has made them. On v2 they can only be made now:
# controllers cannot be handed down from a cgroup that has processes, and systemd has just moved those of the root away.
set -eu

cd /sys/fs/cgroup

if [ ! -f cgroup.controllers ]; then
  # Where the host has no systemd (WSL2), systemd has made this hierarchy only after the entrypoint
  # (https://github.com/kubernetes-sigs/kind/issues/2323).
  mkdir -p systemd/kubelet
  exit 0
fi

# Processes of other pid namespaces are shown as 0.
if grep -qv '^0$' cgroup.procs; then
  echo 'the root cgroup still has processes: this runs only under systemd' >&2
  exit 1
fi

# hand_down CGROUP: turn on every controller that it has for its children. kubelet insists on all, hugetlb too.
hand_down() {
  controllers=$(cat "$1/cgroup.controllers")
  for controller in $controllers; do printf '+%s ' "$controller"; done >"$1/cgroup.subtree_control"
}

mkdir -p kubelet kubelet.slice
hand_down .
hand_down kubelet
hand_down kubelet.slice

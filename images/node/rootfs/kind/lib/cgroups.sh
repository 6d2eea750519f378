# cgroups for kubelet: it gets roots of its own (/kubelet, and /kubelet.slice for the systemd driver), or it would take the
# pods of nested clusters for its own and end them.

# cgroup_mounts: one line a cgroup v1 mount: its root inside the hierarchy, a tab, the mount point.
cgroup_mounts() {
  local line fields
  while IFS= read -r line; do
    [[ "$line" == *' - cgroup '* ]] || continue
    read -ra fields <<<"$line"
    printf '%s\t%s\n' "${fields[3]}" "${fields[4]}"
  done </proc/self/mountinfo
}

# own_cgroup CONTROLLER: the cgroup of this process in a v1 hierarchy.
own_cgroup() {
  local controllers path _
  while IFS=: read -r _ controllers path; do
    if [[ ",$controllers," == *",$1,"* ]]; then
      echo "$path"
      return
    fi
  done </proc/self/cgroup
}

# bind_mounts SOURCE TARGET ...: many bind mounts by one process.
bind_mounts() {
  (($# > 0)) || return 0
  printf '%s %s none bind 0 0\n' "$@" >/run/kind-fstab
  mount --all --fstab /run/kind-fstab
  rm /run/kind-fstab
}

# The misc controller is of no use here, and runc and the host disagree about it: systemd must not find it
# (https://github.com/kubernetes-sigs/kind/issues/3223). undo-mount-hacks.service removes the bind mount.
hide_misc_controller() {
  [[ -d /sys/fs/cgroup/misc ]] || return 0
  umount /sys/fs/cgroup/misc || warn 'cannot unmount the misc controller'
  rmdir /sys/fs/cgroup/misc || warn 'cannot remove /sys/fs/cgroup/misc'
  local line
  while IFS= read -r line; do
    [[ "$line" == misc* ]] || printf '%s\n' "$line"
  done </proc/cgroups >/kind/fake-cgroups
  mount --bind /kind/fake-cgroups /proc/cgroups
}

# make_kubelet_roots HIERARCHY ...
make_kubelet_roots() {
  local hierarchy root dirs=() pairs=()
  for hierarchy in "$@"; do
    dirs+=("$hierarchy/kubelet" "$hierarchy/kubelet.slice")
  done
  # Hosts without systemd have no such hierarchy yet; systemd mounts it.
  [[ " $* " == *' /sys/fs/cgroup/systemd '* ]] || dirs+=(/sys/fs/cgroup/systemd/kubelet.slice)
  mkdir -p "${dirs[@]}"
  for root in "${dirs[@]}"; do
    if [[ -f "$root/cpuset.cpus" ]]; then
      # A new cpuset is empty, and joining an empty one fails with ENOSPC.
      cat "${root%/*}/cpuset.cpus" >"$root/cpuset.cpus"
      cat "${root%/*}/cpuset.mems" >"$root/cpuset.mems"
    fi
    # Bind-mounted on itself it survives systemd, which removes empty cgroups that it does not know.
    pairs+=("$root" "$root")
  done
  bind_mounts "${pairs[@]}"
}

# cgroup v1 without a cgroup namespace: the engine shows this container's cgroup as the root of each hierarchy by a bind
# mount, while /proc/*/cgroup still tells the full path. kubelet and cadvisor need both to agree, so the full path is made
# to exist too. See https://github.com/kubernetes/minikube/pull/9508.
restore_full_paths() {
  local own=$1 root point pairs=()
  while IFS=$'\t' read -r root point; do
    if [[ "$root" != *"$own"* ]]; then
      # Not ours alone: a runtime in here would leak cgroups to the host (kubernetes/kubernetes#109182).
      { umount "$point" && rmdir "$point"; } || warn "cannot remove $point"
      continue
    fi
    [[ ! -d "$point$root" ]] || continue
    mkdir -p "$point$root"
    pairs+=("$point" "$point$root")
  done < <(cgroup_mounts)
  bind_mounts "${pairs[@]}"
}

prepare_cgroups() {
  if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
    # kubelet's cgroups need controllers that can be turned on only when systemd has left the root cgroup: see
    # /kind/bin/create-kubelet-cgroups.sh.
    log 'detected cgroup v2'
    return 0
  fi
  log 'detected cgroup v1'
  local own root point hierarchies=()
  own=$(own_cgroup cpu)
  if [[ "$own" == / ]]; then
    log 'detected cgroupns'
  else
    warn 'this container has no cgroup namespace: use cgroup v2, or start it with --cgroupns=private'
    restore_full_paths "$own"
  fi
  hide_misc_controller
  mount --make-rprivate /sys/fs/cgroup
  while IFS=$'\t' read -r root point; do
    [[ "$root" != *"$own" || "$point" == *"$own" && "$own" != / ]] || hierarchies+=("$point")
  done < <(cgroup_mounts)
  make_kubelet_roots "${hierarchies[@]}"
}

# The part of the entrypoint that is containerd's: adapts its configuration to what this container may do.

CONTAINERD_CONFIG=/etc/containerd/config.toml

choose_snapshotter() {
  if [[ -n "${KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER:-}" ]]; then
    echo "$KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER"
    return
  fi
  case "$userns$(filesystem_of /var)" in
    1* | zfs | fuse*) can_mount_overlay || { echo native && return; } ;;
  esac
  echo overlayfs
}

configure_runtime() {
  # runc lowers oom_score_adj for pods, which takes CAP_SYS_RESOURCE in the host's user namespace. Without it every pod
  # fails with "can't get final child's PID from pipe: EOF".
  if [[ -n "$userns" ]] || ! has_cap_sys_resource; then
    log 'CAP_SYS_RESOURCE is missing: pods keep the oom_score_adj that they are born with'
    replace_in "$CONTAINERD_CONFIG" 'restrict_oom_score_adj = false' 'restrict_oom_score_adj = true'
  fi

  local snapshotter
  snapshotter=$(choose_snapshotter)
  [[ "$snapshotter" != overlayfs ]] || return 0
  if [[ -d /kind/seed/snapshots ]]; then
    warn "the images of this node image are unpacked for overlayfs and cannot be used by the snapshotter \"$snapshotter\": build a node image with packed images"
  fi
  log "using the snapshotter \"$snapshotter\""
  replace_in "$CONTAINERD_CONFIG" 'snapshotter = "overlayfs"' "snapshotter = \"$snapshotter\""
}

# The part of the entrypoint that is CRI-O's: chooses how its store mounts images. What containers may not have here is settled
# when one starts, by crun-wrapper.

STORAGE_CONFIG=/etc/containers/storage.conf
CRIO_CONFIG=/etc/crio/crio.conf.d/10-node.conf

adapt_to_user_namespace() {
  # The kernel takes groups only that are mapped.
  replace_in "$CRIO_CONFIG" ', "net.ipv4.ping_group_range=0 2147483647"' ''
  # CRI-O takes itself for a user's program here and asks that user's systemd for cgroups (internal/dbusmgr/user.go), of which a node
  # has none: "Failed to connect to bus: No medium found". The kubelet follows what its runtime says that it does.
  replace_in "$CRIO_CONFIG" 'cgroup_manager = "systemd"' 'cgroup_manager = "cgroupfs"'
  replace_in "$CRIO_CONFIG" '_cgroup = "system.slice"' '_cgroup = "pod"'
}

configure_runtime() {
  [[ -z "$userns" ]] || adapt_to_user_namespace

  local program=''
  case "$userns$(filesystem_of /var)" in
    1* | zfs | fuse*) can_mount_overlay || program=/usr/bin/fuse-overlayfs ;;
  esac
  [[ -n "$program" ]] || return 0
  [[ -c /dev/fuse ]] || die "overlays cannot be mounted here, and /dev/fuse is missing: images cannot be used"
  log "mounting images by $program"
  replace_in "$STORAGE_CONFIG" 'mount_program = ""' "mount_program = \"$program\""
}

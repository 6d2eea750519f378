# The part of the entrypoint that is CRI-O's: chooses how its store mounts images. What containers may not have here is settled
# when one starts, by crun-wrapper.

STORAGE_CONFIG=/etc/containers/storage.conf

configure_runtime() {
  local program=''
  case "$userns$(filesystem_of /var)" in
    1* | zfs | fuse*) can_mount_overlay || program=/usr/bin/fuse-overlayfs ;;
  esac
  [[ -n "$program" ]] || return 0
  [[ -c /dev/fuse ]] || die "overlays cannot be mounted here, and /dev/fuse is missing: images cannot be used"
  log "mounting images by $program"
  local text
  text=$(<"$STORAGE_CONFIG")
  printf '%s\n' "${text//mount_program = \"\"/mount_program = \"$program\"}" >"$STORAGE_CONFIG"
}

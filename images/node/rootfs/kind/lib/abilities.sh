# What this container may do.

# CAP_SYS_RESOURCE is bit 24 of the effective set.
has_cap_sys_resource() {
  local key value
  while read -r key value; do
    if [[ "$key" == CapEff: ]]; then
      ((0x$value >> 24 & 1))
      return
    fi
  done </proc/self/status
  return 1
}

# filesystem_of MOUNTPOINT: type of what is mounted there, empty if nothing is.
filesystem_of() {
  local fields before after
  while IFS= read -r fields; do
    before=${fields%% - *}
    after=${fields##* - }
    read -ra before <<<"$before"
    [[ "${before[4]}" != "$1" ]] || echo "${after%% *}"
  done </proc/self/mountinfo
}

# Tried, not guessed: a user namespace may mount overlayfs since Linux 5.11, and some older kernels only pretend to
# (https://github.com/moby/moby/issues/42302); ZFS and FUSE can hold an upper layer in some versions.
can_mount_overlay() {
  [[ ! -e /sys/module/overlay/parameters/permit_mounts_in_userns ]] || return 1
  local dir failed=1
  dir=$(mktemp -d -p /var/lib)
  mkdir "$dir/lower" "$dir/upper" "$dir/work" "$dir/merged"
  if mount -t overlay -o "lowerdir=$dir/lower,upperdir=$dir/upper,workdir=$dir/work" overlay "$dir/merged" 2>/dev/null; then
    failed=0
    umount "$dir/merged"
  fi
  rm -rf "$dir"
  return "$failed"
}

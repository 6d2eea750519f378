# Adapts containerd's configuration to what this container may do, and hands proxy settings to every service.

CONTAINERD_CONFIG=/etc/containerd/config.toml

# replace_in_containerd_config OLD NEW
replace_in_containerd_config() {
  local text
  text=$(<"$CONTAINERD_CONFIG")
  [[ "$text" == *"$1"* ]] || return 0
  printf '%s\n' "${text//"$1"/"$2"}" >"$CONTAINERD_CONFIG"
}

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

configure_containerd() {
  # runc lowers oom_score_adj for pods, which takes CAP_SYS_RESOURCE in the host's user namespace. Without it every pod
  # fails with "can't get final child's PID from pipe: EOF".
  if [[ -n "$userns" ]] || ! has_cap_sys_resource; then
    log 'CAP_SYS_RESOURCE is missing: pods keep the oom_score_adj that they are born with'
    replace_in_containerd_config 'restrict_oom_score_adj = false' 'restrict_oom_score_adj = true'
  fi

  local snapshotter
  snapshotter=$(choose_snapshotter)
  [[ "$snapshotter" != overlayfs ]] || return 0
  if [[ -d /kind/seed/snapshots ]]; then
    warn "the images of this node image are unpacked for overlayfs and cannot be used by the snapshotter \"$snapshotter\": build a node image with packed images"
  fi
  log "using the snapshotter \"$snapshotter\""
  replace_in_containerd_config 'snapshotter = "overlayfs"' "snapshotter = \"$snapshotter\""
}

# https://www.freedesktop.org/software/systemd/man/systemd-system.conf.html: DefaultEnvironment
configure_proxy() {
  local file=/etc/systemd/system.conf.d/proxy-default-environment.conf name settings=''
  for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
    [[ -z "${!name:-}" ]] || settings+=" \"$name=${!name}\""
  done
  if [[ -n "$settings" ]]; then
    mkdir -p "${file%/*}"
    printf '[Manager]\nDefaultEnvironment=%s\n' "${settings# }" >"$file"
  elif [[ -e "$file" ]]; then
    rm "$file"
  fi
}

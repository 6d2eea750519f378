# Mounts as systemd wants them: https://systemd.io/CONTAINER_INTERFACE/

check_user_namespace() {
  [[ -n "$userns" ]] || return 0
  local nofile
  nofile=$(ulimit -Hn)
  if [[ "$nofile" != unlimited ]] && ((nofile < 64000)); then
    warn "a node wants 64000 open files, the hard limit is $nofile"
  fi
  if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
    local available controller
    available=" $(</sys/fs/cgroup/cgroup.controllers) "
    for controller in cpu memory pids; do
      [[ "$available" == *" $controller "* ]] || die "the cgroup controller $controller is not delegated to this user"
    done
  fi
}

prepare_mounts() {
  # With userns-remap the image's files belong to another user, and mount refuses to work.
  [[ -O /usr/bin/mount ]] || chown root:root /usr/bin/mount /usr/bin/umount

  # systemd takes a writable /sys for a sign that it owns the hardware.
  if ! mount -o remount,ro /sys; then
    [[ -n "$userns" ]] || die 'cannot make /sys read-only'
    log 'user namespace: /sys stays as it is'
  fi

  # Mounts of pods must propagate.
  mount --make-rshared /
}

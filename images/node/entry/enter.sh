#!/bin/sh
# First process of a node's container: holds the node's own program back until the node has its files, which the host sends
# into the running container (receive.sh). That is three times as fast as giving them to a container that does not run, whose
# file system the engine would mount, write back and unmount for it. Later starts find the files and do not wait.
set -eu

# Engines do not let a volume without a name have set-uid programs and devices, which containers' images in there have.
mount -o remount,bind,suid,exec,dev /var || echo 'kinpod: /var stays without set-uid programs and devices' >&2

# Docker mounts cgroups read-only in a container that is not privileged, and that is what a node is without CAP_SYS_RESOURCE:
# privileged in all but name (docs/adr/0026). Only the mounts are read-only: remounting a hierarchy itself would be refused, as
# others use it. /sys is read-only too, as every node's will be in a moment. A load balancer's are read-only, may not be mounted
# again, and need not be.
while read -r _ point type options _; do
  case "$type $options" in
    'cgroup ro,'* | 'cgroup2 ro,'*)
      mount -o remount,bind,rw "$point" 2>/dev/null || break
      ;;
  esac
done </proc/self/mounts

complete=/kind/kinpod/complete
gate=/run/kinpod-gate
if [ ! -e "$complete" ]; then
  [ -p "$gate" ] || mkfifo "$gate"
  # Open before the first look: what is written from now on is not lost. Opened for both, it has no end.
  exec 3<>"$gate"
  until [ -e "$complete" ]; do read -r _ <&3; done
  exec 3<&-
  rm "$gate"
fi
# What the user has mounted at a file's place can be written, and not replaced. Again at the next start, where this one is interrupted.
in_place=/kind/kinpod/in-place
if [ -d "$in_place" ]; then
  find "$in_place" -type f | while read -r file; do cat "$file" >"${file#"$in_place"}"; done
  rm -r "$in_place"
fi
exec "$@"

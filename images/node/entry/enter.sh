#!/bin/sh
# First process of a node's container: holds the node's own program back until the node has its files, which the host sends
# into the running container (receive.sh). That is three times as fast as giving them to a container that does not run, whose
# file system the engine would mount, write back and unmount for it. Later starts find the files and do not wait.
set -eu

# Docker mounts these read-only in a container that is not privileged, and that is what a node is without CAP_SYS_RESOURCE:
# privileged in all but name (docs/adr/0026). Read-only are both the mounts and, of all but the cgroup hierarchies, the file
# systems. A hierarchy is not remounted as a whole: others use it, and the kernel says that it is busy.
make_writable() {
  for point in /sys /sys/fs/cgroup; do
    mount -o remount,bind,rw "$point"
    mount -o remount,rw "$point" 2>/dev/null || :
  done
  while read -r _ point type _; do
    [ "$type" != cgroup ] || mount -o remount,bind,rw "$point"
  done </proc/self/mounts
}
[ -w /sys/fs/cgroup ] || make_writable

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
exec "$@"

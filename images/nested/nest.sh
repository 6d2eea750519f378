#!/bin/sh
# First program of a container that is to be a machine of its own inside another one: of a node that is a Pod, and of kinpod in a
# container or Pod. Gives it cgroups, /run and /tmp as a machine has them when it begins, and becomes the program that follows.
# Runs at every start of the container, as PID 1, privileged; needs a shell, util-linux and coreutils, and no file of its own, so it
# can be given to any node image as an argument:
#
#   unshare --cgroup -- sh -c "$(cat nest.sh)" nest.sh [--keep VOLUME DIRECTORY...] -- PROGRAM [ARGUMENT...]
#
# unshare: a cgroup namespace. CRI gives none on cgroup v1, and to a privileged container none on v2: kubelet and systemd in here
#   would see the machine's paths, and fight over them with the machine's own.
# --keep: these directories, with what the image has in them, are kept on VOLUME, a directory that outlives the container.
#   The first start copies them there.
set -eu

CGROUPS=/sys/fs/cgroup

# What is mounted shows the namespace of whoever mounted it, so all is mounted again: what is below this container's cgroups is all
# that there is.
mount_cgroups() {
  umount -R "$CGROUPS" 2>/dev/null || umount -lR "$CGROUPS" 2>/dev/null || true
  if ! grep -qv '^0::' /proc/self/cgroup; then
    mount -t cgroup2 cgroup2 "$CGROUPS"
    return
  fi
  mount -t tmpfs -o mode=755 cgroup "$CGROUPS"
  # 4:memory:/   3:cpu,cpuacct:/   1:name=systemd:/   0::/
  while IFS=: read -r number controllers _; do
    case $number:$controllers in
      # Beside v1's hierarchies too: else the cgroups that systemd makes in here stay in the outer one, and a container that is
      # started again cannot make them.
      0:*) dir=unified type=cgroup2 options=rw ;;
      *:name=*) dir=${controllers#name=} type=cgroup options=none,$controllers ;;
      *) dir=$controllers type=cgroup options=$controllers ;;
    esac
    mkdir "$CGROUPS/$dir"
    mount -t "$type" -o "$options" cgroup "$CGROUPS/$dir"
    # Mounted together they are found by each of their names.
    case $dir in *,*) for name in $(echo "$dir" | tr , ' '); do ln -s "$dir" "$CGROUPS/$name"; done ;; esac
  done </proc/self/cgroup
}

# Those of the container's life before this one: empty, for all its processes are gone.
remove_stale_cgroups() {
  find "$CGROUPS" -depth -mindepth 1 -type d -exec rmdir {} + 2>/dev/null || true
}

# v2 hands no controller down from a cgroup that has processes. Not only this one: programs that were executed in the container
# are here too. By systemd's name, which it takes for its own and not for a level above it.
leave_root_cgroup() {
  [ -f "$CGROUPS/cgroup.subtree_control" ] || return 0
  mkdir -p "$CGROUPS/init.scope"
  while read -r pid; do
    # One that has ended since, or a thread of the kernel's.
    echo "$pid" >"$CGROUPS/init.scope/cgroup.procs" 2>/dev/null || true
  done <"$CGROUPS/cgroup.procs"
  read -r controllers <"$CGROUPS/cgroup.controllers"
  for controller in $controllers; do
    echo "+$controller" >"$CGROUPS/cgroup.subtree_control" 2>/dev/null ||
      echo "nest: the cgroup controller $controller cannot be handed down" >&2
  done
}

# forgetful DIRECTORY MODE: memory, as on a machine that has just been switched on; what an engine has given already is new too.
forgetful() {
  awk -v dir="$1" '$5 == dir && / - tmpfs / { found = 1 } END { exit !found }' /proc/self/mountinfo ||
    mount -t tmpfs -o "nosuid,nodev,mode=$2" tmpfs "$1"
}

# fill DIRECTORY TARGET: a copy, all in one go: /etc has a hundred entries, and a program for each takes longer than what it does.
fill() {
  from=$1
  to=$2
  # By another name until it is whole.
  rm -rf "$to.new"
  mkdir -p "$to.new"
  set --
  for entry in "$from"/* "$from"/.[!.]*; do
    case $entry in */seed) continue ;; esac
    # A pattern without a match stays as it is. A link need not lead anywhere.
    if [ -e "$entry" ] || [ -L "$entry" ]; then set -- "$@" "$entry"; fi
  done
  [ $# -eq 0 ] || cp -ax "$@" "$to.new/"
  mv "$to.new" "$to"
}

# keep VOLUME DIRECTORY
keep() {
  kept=$1$2
  [ -d "$kept" ] || fill "$2" "$kept"
  # Such as /etc/resolv.conf, which the engine writes anew for every start.
  awk -v dir="$2/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | while read -r file; do
    [ ! -f "$file" ] || cat "$file" >"$1$file"
  done
  # Images that are unpacked in the node image (decision 7) stay there: as lower layers they may lie on its overlay, but not deeper.
  if [ -d "$2/seed" ]; then
    mkdir -p "$kept/seed"
    mount --bind "$2/seed" "$kept/seed"
  fi
  mount --rbind "$kept" "$2"
}

! grep -qv ':/$' /proc/self/cgroup || {
  echo 'nest: not in a cgroup namespace of its own: start it by unshare --cgroup' >&2
  exit 1
}
mount_cgroups
remove_stale_cgroups
leave_root_cgroup
forgetful /run 755
forgetful /tmp 1777
volume=''
while [ "$1" != -- ]; do
  if [ "$1" = --keep ]; then
    volume=$2
    shift 2
  else
    keep "$volume" "$1"
    shift
  fi
done
shift
exec "$@"

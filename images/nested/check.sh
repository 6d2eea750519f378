#!/bin/sh
# What a node of an outer cluster has for nodes that are Pods there, a fact a line, NAME=VALUE. Runs in a privileged Pod of a node
# image, and leaves nothing behind.
set -u

yes_if() {
  name=$1
  shift
  if "$@" >/dev/null 2>&1; then echo "$name=yes"; else echo "$name=no"; fi
}

# The kernel loads what it lacks and has as a module, where that is to be had.
vxlan() {
  ip link add kinpod-check type vxlan id 1 dstport 14789 local 127.0.0.1 && ip link delete kinpod-check
}

veth() {
  ip link add kinpod-check type veth peer name kinpod-check2 && ip link delete kinpod-check
}

# In a mount namespace of its own: nothing is to be unmounted.
overlay() {
  unshare --mount sh -c 'mount -t tmpfs none /mnt && mkdir /mnt/a /mnt/b /mnt/c /mnt/d &&
    mount -t overlay -o lowerdir=/mnt/a,upperdir=/mnt/b,workdir=/mnt/c none /mnt/d'
}

# What nest.sh does first.
own_cgroups() {
  if grep -qv '^0::' /proc/self/cgroup; then type='-t cgroup -o none,name=systemd'; else type='-t cgroup2'; fi
  # shellcheck disable=SC2086 # two or four words
  unshare --cgroup --mount mount $type none /mnt
}

nat() {
  iptables-nft -w -t nat -S || iptables-legacy -w -t nat -S
}

if grep -qv '^0::' /proc/self/cgroup; then
  if grep -q '^0::' /proc/self/cgroup; then echo cgroup=hybrid; else echo cgroup=v1; fi
else
  echo cgroup=v2
fi
yes_if own_cgroups own_cgroups
yes_if vxlan vxlan
yes_if veth veth
yes_if overlay overlay
yes_if nat nat
yes_if fuse test -e /dev/fuse
echo "kernel=$(uname -r)"
echo "inotify_instances=$(cat /proc/sys/fs/inotify/max_user_instances)"
echo "inotify_watches=$(cat /proc/sys/fs/inotify/max_user_watches)"
echo "memory_kib=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)"

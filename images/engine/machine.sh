#!/bin/sh
# What the machine of an engine lets its containers do, a fact a line, NAME=VALUE. Runs in a short-lived container of that engine
# which sees the machine's processes (--pid=host) and its files (/ at /machine): for a kinpod that is itself in a container and has
# the engine's socket, so that what it sees of itself says little. Changes nothing.
set -eu
field() { sed -n "s/^$1:[[:space:]]*//p" "$2"; }

echo "cgroup=$(stat -f -c %T /sys/fs/cgroup)"
# What nobody on the machine can have, its first process cannot either.
echo "bounding=$(field CapBnd /proc/1/status)"
read -r inside outside count </proc/self/uid_map
echo "uid_map=$inside $outside $count"
echo "oom_score_adj=$(cat /proc/self/oom_score_adj)"
if [ -d /machine/lib/modules ]; then echo modules=yes; else echo modules=no; fi
for device in /dev/kmsg /dev/fuse; do
  [ ! -e "/machine$device" ] || echo "device=$device"
done

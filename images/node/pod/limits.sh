#!/bin/sh
# In a node that is a Pod with limits: its kubelet takes them for the size of the machine, or it would promise its pods what the Pod
# does not get.
#   limits.sh PROGRAM [ARGUMENT...]
set -eu

CGROUPS=/sys/fs/cgroup
RUN=/run/kinpod
KUBELET=/etc/default/kubelet

# Bytes; nothing where there is no limit. v1 says a number near 2^63 then, v2 a word.
memory_limit() {
  limit=$(cat "$CGROUPS/memory/memory.limit_in_bytes" "$CGROUPS/memory.max" 2>/dev/null || true)
  case $limit in '' | max | ????????????????*) ;; *) echo "$limit" ;; esac
}

# Thousandths of a processor; nothing where there is no limit.
cpu_limit() {
  if [ -e "$CGROUPS/cpu.max" ]; then
    read -r quota period <"$CGROUPS/cpu.max"
  else
    quota=$(cat "$CGROUPS/cpu/cpu.cfs_quota_us")
    period=$(cat "$CGROUPS/cpu/cpu.cfs_period_us")
  fi
  case $quota in max | -*) ;; *) echo $((quota * 1000 / period)) ;; esac
}

# shown_as FILE: what this program sees in place of a file of the kernel's, as all do that start after it; pods have a /proc of
# their own.
shown_as() { mount --bind "$RUN/${1##*/}" "$1"; }

mkdir -p "$RUN"
reserved=''

memory=$(memory_limit)
if [ -n "$memory" ]; then
  awk -v limit=$((memory / 1024)) '
    /^Mem(Total|Free|Available):/ && $2 > limit { $2 = limit }
    { print }' /proc/meminfo >"$RUN/meminfo"
  shown_as /proc/meminfo
fi

cpu=$(cpu_limit)
if [ -n "$cpu" ] && [ "$cpu" -lt $(($(nproc) * 1000)) ]; then
  # Whole processors here, the part that is too much below.
  processors=$(((cpu + 999) / 1000))
  echo "0-$((processors - 1))" | sed 's/^0-0$/0/' >"$RUN/online"
  shown_as /sys/devices/system/cpu/online
  [ "$cpu" -eq $((processors * 1000)) ] || reserved="--system-reserved=cpu=$((processors * 1000 - cpu))m"
fi

# The limits may be others than at the last start.
if [ -f "$KUBELET" ]; then
  sed -i -e 's/ *--system-reserved=cpu=[0-9]*m//' -e "s|^KUBELET_EXTRA_ARGS=.*|& $reserved|" -e 's/ *$//' "$KUBELET"
fi
exec "$@"

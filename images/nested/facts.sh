#!/bin/sh
# What a Pod made of a node image may do on the node of the outer cluster, a fact a line, NAME=VALUE. Changes nothing.
set -eu
field() { sed -n "s/^$1:[[:space:]]*//p" "$2"; }

echo "version=$(cat /kind/version)"
echo "crictl=$(field runtime-endpoint /etc/crictl.yaml 2>/dev/null)"
# kinpod's own images have it, kind's do not.
echo "haproxy=$(command -v haproxy || true)"
echo "cgroup=$(stat -f -c %T /sys/fs/cgroup)"
echo "capabilities=$(field CapEff /proc/self/status)"
read -r inside outside count </proc/self/uid_map
echo "uid_map=$inside $outside $count"
echo "oom_score_adj=$(cat /proc/self/oom_score_adj)"
echo "nofile=$(awk '/^Max open files/ { print $5 }' /proc/self/limits)"
echo "nproc=$(awk '/^Max processes/ { print $4 }' /proc/self/limits)"
if [ -e /proc/net/if_inet6 ]; then echo ipv6=yes; else echo ipv6=no; fi
echo "cpus=$(nproc)"
echo "memory=$(field MemTotal /proc/meminfo)"

#!/bin/sh
# Stands in for podman where a test wants to know what kind makes of a configuration, without making it: nodes "run" at
# once, the files that kind writes into them are kept, and kubeadm fails, which ends the create.
# RECORD: a directory, which gets one for each node with its role, the arguments of its run and the files.
# RECORD_NOTHING: the create ends before the first node.
set -eu

case $1 in
--version) echo 'podman version 5.4.0' ;;
info) echo '{"host":{"cgroupVersion":"v2","cgroupControllers":["cpu","memory","pids"]}}' ;;
ps) ls "$RECORD" ;;
network) [ -z "${RECORD_NOTHING:-}" ] ;;
volume) echo volume ;;
logs) echo 'Reached target Multi-User System.' ;;
run)
  node=$RECORD/$3
  mkdir "$node"
  for argument; do
    printf '%s\n' "$argument"
    case $argument in
    io.x-k8s.kind.role=*) echo "${argument#*=}" >"$node/role" ;;
    esac
  done >"$node/run"
  ;;
inspect)
  for last; do :; done
  case $* in
  *io.x-k8s.kind.role*) cat "$RECORD/$last/role" ;;
  *IPAddress*) echo '10.89.0.2,fc00::2' ;;
  esac
  ;;
exec)
  shift
  while [ "${1#-}" != "$1" ]; do shift; done
  node=$RECORD/$1
  shift
  case $* in
  'cat /kind/version') echo v1.36.3 ;;
  'cat /etc/containerd/config.toml') echo 'version = 3' ;;
  'cp /dev/stdin '*) cat >"$node/${3##*/}" ;;
  'kubeadm '*) exit 1 ;;
  esac
  ;;
esac

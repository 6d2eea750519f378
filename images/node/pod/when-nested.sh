#!/bin/sh
# Executed in a node that is a Pod: waits until the Pod's first programs have put the node's directories in their places. What was
# unpacked before would lie beneath them. Then becomes the program that follows.
#   when-nested.sh PROGRAM [ARGUMENT...]
set -eu

# enter.sh makes the gate when all is in place, or finds that the node has its files already.
tries=0
until [ -p /run/kinpod-gate ] || [ -e /kind/kinpod/complete ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 3000 ] || {
    echo 'the first programs of the Pod did not come to an end within a minute: see its log' >&2
    exit 1
  }
  sleep 0.02
done
exec "$@"

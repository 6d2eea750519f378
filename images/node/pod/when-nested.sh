#!/bin/sh
# Executed in a node that is a Pod: waits until the Pod's first programs have put the node's directories in their places. What was
# unpacked before would lie beneath them. Then becomes the program that follows.
#   when-nested.sh SECONDS PROGRAM [ARGUMENT...]
set -eu
limit=$1
shift

# Whole seconds, without a program for it.
now() {
  read -r uptime _ </proc/uptime
  uptime=${uptime%.*}
}

now
end=$((uptime + limit))
# enter.sh makes the gate when all is in place, or finds that the node has its files already.
until [ -p /run/kinpod-gate ] || [ -e /kind/kinpod/complete ]; do
  now
  [ "$uptime" -lt "$end" ] || {
    echo "the first programs of the Pod did not come to an end within $limit s: see its log" >&2
    exit 1
  }
  sleep 0.02
done
exec "$@"

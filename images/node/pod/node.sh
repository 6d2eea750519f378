#!/bin/sh
# Second program of a node that is a Pod, after nest.sh: the node's own name, and its files where a Pod before this one had them.
#   node.sh NAME PROGRAM [ARGUMENT...]
set -eu

# A StatefulSet calls its Pod and the host in it NAME-0. A load balancer may not change that, and need not.
if hostname "$1" 2>/dev/null; then echo "$1" >/etc/hostname; fi
export HOSTNAME="$1"
shift

# From a Secret, which is not there on the first start of all: then the files come otherwise, and enter.sh waits for them.
files=/mnt/kinpod-files/files.tar
if [ ! -e /kind/kinpod/complete ] && [ -e "$files" ]; then tar -x -C / -f "$files"; fi
exec "$@"

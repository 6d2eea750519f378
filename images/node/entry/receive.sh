#!/bin/sh
# Unpack the archive that comes in, and let the node's first process (enter.sh) go on. The file that it waits for is the last one
# in the archive: where the sender dies in the middle, it goes on waiting.
set -eu
tar -x -C /
[ -e /kind/kinpod/complete ] || {
  echo 'the archive ends too early' >&2
  exit 1
}
# A first process that is not there yet looks for the file before it waits.
[ ! -p /run/kinpod-gate ] || echo 1<>/run/kinpod-gate

#!/bin/sh
# Runs in a container of the pod image in the making: unpacks a node image, once, into a store that Podman can add to its own, and
# packs this into one file, which is mounted where the pod image runs. Lower layers of nodes then lie on a file system that is no
# overlay itself: their pods' images, which lie on the nodes' (decision 7), would be one level too deep for the kernel else.
# store-node-image.sh ARCHIVE WORK OUTPUT
#   ARCHIVE: what podman or docker save writes.  WORK: an empty volume.
set -eu
archive=$1 work=$2 output=$3

# The kernel's own overlay: what is unpacked is read through it.
podman --root "$work/store" --runroot "$work/run" --storage-driver overlay --storage-opt overlay.mount_program= \
  load --quiet --input "$archive"
# Of a Podman, not of its images.
cd "$work/store"
rm -rf db.sql libpod volumes networks secrets tmp overlay/.has-mount-program defaultNetworkBackend
# 1.1 GB become 0.34 GB in 4 s on two cores; read back they cost a create no time that could be measured.
mksquashfs "$work/store" "$output" -comp zstd -Xcompression-level 3 -quiet -no-progress

#!/bin/sh
# Runs in a container of a node image in the making: unpacks images into a store of their own, which nodes with CRI-O read and never
# write, and writes it as a tar, a layer of the image.
# store-images.sh unpacked LAYOUT WORK OUTPUT
#   LAYOUT: directory, an OCI image layout.  WORK: an empty volume that can hold an overlay's upper layer.
set -eu
store=$1 layout=$2 work=$3 output=$4
[ "$store" = unpacked ] || {
  echo "CRI-O has no store of $store images" >&2
  exit 1
}
seed=$work/stage/kind/seed
mkdir -p "$seed" "$work/run"

jq --raw-output '.manifests[].annotations["org.opencontainers.image.ref.name"]' "$layout/index.json" >"$work/names"
while IFS= read -r name; do
  echo "$name"
  skopeo copy --quiet --insecure-policy "oci:$layout:$name" "containers-storage:[overlay@$seed+$work/run]$name"
done <"$work/names"

# It mounts its own directory on itself, and leaves that so.
umount "$seed/overlay" 2>/dev/null || true
# Another program's counters of mounts, and what is only for writers.
rm -rf "$seed/tmp" "$seed/overlay/tempdirs" "$seed/overlay/staging"
tar --create --file "$output" --directory "$work/stage" --numeric-owner --sort=name --xattrs --xattrs-include='*' .

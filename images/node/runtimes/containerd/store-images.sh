#!/bin/sh
# Runs in a container of a node image in the making: gives images to containerd, and writes what a node needs of
# containerd's state as a tar, a layer of the image.
# store-images.sh packed|unpacked LAYOUT WORK OUTPUT
#   LAYOUT: directory, an OCI image layout.  WORK: an empty volume that can hold an overlay's upper layer.
#
# unpacked: images are unpacked here, once, and lie under /kind/seed of the image; /var/lib/containerd has the two
#   databases, and links. A node's /var is a copy of the image's, so a node starts with a few megabytes.
#   Two small layers lie in /var itself: the pause image, and the one with /etc and /tmp that other images begin with. For a pod with
#   `hostUsers: false` containerd mounts the directory of its layers with shifted owners, which takes a file system that can, as
#   the node's root, an overlay, cannot. A pod begins with the pause container, and runc makes files in /etc.
# packed: images lie as they are in containerd's content store, as in kind's own node images. Each node copies and
#   unpacks them.
set -eu
store=$1 layout=$2 work=$3 output=$4
root=$work/root
socket=$work/containerd.sock
log=$work/containerd.log

fail() {
  echo "$1" >&2
  cat "$log" >&2
  exit 1
}

# await SECONDS WHAT COMMAND...
await() {
  seconds=$1 what=$2 tries=0
  shift 2
  until "$@" >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || fail 'containerd ended by itself'
    tries=$((tries + 1))
    [ "$tries" -lt $((seconds * 10)) ] || fail "waited $seconds s for $what"
    sleep 0.1
  done
}

api() { ctr --address "$socket" --namespace k8s.io "$@"; }

# Whether a snapshot is to lie in /var. The engine copies that entry by entry: Podman 4.3 takes 0.7 ms for each.
in_var() {
  { [ -e "$1/fs/pause" ] || [ -d "$1/fs/etc" ]; } &&
    [ "$(find "$1" | wc -l)" -le 20 ] && [ "$(du -sk "$1" | cut -f1)" -le 1024 ]
}

# CRI takes notice of an image by an event, and then gives it a second name, its ID.
all_noticed() {
  [ "$(api images list -q | grep -c '^sha256:')" -ge "$(api images list -q | grep -vc '^sha256:')" ]
}

# The node's own configuration, in another place: so CRI finds everything done when it looks at the images in a node.
# No collection of garbage by itself, which comes after a hundred changes: packed layers that are to be discarded belong to nobody
# from the moment they are imported, and one that was collected before it was unpacked is missing (ctr images import
# --discard-unpacked-layers, images.ChildGCLabelsFilterLayers in containerd).
mkdir -p "$root" "$work/state"
{
  printf 'root = "%s"\nstate = "%s"\n' "$root" "$work/state"
  cat /etc/containerd/config.toml
  printf '[plugins."io.containerd.gc.v1.scheduler"]\n  mutation_threshold = 0\n'
  printf '[grpc]\n  address = "%s"\n[debug]\n  level = "warn"\n' "$socket"
} >"$work/config.toml"
containerd --config "$work/config.toml" >"$log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null || true' EXIT
await 60 'containerd' api version

# Pinned, as in kind's images: kubelet's garbage collection leaves them alone.
# Local: done by ctr itself, which is what can drop the packed layers.
case "$store" in
  unpacked) how='--snapshotter overlayfs --discard-unpacked-layers' ;;
  packed) how='--no-unpack' ;;
  *) fail "no such store: $store" ;;
esac
# shellcheck disable=SC2086 # several words
tar --create --directory "$layout" . |
  api images import --local --label io.cri-containerd.pinned=pinned $how - || fail 'the images were not imported'
await 30 'CRI to notice the images' all_noticed
# Collects the packed layers, to which nothing refers any more.
[ "$store" = packed ] || api content prune references >/dev/null

kill "$pid"
wait "$pid" || true
trap - EXIT

stage=$work/stage
mkdir -p "$stage/var/lib"
mv "$root" "$stage/var/lib/containerd"
cd "$stage/var/lib/containerd"
# Made anew at every start.
rm -rf tmpmounts io.containerd.content.v1.content/ingest/*
# The instance's ID.
rm -rf io.containerd.grpc.v1.introspection
if [ "$store" = unpacked ]; then
  snapshots=io.containerd.snapshotter.v1.overlayfs/snapshots
  mkdir -p "$stage/kind/seed"
  mv "$snapshots" "$stage/kind/seed/snapshots"
  mkdir "$snapshots"
  for snapshot in "$stage"/kind/seed/snapshots/*; do
    if in_var "$snapshot"; then
      mv "$snapshot" "$snapshots/"
    else
      ln -s "/kind/seed/snapshots/${snapshot##*/}" "$snapshots/${snapshot##*/}"
    fi
  done
  [ -n "$(find "$snapshots" -path '*/fs/pause')" ] || fail 'the pause image is not small'
fi
tar --create --file "$output" --directory "$stage" --numeric-owner --sort=name --xattrs --xattrs-include='*' .

#!/bin/sh
# Runs in a container of the image being built: gives an archive of images to containerd and writes what a node needs of
# containerd's state as a tar, the image's last layer.
# store-images.sh packed|unpacked ARCHIVE OUTPUT-TAR      (containerd's state goes to /seed-work, a volume)
#
# unpacked: layers are unpacked here, once, and lie in the image under /kind/seed; /var/lib/containerd has the two
#   databases and links. A node's /var is a copy of the image's, so it starts with a few megabytes.
# packed: layers lie as they are in containerd's content store, as in kind's own node images. Each node copies and
#   unpacks them.
set -eu
layout=$1 archive=$2 output=$3
work=/seed-work
root=$work/root
socket=$work/containerd.sock
snapshotter=io.containerd.snapshotter.v1.overlayfs

# The configuration of the node, so that CRI finds everything done when it looks at the images in a node.
mkdir -p "$root" "$work/state"
sed -e "1,/^version/s|^version.*|&\nroot = \"$root\"\nstate = \"$work/state\"\n[grpc]\n  address = \"$socket\"\n[debug]\n  level = \"warn\"|" \
  /etc/containerd/config.toml >"$work/config.toml"

containerd --config "$work/config.toml" >"$work/containerd.log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null || true' EXIT

fail() {
  echo "$1" >&2
  cat "$work/containerd.log" >&2
  exit 1
}

tries=0
until [ -S "$socket" ] && ctr --address "$socket" version >/dev/null 2>&1; do
  kill -0 "$pid" 2>/dev/null || fail 'containerd ended by itself'
  tries=$((tries + 1))
  [ "$tries" -lt 150 ] || fail 'containerd did not answer within 30 s'
  sleep 0.2
done

images() { ctr --address "$socket" --namespace k8s.io images "$@"; }

# Pinned, as kind has them: kubelet's garbage collection leaves them alone.
case "$layout" in
  unpacked) images import --local --label io.cri-containerd.pinned=pinned --snapshotter overlayfs --discard-unpacked-layers "$archive" ;;
  packed) images import --local --label io.cri-containerd.pinned=pinned --no-unpack "$archive" ;;
esac

# CRI takes notice of each image by an event, and adds a name by image ID. Wait until it has.
wanted=$(images list -q | grep -vc '^sha256:')
tries=0
until [ "$(images list -q | grep -c '^sha256:')" -ge "$wanted" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 50 ] || fail 'CRI did not notice the images within 10 s'
  sleep 0.2
done

if [ "$layout" = unpacked ]; then
  # Collects the packed layers, now that nothing refers to them.
  ctr --address "$socket" content prune references >/dev/null 2>&1 || true
fi

kill "$pid"
wait "$pid" || true
trap - EXIT

# What containerd makes anew at each start.
stage=$work/stage
mkdir -p "$stage/var/lib"
mv "$root" "$stage/var/lib/containerd"
cd "$stage/var/lib/containerd"
rm -rf tmpmounts io.containerd.content.v1.content/ingest/*
if [ "$layout" = unpacked ]; then
  mkdir -p "$stage/kind/seed/snapshots"
  for snapshot in "$snapshotter"/snapshots/*; do
    number=${snapshot##*/}
    mv "$snapshot" "$stage/kind/seed/snapshots/$number"
    ln -s "/kind/seed/snapshots/$number" "$snapshot"
  done
fi
cd "$stage"
tar --create --file "$output" --numeric-owner --sort=name --xattrs --xattrs-include='*' .

#!/bin/sh
# Hook of mmdebstrap, before most packages are installed: what the initial RAM disk of the machine holds. Four drivers
# instead of all: it is unpacked by an emulated processor.
# before-packages.sh ROOT
set -eu
root=$1

mkdir -p "$root/etc/initramfs-tools/conf.d" "$root/usr/share/initramfs-tools/modules.d"
cat >"$root/etc/initramfs-tools/conf.d/kinpod" <<'END'
MODULES=list
COMPRESS=lz4
END
printf '%s\n' virtio_pci virtio_blk virtio_net ext4 >"$root/usr/share/initramfs-tools/modules.d/kinpod"

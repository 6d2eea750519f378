#!/bin/sh
# Customize hook of mmdebstrap: what a pod image has no use for.
# trim.sh ROOT
set -eu
root=$1

# The engine has kinpod's own settings (rootfs/), and networks on the volume; these would be of the network backend before netavark.
rm -rf "$root"/etc/cni "$root"/etc/containers/containers.conf "$root"/etc/containers/storage.conf

# The host may have either: netavark asks for iptables, which asks nftables, as every current kernel can.
rm -f "$root"/etc/hostname "$root"/etc/resolv.conf
: >"$root"/etc/machine-id

rm -rf "$root"/var/cache/* "$root"/var/log/* "$root"/var/lib/apt/lists/* "$root"/usr/share/info
mkdir -p "$root"/var/cache/apt/archives/partial "$root"/var/lib/apt/lists/partial "$root"/var/lib/containers

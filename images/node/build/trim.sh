#!/bin/sh
# Customize hook of mmdebstrap: what systemd need not do in a node. Everything here belongs to real machines (hardware,
# logins, timers, file systems to mount), would fail in a container or would reach out of it, and costs time at boot.
# trim.sh ROOT
set -eu
root=$1
lib=$root/usr/lib/systemd/system
etc=$root/etc/systemd/system

rm -rf "$etc"/*.wants
find "$lib" -path '*.wants/*' \( \
  -path '*/multi-user.target.wants/*' -o -path '*/local-fs.target.wants/*' -o -path '*/basic.target.wants/*' \
  -o -path '*/timers.target.wants/*' -o -path '*/graphical.target.wants/*' -o -path '*/getty.target.wants/*' \
  -o -path '*/sockets.target.wants/*udev*' -o -path '*/sockets.target.wants/*initctl*' -o -path '*/sockets.target.wants/*audit*' \
  \) ! -type d -delete

# Left in sysinit.target: the journal and sysctl.
find "$lib/sysinit.target.wants" ! -type d \
  ! -name systemd-journald.service ! -name systemd-journal-flush.service ! -name systemd-sysctl.service \
  ! -name dev-mqueue.mount -delete

# binfmt_misc belongs to the whole kernel, not to this container.
for unit in systemd-binfmt.service proc-sys-fs-binfmt_misc.automount systemd-remount-fs.service \
  systemd-logind.service getty.target console-getty.service systemd-update-utmp.service systemd-update-utmp-runlevel.service; do
  ln -sf /dev/null "$etc/$unit"
done

# Units that systemd would make from the hardware, /etc/fstab and the like. A program each, at every boot, for nothing.
mkdir -p "$etc-generators"
for generator in "$root"/usr/lib/systemd/system-generators/*; do
  ln -s /dev/null "$etc-generators/${generator##*/}"
done

ln -sf /lib/systemd/system/multi-user.target "$etc/default.target"

# The legacy one is chosen where a kernel still has it, so it is the default: changing takes time at boot.
for tool in iptables ip6tables; do
  chroot "$root" update-alternatives --set "$tool" "/usr/sbin/$tool-legacy"
done

# Only with userns-remap would these bits matter, and there they are in the way.
chmod -s "$root/usr/bin/mount" "$root/usr/bin/umount"

mkdir -p "$root/opt/cni/bin" "$root/etc/kubernetes/manifests" "$root/etc/cni/net.d"
for plugin in bridge host-local loopback portmap ptp; do
  mv "$root/usr/lib/cni/$plugin" "$root/opt/cni/bin/"
done
rm -rf "$root/usr/lib/cni"

# Made anew by every node.
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/etc/hostname" "$root/etc/resolv.conf"

# Nothing that a node or apt in a node needs.
rm -rf "$root"/var/cache/* "$root"/var/log/* "$root"/var/lib/apt/lists/* "$root"/usr/share/info \
  "$root/usr/lib/udev/hwdb.bin" "$root/usr/lib/udev/hwdb.d" "$root"/var/lib/dpkg/*-old
mkdir -p "$root/var/cache/apt/archives/partial" "$root/var/lib/apt/lists/partial"

# The engine copies the image's /var into each node's volume, entry by entry: Podman 4.3 takes 0.7 ms for each. The package
# database is nine tenths of it, so it lies elsewhere. A relative link: it must not lead out of ROOT while this is built.
mv "$root/var/lib/dpkg" "$root/usr/lib/dpkg-database"
ln -s ../../usr/lib/dpkg-database "$root/var/lib/dpkg"
rm -rf "$root"/var/lib/systemd/deb-systemd-* "$root"/var/lib/ucf "$root"/var/lib/pam "$root"/var/lib/python

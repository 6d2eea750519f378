#!/bin/sh
# Hook of mmdebstrap, after all packages are installed: a machine with one user, who may use sudo and may log in with the
# key of the lane. Otherwise it is left as Debian makes it: mending it is the business of `kinpod check --fix`.
# Environment: OUTPUT directory for the disk and the kernel; AUTHORIZED_KEY; NODE_PROGRAM;
# HOST_NAME; DISK_SIZE.
# after-packages.sh ROOT
set -eu
root=$1
etc=$root/etc/systemd

chroot "$root" useradd --create-home --uid 1000 --shell /bin/bash u
grep -q '^u:100000:65536$' "$root/etc/subuid"
printf 'u ALL=(ALL) NOPASSWD: ALL\n' >"$root/etc/sudoers.d/u"
chmod 0440 "$root/etc/sudoers.d/u"

for home in root home/u; do
  mkdir -p "$root/$home/.ssh"
  chmod 0700 "$root/$home/.ssh"
  printf '%s\n' "$AUTHORIZED_KEY" >"$root/$home/.ssh/authorized_keys"
done
chroot "$root" chown -R u:u /home/u/.ssh
printf 'PasswordAuthentication no\nUseDNS no\n' >"$root/etc/ssh/sshd_config.d/kinpod.conf"

# Debian's own Node.js may be older than what kinpod asks for.
install -m 0755 "$NODE_PROGRAM" "$root/usr/local/bin/node"

# QEMU's user network, with the addresses that it always has.
cat >"$etc/network/machine.network" <<'END'
[Match]
Name=en* eth*
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
END
chroot "$root" systemctl enable systemd-networkd.service
printf 'nameserver 10.0.2.3\n' >"$root/etc/resolv.conf"
printf '%s\n' "$HOST_NAME" >"$root/etc/hostname"
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$HOST_NAME" >"$root/etc/hosts"
printf '/dev/vda / ext4 rw,noatime 0 1\n' >"$root/etc/fstab"

# Nothing of this has a meaning in a machine that lives for an hour, and an emulated processor has no time to spare.
for unit in systemd-networkd-wait-online.service systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer \
  dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer man-db.timer systemd-tmpfiles-clean.timer \
  podman-auto-update.timer podman-auto-update.service serial-getty@ttyS0.service getty@tty1.service; do
  ln -sf /dev/null "$etc/system/$unit"
done

cp "$root/etc/ssh/ssh_host_ed25519_key.pub" "$OUTPUT/"
cp "$root"/boot/vmlinuz-* "$OUTPUT/vmlinuz"
cp "$root"/boot/initrd.img-* "$OUTPUT/initrd"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin
chroot "$root" dpkg-query --show podman crun passt systemd linux-image-cloud-amd64 netavark fuse-overlayfs >"$OUTPUT/packages"

# What is made here is the whole result: no root file system has to be unpacked again, or mounted on a loop device. Seen
# through a bind mount it is without /proc and all else that is mounted in it while packages are installed.
mkdir "$OUTPUT/tree"
mount --bind "$root" "$OUTPUT/tree"
trap 'umount "$OUTPUT/tree" && rmdir "$OUTPUT/tree"' EXIT
truncate --size "$DISK_SIZE" "$OUTPUT/disk"
mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -E lazy_itable_init=1 -d "$OUTPUT/tree" "$OUTPUT/disk"

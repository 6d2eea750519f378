import { expect, test } from 'vitest';
import { containerIdIn } from './own-container.ts';

const id = '6336af7623c49bd21c9d4f3db1c2a2d4f5a4e3b2c1d0f9e8d7c6b5a4f3e2d1c0';
const mount = (root: string, at: string) => `36 35 254:0 ${root} ${at} rw,relatime - ext4 /dev/vda rw`;

test.each<[string, string, string | undefined]>([
  ['Podman’s', mount(`/run/containers/storage/overlay-containers/${id}/userdata/hosts`, '/etc/hosts'), id],
  [
    'Podman’s where its run directory is a file system',
    mount(`/storage/overlay-containers/${id}/userdata/resolv.conf`, '/etc/resolv.conf'),
    id,
  ],
  ['Docker’s', mount(`/var/lib/docker/containers/${id}/hostname`, '/etc/hostname'), id],
  ['a Pod’s of the kubelet', mount('/var/lib/kubelet/pods/4e2b/etc-hosts', '/etc/hosts'), undefined],
  ['nobody’s', mount('/', '/'), undefined],
])('a container is known by the file that is mounted over /etc/hosts: %s', (_, mountinfo, expected) => {
  expect(containerIdIn(`${mount('/', '/')}\n${mountinfo}\n`)).toBe(expected);
});

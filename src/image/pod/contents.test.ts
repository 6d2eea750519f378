import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PRINT_NODE_IMAGE } from '../../provider/container/carried-image.ts';
import { BuildAssets } from '../build/assets.ts';
import { packagesOf } from '../build/debian.ts';
import { defaultPodImageName } from './build-pod-image.ts';
import { ownEntries, POD_TREE, podImageConfig, storageSettings } from './contents.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const assets = new BuildAssets(root, 'pod');

test('the image has an engine, a first process, and what nesting calls', async () => {
  const packages = await packagesOf(POD_TREE, assets);
  const called = ['podman', 'crun', 'netavark', 'aardvark-dns', 'catatonit', 'util-linux', 'squashfs-tools'];
  expect(packages).toEqual(expect.arrayContaining(called));
});

test('kinpod, its scripts and its settings lie where the first program looks for them', async () => {
  const entries = await ownEntries(assets, root, true);
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  for (const path of [
    '/usr/local/lib/kinpod/images/nested/nest.sh',
    '/usr/local/lib/kinpod/images/node/stop/stop.sh',
  ]) {
    expect(byPath.get(path)).toMatchObject({ type: 'file' });
  }
  expect(byPath.get('/usr/local/libexec/kinpod-pod')).toMatchObject({ mode: 0o755 });
  expect(byPath.get('/usr/local/bin/kinpod-ready')).toMatchObject({ mode: 0o755 });
  expect(byPath.get('/usr/local/lib/kinpod/images/engine/machine.sh')).toMatchObject({ type: 'file' });
  expect(byPath.get(`/usr/local/bin/${PRINT_NODE_IMAGE}`)).toMatchObject({ mode: 0o755 });
  expect(byPath.get('/etc/containers/containers.conf')).toMatchObject({ mode: 0o644 });
  expect(byPath.get('/usr/local/bin/kinpod')).toMatchObject({ target: '../lib/kinpod/dist/kinpod.js' });
  expect(podImageConfig('key', '1', undefined).Entrypoint).toEqual(['/usr/local/libexec/kinpod-pod']);
});

test('the store with the node image is added only where there is one: Podman refuses a missing one', () => {
  expect(storageSettings('[storage]\n', true)).toContain(
    'additionalimagestores = ["/usr/local/share/kinpod/node-image"]',
  );
  expect(storageSettings('[storage]\n', false)).toBe('[storage]\n');
});

test('what is deployed is the image of this version', async () => {
  for (const name of ['pod.yaml', 'pod-by-socket.yaml', 'statefulset.yaml', 'ci-job.yaml', 'kinpod.container']) {
    const text = await readFile(join(root, 'deploy', name), 'utf8');
    const images = [...text.matchAll(/(?:image: |Image=|FROM )(\S+)/g)].map(([, image]) => image);
    expect({ name, images: [...new Set(images)] }).toEqual({ name, images: [defaultPodImageName()] });
  }
});

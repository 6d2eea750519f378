import { describe, expect, test } from 'vitest';
import { importFlags, snapshotterOf, storedImages } from './containerd.ts';

describe('the snapshotter', () => {
  test.each([
    ['containerd 1.x', '[plugins."io.containerd.grpc.v1.cri".containerd]\nsnapshotter = "native"', 'native'],
    ['containerd 2.x', '[plugins."io.containerd.cri.v1.images"]\nsnapshotter = "overlayfs"', 'overlayfs'],
    ['containerd without CRI', 'version = 3', undefined],
  ])('is read from the configuration of %s', (_, config, expected) => {
    expect(snapshotterOf(config)).toBe(expected);
  });
});

test('an import takes only what the node can use, unless there is nothing else', () => {
  const flags = (everyPlatform: boolean, unnamed: boolean) => importFlags('overlayfs', { everyPlatform, unnamed });
  expect(flags(false, false)).toEqual(['--snapshotter=overlayfs']);
  expect(flags(true, true)).toEqual(['--all-platforms', '--digests', '--snapshotter=overlayfs']);
});

test('images are listed with their names and the digests that containerd knows them by', () => {
  const cri = JSON.stringify({
    images: [
      { id: 'sha256:a', repoTags: ['docker.io/library/app:1'], repoDigests: [] },
      { id: 'sha256:b', repoTags: [], repoDigests: ['example.com/app@sha256:m2'] },
    ],
  });
  const list = [
    'REF TYPE DIGEST SIZE PLATFORMS LABELS',
    'docker.io/library/app:1   application/vnd.oci.image.index.v1+json sha256:m1 1.9 MiB linux/amd64 x=y',
    'sha256:a                  application/vnd.oci.image.index.v1+json sha256:m1 1.9 MiB linux/amd64 x=y',
    '',
  ].join('\n');
  expect(storedImages(cri, list)).toEqual([
    { id: 'sha256:a', names: ['docker.io/library/app:1'], digests: ['sha256:m1'] },
    { id: 'sha256:b', names: ['example.com/app@sha256:m2'], digests: [] },
  ]);
  expect(storedImages('{}', '')).toEqual([]);
});

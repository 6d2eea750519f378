import { expect, test } from 'vitest';
import { lackOf } from './wanted.ts';

const stored = [
  { id: 'sha256:a', names: ['docker.io/library/app:1'], digests: ['sha256:manifest-a'] },
  { id: 'sha256:b', names: ['docker.io/library/app:2'], digests: [] },
];
const wanted = (id: string | undefined, ...names: string[]) => ({ label: 'app', id, names, platform: undefined });

test.each([
  ['that is there', wanted('sha256:a', 'docker.io/library/app:1'), { kind: 'nothing' }],
  ['that is meant by its ID', wanted('sha256:a'), { kind: 'nothing' }],
  [
    'whose engine calls the manifest its ID',
    wanted('sha256:manifest-a', 'docker.io/library/app:1'),
    { kind: 'nothing' },
  ],
  [
    'that is there under another name',
    wanted('sha256:a', 'docker.io/library/app:1', 'localhost/app:1'),
    { kind: 'names', id: 'sha256:a', names: ['localhost/app:1'] },
  ],
  ['whose name another image has', wanted('sha256:c', 'docker.io/library/app:1'), { kind: 'image' }],
  ['of which nothing is known but names', wanted(undefined, 'docker.io/library/app:1'), { kind: 'image' }],
])('an image %s', (_, image, lack) => {
  expect(lackOf(image, stored)).toEqual(lack);
});

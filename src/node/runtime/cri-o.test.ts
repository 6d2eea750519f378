import { expect, test } from 'vitest';
import { importedImages, storedImages } from './cri-o.ts';

test('an import tells by which digest an image came, where it came by one', () => {
  expect(importedImages('sha256:index sha256:a\n- sha256:b\n\n')).toEqual([['sha256:index', 'sha256:a']]);
});

test('images are listed with their names and every digest that they are known by', () => {
  const cri = JSON.stringify({
    images: [
      { id: 'a', repoTags: ['docker.io/library/app:1'], repoDigests: ['docker.io/library/app@sha256:m1'] },
      { id: 'sha256:b', repoTags: [], repoDigests: [] },
    ],
  });
  expect(storedImages(cri, new Map([['sha256:index', 'sha256:a']]))).toEqual([
    {
      id: 'sha256:a',
      names: ['docker.io/library/app:1', 'docker.io/library/app@sha256:m1'],
      digests: ['sha256:m1', 'sha256:index'],
    },
    { id: 'sha256:b', names: [], digests: [] },
  ]);
  expect(storedImages('{}', new Map())).toEqual([]);
});

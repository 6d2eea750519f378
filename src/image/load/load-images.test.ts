import { expect, test } from 'vitest';
import type { ContainerRuntime } from '../../node/runtime/container-runtime.ts';
import { IMAGE_STORES, type ImageStore, type LocalImage } from './image-store.ts';
import { plan } from './load-images.ts';
import type { Target } from './targets.ts';

const [docker, podman] = IMAGE_STORES as [ImageStore, ImageStore];
const image = (label: string, store = podman): LocalImage => ({
  label,
  store,
  references: [label],
  id: label,
  names: [label],
  platform: undefined,
  bytes: 1,
});
const target = (node: string): Target => ({ node, runtime: {} as ContainerRuntime, stored: [] });
const [a, b, c] = [image('a'), image('b'), image('c', docker)];
const [one, two, three] = [target('one'), target('two'), target('three')];

const shown = (lacks: Map<Target, LocalImage[]>) =>
  plan([a, b, c], lacks).map(
    ({ store, images, targets }) =>
      `${store.name}: ${images.map((i) => i.label).join(' ')} -> ${targets.map((t) => t.node).join(' ')}`,
  );

test('nodes that lack the same share a stream', () => {
  const lacks = new Map([
    [one, [a, b]],
    [two, [b, a]],
    [three, [b]],
  ]);
  expect(shown(lacks)).toEqual(['podman: a b -> one two', 'podman: b -> three']);
});

test('each engine writes its own images', () => {
  expect(shown(new Map([[one, [a, c]]]))).toEqual(['podman: a -> one', 'docker: c -> one']);
});

test('a node that lacks nothing gets nothing', () => {
  expect(shown(new Map([[one, []]]))).toEqual([]);
});

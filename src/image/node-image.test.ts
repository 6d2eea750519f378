import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KubernetesVersion } from '../kube/version.ts';
import { silent } from '../progress/progress.ts';
import type { Provider } from '../provider/provider.ts';
import { checkRuntime, ensureNodeImage, findNodeImage, KIND_NODE_IMAGE, loadBalancerImage } from './node-image.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'kinpod-image-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

interface Image {
  labels?: Record<string, string>;
  files?: Record<string, string>;
}

/** An engine with these images; `read` counts what was read out of them. */
function engineWith(images: Record<string, Image>) {
  const read = vi.fn();
  const provider = {
    findImage: async (reference: string) => {
      const image = images[reference];
      return image && { id: `sha256:${reference.replaceAll(/\W/g, '')}`, labels: image.labels ?? {}, command: [] };
    },
    readImageFile: async (reference: string, path: string) => {
      read(path);
      const text = images[reference]?.files?.[path];
      if (text === undefined) throw new Error(`no ${path}`);
      return text;
    },
  } as unknown as Provider;
  return { provider, read };
}

const own = 'localhost/kinpod-node:v1.36.3';
const labels = (runtime: string) => ({ 'dev.kinpod.kubernetes-version': 'v1.36.3', 'dev.kinpod.runtime': runtime });
const version = new KubernetesVersion('v1.36.3');

describe('what an image says of itself', () => {
  test('is read from the labels of own ones, and from no file', async () => {
    const { provider, read } = engineWith({ 'a:1': { labels: labels('cri-o') } });
    expect(await findNodeImage(provider, { requested: 'a:1', own })).toEqual({
      reference: 'a:1',
      version,
      runtime: 'cri-o',
      hasHaproxy: true,
    });
    expect(read).not.toHaveBeenCalled();
  });

  test.each([
    [
      'containerd, as kind’s have it',
      { '/etc/crictl.yaml': 'runtime-endpoint: unix:///run/containerd/containerd.sock' },
      'containerd',
    ],
    ['CRI-O', { '/etc/crictl.yaml': 'runtime-endpoint: unix:///var/run/crio/crio.sock' }, 'cri-o'],
    ['nothing, which is containerd', {}, 'containerd'],
  ])('is read from files, once, of others: %s', async (_, files, runtime) => {
    const { provider, read } = engineWith({ 'b:1': { files: { '/kind/version': 'v1.36.3\n', ...files } } });
    for (let n = 0; n < 2; n++) {
      const found = await findNodeImage(provider, { requested: 'b:1', own });
      expect({ ...found, version: found?.version.text }).toEqual({ reference: 'b:1', version: 'v1.36.3', runtime });
    }
    expect(read.mock.calls).toEqual([['/kind/version'], ['/etc/crictl.yaml']]);
  });
});

test('for CRI-O no image of kind’s is taken, from here or from a registry: they have none', async () => {
  const images: Record<string, Image> = { [KIND_NODE_IMAGE]: { labels: labels('containerd') } };
  const { provider } = engineWith(images);
  const build = vi.fn(async () => {
    images[own] = { labels: labels('cri-o') };
  });
  const options = { requested: undefined, own, progress: silent, build };
  expect(await ensureNodeImage(provider, { ...options, runtime: 'cri-o' })).toMatchObject({ reference: own });
  expect(build).toHaveBeenCalledOnce();
  delete images[own];
  expect(await ensureNodeImage(provider, options)).toMatchObject({ reference: KIND_NODE_IMAGE });
});

test('one that is nearer than a registry is brought, and else it goes on as without', async () => {
  const images: Record<string, Image> = {};
  const { provider } = engineWith(images);
  const bring = vi.fn(async (reference: string) => {
    images[reference] = { labels: labels('containerd') };
    return true;
  });
  const build = vi.fn(async () => {
    images[own] = { labels: labels('cri-o') };
  });
  const options = { requested: undefined, own, progress: silent, build };
  // What was got is not told once more.
  expect(await ensureNodeImage(provider, { ...options, bring })).toMatchObject({ reference: own, pulled: true });
  expect(bring).toHaveBeenCalledExactlyOnceWith(own);
  delete images[own];
  const none = vi.fn(async () => false);
  await ensureNodeImage(provider, { ...options, runtime: 'cri-o', bring: none });
  expect(build).toHaveBeenCalledOnce();
});

test('images with another runtime than the one that was asked for are refused', () => {
  const images = [
    { reference: 'a:1', version, runtime: 'cri-o' as const },
    { reference: 'b:1', version, runtime: 'containerd' as const },
  ];
  expect(() => checkRuntime(images, undefined)).not.toThrow();
  expect(() => checkRuntime(images, 'cri-o')).toThrow('nodes are to have CRI-O, and "b:1" has containerd');
});

describe('the load balancer gets', () => {
  const kinds = { reference: KIND_NODE_IMAGE, version, runtime: 'containerd' as const };

  test('the image of the first node whose image has HAProxy, and the engine is not asked again', async () => {
    const nodes = [kinds, { ...kinds, reference: 'a:1', hasHaproxy: true as const }];
    expect(await loadBalancerImage({} as Provider, nodes, own)).toBe('a:1');
  });

  test('the own image where the nodes have another, and none where that is not here', async () => {
    const { provider } = engineWith({ [own]: { labels: labels('containerd') } });
    expect(await loadBalancerImage(provider, [kinds], own)).toBe(own);
    const none = loadBalancerImage(engineWith({}).provider, [kinds], own);
    await expect(none).rejects.toMatchObject({ code: 'no-load-balancer' });
  });
});

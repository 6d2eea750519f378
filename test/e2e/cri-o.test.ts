import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { RUNTIMES } from '../../src/node/runtime/runtimes.ts';
import { allPodsReady, TestCluster, useHome } from '../support/cluster.ts';
import { footprint, traces } from '../support/engine-state.ts';
import { dockerArchive, makeImage } from '../support/image-archives.ts';
import { type Kind, prepareKind, whyNoKind } from '../support/kind.ts';
import { PREFIX, podman, removeTestObjects } from '../support/podman.ts';
import { NODE_IMAGES } from '../support/runtime.ts';
import { unless } from '../support/unless.ts';

// What nodes with CRI-O have in common with others is tested by the same tests: see the project e2e-cri-o.

const home = useHome();

describe('the container runtime is a property of the image', () => {
  const create = (...args: string[]) =>
    home.kinpod(['create', 'cluster', '--name', `${PREFIX}runtime`, '--dry-run', ...args]);

  test('the default image is one with the runtime that is asked for', async () => {
    const { exitCode, stdout } = await create('--runtime', 'cri-o', '--output', 'json');
    expect({ exitCode, image: JSON.parse(stdout).image }).toEqual({ exitCode: 0, image: NODE_IMAGES['cri-o'] });
  });

  test('an image with another one is refused, with what to do', async () => {
    const { exitCode, stderr } = await create('--runtime', 'cri-o', '--image', NODE_IMAGES.containerd);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`nodes are to have CRI-O, and "${NODE_IMAGES.containerd}" has containerd`);
    expect(stderr).toContain('kinpod build node-image --runtime cri-o');
  });

  test('so is one that contradicts the configuration', async () => {
    const config = await home.write('c.yaml', 'kind: Cluster\napiVersion: kinpod.dev/v1alpha1\nruntime: containerd\n');
    const { exitCode, stderr } = await create('--config', config, '--image', NODE_IMAGES['cri-o']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`nodes are to have containerd, and "${NODE_IMAGES['cri-o']}" has CRI-O`);
  });

  test('patches for containerd are said to mean nothing', async () => {
    const text = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\ncontainerdConfigPatches: ["version = 2"]\n';
    const { exitCode, stderr } = await create('--config', await home.write('p.yaml', text), '--runtime', 'cri-o');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('containerdConfigPatches mean nothing to nodes with CRI-O');
  });
});

describe("stock kind's cluster from the image with CRI-O", unless(await whyNoKind()), () => {
  const cluster = new TestCluster('kind-crio', home);
  let kind: Kind;

  beforeAll(async () => {
    kind = await prepareKind(home.path('.'), home.kubeconfig);
    const config = await home.write('kind-crio.yaml', withCriSocket(await readFile(kind.configPath, 'utf8')));
    const args = ['create', 'cluster', '--name', cluster.name, '--image', NODE_IMAGES['cri-o'], '--wait', '3m'];
    const { exitCode, stderr } = await kind.run([...args, '--config', config]);
    if (exitCode !== 0) throw new Error(`kind made no cluster:\n${stderr}`);
    await cluster.takeKubectl();
  });
  afterAll(async () => {
    await removeTestObjects(cluster.name);
    await kind?.dispose();
  });

  test('gets all its pods running, on CRI-O', async () => {
    await allPodsReady(cluster);
    const version = 'jsonpath={.items[0].status.nodeInfo.containerRuntimeVersion}';
    expect(await cluster.kubectl(['get', 'nodes', '-o', version])).toMatch(/^cri-o:\/\/1\./);
  });

  test('is given images by `kind load image-archive`, which pods can use', async () => {
    const [path = ''] = (await cluster.exec('find', '/kind/seed', '-name', 'busybox', '-type', 'f')).split('\n');
    await podman(['cp', `${cluster.node}:${path}`, home.path('busybox')]);
    const image = await makeImage(await readFile(home.path('busybox')), ['sleep', '3600'], "by kind's load");
    const name = `docker.io/library/${PREFIX}loaded:1`;
    await writeFile(home.path('loaded.tar'), await dockerArchive([{ name, image }]));
    const load = ['load', 'image-archive', home.path('loaded.tar'), '--name', cluster.name];
    const { exitCode, stderr } = await kind.run(load);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    await cluster.kubectl(['run', 'loaded', `--image=${PREFIX}loaded:1`, '--image-pull-policy=Never']);
    await cluster.waitFor('wait', '--for=condition=Ready', 'pod/loaded');
  });

  test('is found to have CRI-O by kinpod, which loads images in its own way', async () => {
    const { exitCode, stderr } = await cluster.kinpod(['load', 'image-archive', home.path('loaded.tar')]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toContain('found to be already present on all nodes');
  });

  test('is deleted by kinpod completely, with the volume that kind made for its node', async () => {
    const names = await footprint(cluster.name);
    const { exitCode, stderr } = await cluster.kinpod(['delete', 'cluster']);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await traces(names)).toEqual([]);
  });
});

/** kind's configuration with what makes kubeadm find CRI-O: https://kind.sigs.k8s.io/docs/user/configuration/#kubeadm-config-patches */
function withCriSocket(text: string): string {
  const config = parse(text);
  const registration = `nodeRegistration:\n  criSocket: ${RUNTIMES['cri-o'].socket}\n`;
  const patches = ['InitConfiguration', 'JoinConfiguration'].map((kind) => `kind: ${kind}\n${registration}`);
  return stringify({ ...config, kubeadmConfigPatches: [...config.kubeadmConfigPatches, ...patches] });
}

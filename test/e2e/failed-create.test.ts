import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, useHome } from '../support/cluster.ts';
import { added, engineState } from '../support/engine-state.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { changedImage, importedImage, podmanLines, removeTestObjects } from '../support/podman.ts';

const home = useHome();
const cluster = new TestCluster('bad', home);
const create = (...args: string[]) => home.kinpod(['create', 'cluster', '--name', cluster.name, ...args]);
let before: string[];

beforeAll(async () => {
  before = await engineState();
});
afterEach(() => removeTestObjects(cluster.name));
afterAll(() => removeTestObjects());

/** Nothing of a failed create may stay: neither with the engine nor in the kubeconfig. */
async function expectNothingLeft(): Promise<void> {
  // One network for all clusters, which stays.
  expect(added(before, await engineState()).filter((one) => one !== 'network kind')).toEqual([]);
  expect(await home.read('kubeconfig').catch(() => '')).not.toContain(cluster.name);
}

/** A script instead of a program of the node. */
const script = (path: string, text: string) => [{ path, content: `#!/bin/sh\n${text}\n`, mode: 0o755 }];

describe('a node that', () => {
  const images = {
    'does not boot': {
      files: script('/usr/local/bin/entrypoint', 'echo "the entrypoint gives up"; exit 3'),
      what: 'stopped while it booted',
      logs: ['the entrypoint gives up'],
    },
    'has a kubeadm that fails': {
      files: script('/usr/bin/kubeadm', 'echo "no certificates today" >&2; exit 4'),
      what: 'kubeadm could not write the files of the node',
      logs: ['no certificates today'],
    },
    'has a kubelet that fails': {
      files: script('/usr/bin/kubelet', 'echo "E0101 the kubelet has failed for a test" >&2; exit 5'),
      what: 'was not set up within',
      logs: ['the kubelet has failed for a test'],
    },
  } as const;

  test.each(Object.entries(images))('%s: says so with the log lines that matter, and goes', async (title, bad) => {
    const image = await changedImage(title.replaceAll(' ', '-'), NODE_IMAGE, bad.files);
    // The time limit of a boot, made short: what never comes need not be awaited for minutes.
    const { exitCode, stdout, stderr } = await create('--image', image, '--timeout-factor', '0.05');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^ ✗ Starting control-plane 🕹️$/m);
    expect(stderr).toMatch(/^ERROR: failed to create cluster: /m);
    for (const text of [bad.what, ...bad.logs]) expect(stderr).toContain(text);
    expect(stderr).toContain('--retain');
    await expectNothingLeft();
  });

  test('fails is kept with --retain, until the cluster is deleted', async () => {
    const image = await changedImage('retained', NODE_IMAGE, images['has a kubeadm that fails'].files);
    const { exitCode, stderr } = await create('--image', image, '--retain');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(cluster.name);
    const nodes = await podmanLines('ps', '--format', '{{.Names}}', '--filter', `name=^${cluster.node}$`);
    expect(nodes).toEqual([cluster.node]);
    await cluster.delete();
    await expectNothingLeft();
  });
});

test('of several nodes the one that failed is named, with its log lines, and all of them go', async () => {
  const config = `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
- role: worker
- role: worker
  kubeadmConfigPatches: ["kind: KubeletConfiguration\\nmaxPods: many"]
`;
  const { exitCode, stderr } = await create('--config', await home.write('bad-worker.yaml', config));
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^ ✗ Joining worker nodes 🚜$/m);
  expect(stderr).toContain(
    `ERROR: failed to create cluster: ${cluster.name}-worker2: kubeadm could not write the files`,
  );
  expect(stderr).toContain('maxPods');
  await expectNothingLeft();
});

describe('a create that cannot begin:', () => {
  test('an image that is not a node image', async () => {
    const image = await importedImage('no-node', [{ path: '/hello', content: 'hello\n' }]);
    const { exitCode, stderr } = await create('--image', image);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`"${image}" is not a node image: its /kind/version cannot be read`);
    await expectNothingLeft();
  });

  describe('a port in use', () => {
    let server: Server;
    let port = 0;
    beforeAll(async () => {
      server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      port = address !== null && typeof address === 'object' ? address.port : 0;
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    const settings = {
      apiServerPort: () => `networking: {apiServerPort: ${port}}`,
      hostPort: () =>
        'nodes: [{role: control-plane, extraPortMappings: ' +
        `[{containerPort: 80, hostPort: ${port}, listenAddress: 127.0.0.1}]}]`,
    };
    test.each(Object.entries(settings))('as %s', async (_, setting) => {
      const config = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n${setting()}\n`;
      const { exitCode, stderr } = await create('--config', await home.write('port.yaml', config));
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`127.0.0.1:${port}: the port is in use`);
      await expectNothingLeft();
    });
  });

  describe('a kubeconfig', () => {
    const files = {
      'that is broken': { text: 'clusters: [\n', says: /kubeconfig is not a valid kubeconfig\n.*kubeconfig:\d+:\d+: / },
      'that is not a kubeconfig': { text: '- one\n- two\n', says: /is not a valid kubeconfig/ },
    };
    test.each(Object.entries(files))('%s is left as it was', async (_, { text, says }) => {
      await home.write('kubeconfig', text);
      const { exitCode, stderr } = await create();
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(says);
      expect(await home.read('kubeconfig')).toBe(text);
      await expectNothingLeft();
    });

    test('that somebody else keeps locked is not written', async () => {
      await home.write('kubeconfig', '');
      const lock = await home.write('kubeconfig.lock', '');
      const { exitCode, stderr } = await create();
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`rm ${lock}`);
      expect(await home.read('kubeconfig')).toBe('');
      await expectNothingLeft();
    });

    test('in a place where no file can be', async () => {
      const inFile = `${await home.write('file', '')}/kubeconfig`;
      const { exitCode, stderr } = await create('--kubeconfig', inFile);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`--kubeconfig`);
      await expectNothingLeft();
    });
  });
});

import { describe, expect, test, vi } from 'vitest';
import { KinpodError } from '../errors/kinpod-error.ts';
import type { Library } from './command.ts';
import { commands } from './commands.ts';
import { runMain } from './testing/run-main.ts';

describe('get', () => {
  const node = { name: 'x-worker', cluster: 'x', role: 'worker', running: true, labels: {} } as const;

  test('clusters: one name a line, kind’s words where there are none', async () => {
    const getClusters = vi.fn<Library['getClusters']>(async () => ['a', 'b']);
    const library = { getClusters };
    expect(await runMain(['get', 'clusters'], { library })).toEqual({ code: 0, stdout: 'a\nb\n', stderr: '' });
    expect(JSON.parse((await runMain(['get', 'clusters', '-o', 'json'], { library })).stdout)).toEqual(['a', 'b']);
    getClusters.mockResolvedValue([]);
    expect(await runMain(['get', 'clusters'], { library })).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No kind clusters found.\n',
    });
    expect((await runMain(['get', 'clusters', '-o', 'json'], { library })).stdout).toBe('[]\n');
  });

  test('nodes: of one cluster or of all', async () => {
    const getNodes = vi.fn<Library['getNodes']>(async () => [node]);
    const library = { getNodes };
    expect(await runMain(['get', 'nodes', '--name', 'x'], { library })).toEqual({
      code: 0,
      stdout: 'x-worker\n',
      stderr: '',
    });
    expect(getNodes).toHaveBeenLastCalledWith('x', expect.anything());
    await runMain(['get', 'nodes', '-A'], { library });
    expect(getNodes).toHaveBeenLastCalledWith(undefined, expect.anything());
    getNodes.mockResolvedValue([]);
    expect((await runMain(['get', 'nodes'], { library })).stderr).toBe('No kind nodes found for cluster "kind".\n');
    expect((await runMain(['get', 'nodes', '-A'], { library })).stderr).toBe('No kind nodes for any cluster.\n');
  });

  test('kubeconfig: its keys are data, and not taken out', async () => {
    const library = { getKubeconfig: async () => 'users:\n- client-key-data: c2VjcmV0\n' };
    const { stdout } = await runMain(['get', 'kubeconfig'], { library });
    expect(stdout).toBe('users:\n- client-key-data: c2VjcmV0\n');
  });
});

test('export kubeconfig says which context is set', async () => {
  const exportKubeconfig = vi.fn<Library['exportKubeconfig']>(async () => ({ path: '/k', context: 'kind-x' }));
  const argv = ['export', 'kubeconfig', '--name', 'x', '--internal', '--kubeconfig', '/k'];
  expect(await runMain(argv, { library: { exportKubeconfig } })).toEqual({
    code: 0,
    stdout: '',
    stderr: 'Set kubectl context to "kind-x"\n',
  });
  expect(exportKubeconfig).toHaveBeenLastCalledWith('x', expect.objectContaining({ internal: true, kubeconfig: '/k' }));
});

test('kubectl: arguments and exit code are passed on', async () => {
  const kubectl = vi.fn<Library['kubectl']>(async () => 3);
  const { code } = await runMain(['kubectl', '--name', 'x', '--', 'get', 'pods', '-q'], { library: { kubectl } });
  expect(code).toBe(3);
  expect(kubectl).toHaveBeenLastCalledWith('x', ['get', 'pods', '-q'], expect.anything());
});

test('quickstart ends with what to try next', async () => {
  const result = { cluster: 'x', found: { image: true, cluster: true, workload: true }, answer: 'hello-1', seconds: 2 };
  const quickstart = vi.fn<Library['quickstart']>(async () => result);
  const library = { quickstart, renderQuickstart: () => 'Try next' };
  expect(await runMain(['quickstart', '--yes', '--name', 'x'], { library })).toMatchObject({
    code: 0,
    stdout: 'Try next\n',
  });
  expect(quickstart).toHaveBeenLastCalledWith(expect.objectContaining({ name: 'x', confirm: undefined }));
});

test('build node-image prints the name of the image', async () => {
  const built = { image: 'localhost/x:v1', id: 'i', cached: true, kubernetesVersion: 'v1.35.4', seconds: 1 };
  const buildNodeImage = vi.fn<Library['buildNodeImage']>(async () => built);
  const argv = [
    'build',
    'node-image',
    '--k8s-version',
    '1.35.4',
    '--image',
    'localhost/x:v1',
    '--image-store',
    'packed',
  ];
  expect(await runMain(argv, { library: { buildNodeImage } })).toEqual({
    code: 0,
    stdout: 'localhost/x:v1\n',
    stderr: '',
  });
  expect(buildNodeImage).toHaveBeenLastCalledWith(
    expect.objectContaining({ kubernetesVersion: '1.35.4', image: 'localhost/x:v1', imageStore: 'packed' }),
  );
  expect(JSON.parse((await runMain([...argv, '-o', 'json'], { library: { buildNodeImage } })).stdout)).toEqual(built);
});

describe('proxy', () => {
  test('says where it listens, and passes on what it is asked for', async () => {
    const proxy = vi.fn<Library['proxy']>(async (_, options) => options.onListening?.('https://127.0.0.1:36443'));
    const { code, stderr } = await runMain(['proxy', '--name', 'ci', '--port', '36443'], { library: { proxy } });
    expect([code, stderr]).toEqual([0, 'Forwarding https://127.0.0.1:36443\n']);
    expect(proxy).toHaveBeenCalledWith('ci', expect.objectContaining({ port: 36443 }));
  });
});

describe('load', () => {
  const loaded = { loaded: { 'kind-control-plane': ['app:1'] } };
  const loadImages = vi.fn<Library['loadImages']>(async () => loaded);
  const loadArchives = vi.fn<Library['loadArchives']>(async () => loaded);
  const library = { loadImages, loadArchives };

  test('docker-image passes on images, cluster and nodes, and prints nothing but JSON', async () => {
    const argv = ['load', 'docker-image', 'app:1', 'db:7', '-n', 'ci', '--nodes', 'a,b'];
    expect(await runMain(argv, { library })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(loadImages).toHaveBeenLastCalledWith(
      'ci',
      ['app:1', 'db:7'],
      expect.objectContaining({ nodes: ['a', 'b'] }),
    );
    expect(JSON.parse((await runMain([...argv, '-o', 'json'], { library })).stdout)).toEqual(loaded.loaded);
  });

  test('image-archive passes stdin on', async () => {
    expect((await runMain(['load', 'image-archive', '-'], { library })).code).toBe(0);
    const stdin = expect.objectContaining({ readable: true });
    expect(loadArchives).toHaveBeenLastCalledWith('kind', ['-'], expect.objectContaining({ nodes: [], stdin }));
  });

  test.each([
    ['docker-image', 'a list of image names is required'],
    ['image-archive', 'name of image archive is required'],
  ])("%s without an argument says what is missing in kind's words", async (noun, message) => {
    const { code, stderr } = await runMain(['load', noun], { library });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`ERROR: ${message}\n`) });
  });
});

test('export logs: the directory is data, and printed before the work begins', async () => {
  const exportLogs = vi.fn<Library['exportLogs']>(async (_name, options) => {
    options?.onDirectory?.('/tmp/logs');
    throw new KinpodError('the engine is gone', { code: 'engine-failed' });
  });
  const { code, stdout } = await runMain(['export', 'logs', './logs'], { library: { exportLogs } });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '/tmp/logs\n' });
  expect(exportLogs).toHaveBeenLastCalledWith('kind', expect.objectContaining({ dir: './logs' }));
});

test('version: all of it, alone with -q, as JSON', async () => {
  const library = { version: () => ({ version: '1.2.3' }) };
  expect((await runMain(['version'], { library })).stdout).toMatch(/^kinpod v1\.2\.3 nodev\d+\S+ \w+\/\w+\n$/);
  expect((await runMain(['-q', 'version'], { library })).stdout).toBe('1.2.3\n');
  expect(JSON.parse((await runMain(['version', '-o', 'json'], { library })).stdout)).toMatchObject({
    version: '1.2.3',
  });
});

test('the provider comes from the environment', async () => {
  const getClusters = vi.fn<Library['getClusters']>(async () => ['a']);
  await runMain(['get', 'clusters'], { library: { getClusters }, env: { KIND_EXPERIMENTAL_PROVIDER: 'podman' } });
  expect(getClusters).toHaveBeenLastCalledWith(expect.objectContaining({ provider: 'podman' }));
});

test.each(commands.map((one) => [one.path.join(' '), one] as const))(
  '%s has examples that parse',
  async (_path, command) => {
    const { parse } = await import('./parse.ts');
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) {
      const [first = ''] = example.split(/ [|<>] /);
      const request = parse(commands, first.split(' ').slice(1), {}, '1');
      expect(request).toMatchObject({ kind: 'run', command });
    }
  },
);

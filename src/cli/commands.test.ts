import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KinpodError } from '../errors/kinpod-error.ts';
import type { CheckReport, FixReport, Mendable } from '../index.ts';
import type { Library } from './command.ts';
import { commands } from './commands.ts';
import { runMain } from './testing/run-main.ts';

const created = {
  name: 'ci',
  image: 'localhost/kinpod-node:v1',
  nodes: ['ci-control-plane'],
  kubeconfigPath: '/k',
  context: 'kind-ci',
  server: 'https://127.0.0.1:36443',
  seconds: 5.1,
};

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-cli-'));
  await writeFile(join(dir, 'cluster.yaml'), 'kind: Cluster\n');
  await writeFile(join(dir, 'kubectl'), '', { mode: 0o755 });
});
afterAll(() => rm(dir, { recursive: true }));

describe('create cluster', () => {
  const createCluster = vi.fn<Library['createCluster']>(async () => created);
  const create = (argv: string[], options = {}) =>
    runMain(['create', 'cluster', ...argv], { env: { PATH: dir }, library: { createCluster }, ...options });

  test('ends with what kind says', async () => {
    expect(await create([])).toEqual({
      code: 0,
      stdout: '',
      stderr:
        'Set kubectl context to "kind-ci"\nYou can now use your cluster with:\n\nkubectl cluster-info --context kind-ci\n',
    });
  });

  test('says what keeps the port of a cluster in Pods open, and how to open it again', async () => {
    const { stderr } = await create(['--provider', 'kubernetes']);
    expect(stderr).toContain('https://127.0.0.1:36443 is kept open by a process in the background');
    expect(stderr).toContain('kinpod export kubeconfig --provider kubernetes --name ci\n');
  });

  test('names the kubeconfig where it is not the usual one', async () => {
    const { stderr } = await create(['--kubeconfig', '/tmp/my config']);
    expect(stderr).toContain("kubectl cluster-info --context kind-ci --kubeconfig '/tmp/my config'\n");
  });

  test('says how to go on where there is no kubectl', async () => {
    const { stderr } = await create([], { env: { PATH: '/nonexistent' } });
    expect(stderr).toContain('kinpod kubectl --name ci -- get nodes\n');
  });

  test('passes the flags on', async () => {
    const flags = [
      '--image',
      'i',
      '--retain',
      '--wait',
      '2m',
      '--timeout-factor',
      '3',
      '--config',
      join(dir, 'cluster.yaml'),
    ];
    await create(['my', ...flags]);
    expect(createCluster).toHaveBeenLastCalledWith(
      expect.objectContaining({
        name: 'my',
        image: 'i',
        retain: true,
        waitMs: 120_000,
        timeoutFactor: 3,
        config: { text: Buffer.from('kind: Cluster\n'), path: join(dir, 'cluster.yaml') },
      }),
    );
  });

  test('reads the configuration from stdin', async () => {
    await create(['--config', '-'], { stdin: 'name: x\n' });
    expect(createCluster).toHaveBeenLastCalledWith(
      expect.objectContaining({ config: { text: Buffer.from('name: x\n'), path: '<stdin>' } }),
    );
  });

  test('a configuration file that is missing is named, and nothing is done', async () => {
    createCluster.mockClear();
    const outcome = await create(['--config', '/nonexistent.yaml']);
    expect(outcome).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'ERROR: failed to create cluster: cannot read the configuration /nonexistent.yaml: there is no such file\n',
    });
    expect((await create(['--config', dir])).stderr).toMatch(
      /^ERROR: failed to create cluster: cannot read the configuration .*EISDIR/,
    );
    expect(createCluster).not.toHaveBeenCalled();
  });

  test('a failure begins as kind’s does', async () => {
    const inUse = new KinpodError('node(s) already exist for a cluster with the name "ci"', { code: 'name-in-use' });
    const { code, stderr } = await create([], { library: { createCluster: () => Promise.reject(inUse) } });
    expect(code).toBe(1);
    expect(stderr).toBe('ERROR: failed to create cluster: node(s) already exist for a cluster with the name "ci"\n');
  });

  test('a dry run prints the plan as data', async () => {
    const plan = async () => ({ ...created, plan: '1. network' });
    expect(await create(['--dry-run'], { library: { createCluster: plan } })).toMatchObject({
      stdout: '1. network\n',
      stderr: '',
    });
  });

  test('-o json prints what was made', async () => {
    expect(JSON.parse((await create(['-o', 'json'])).stdout)).toEqual(created);
  });
});

describe('delete', () => {
  const library = {
    deleteCluster: vi.fn<Library['deleteCluster']>(async (name, options) => {
      const nodes = ['x-control-plane', 'x-worker'];
      options?.onDeleted?.(name, nodes, undefined);
      return { nodes };
    }),
    deleteClusters: vi.fn<Library['deleteClusters']>(async () => ({ clusters: ['a', 'b'], failures: [] })),
  };

  test('a cluster: says what it does and which nodes are gone', async () => {
    const { code, stderr, stdout } = await runMain(['delete', 'cluster', '--name', 'x'], { library });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Deleting cluster "x" ...\nDeleted nodes: ["x-control-plane" "x-worker"]\n',
    });
    expect(library.deleteCluster).toHaveBeenLastCalledWith('x', expect.objectContaining({ kubeconfig: undefined }));
  });

  test('a cluster that is not there is no failure', async () => {
    const deleteCluster = async () => ({ nodes: [] });
    expect(await runMain(['delete', 'cluster'], { library: { deleteCluster } })).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Deleting cluster "kind" ...\n',
    });
  });

  test.each([
    ['none', 'Deleted nodes: ["n"]\nERROR: failed to delete cluster "kind": it is broken\n'],
    [
      'kind',
      'failed to update kubeconfig: yaml: it\nDeleted nodes: ["n"]\nERROR: failed to delete cluster "kind": yaml: it\n',
    ],
  ])(
    'a cluster whose kubeconfig keeps its entry: the nodes are told of all the same (--compat %s)',
    async (compat, told) => {
      const error = new KinpodError('it is broken', { code: 'x', kindMessage: 'yaml: it' });
      const deleteCluster: Library['deleteCluster'] = async (name, options) => {
        options?.onDeleted?.(name, ['n'], error);
        throw error;
      };
      const argv = ['--compat', compat, 'delete', 'cluster'];
      expect(await runMain(argv, { library: { deleteCluster } })).toMatchObject({
        code: 1,
        stderr: `Deleting cluster "kind" ...\n${told}`,
      });
    },
  );

  test('several clusters, or all', async () => {
    const { stderr } = await runMain(['delete', 'clusters', 'a', 'b'], { library });
    expect(stderr).toBe('Deleted clusters: ["a" "b"]\n');
    expect(library.deleteClusters).toHaveBeenLastCalledWith(['a', 'b'], expect.anything());
    await runMain(['delete', 'clusters', '-A'], { library });
    expect(library.deleteClusters).toHaveBeenLastCalledWith('all', expect.anything());
    expect((await runMain(['delete', 'clusters'], { library })).stderr).toMatch(/^ERROR: no cluster names provided\n/);
  });

  test('one that cannot be deleted is told and fails the command, the others are deleted', async () => {
    const failure = { name: 'a', error: new KinpodError('it is stuck', { code: 'x', hint: 'shake it' }) };
    const deleteClusters = async () => ({ clusters: ['b'], failures: [failure] });
    const told = 'failed to delete cluster "a": it is stuck\nDeleted clusters: ["b"]\n';
    const argv = ['delete', 'clusters', 'a', 'b'];
    expect(await runMain(argv, { library: { deleteClusters } })).toMatchObject({
      code: 1,
      stderr: `${told}ERROR: failed to delete cluster "a": it is stuck\n  do:  shake it\n`,
    });
    expect(await runMain(['--compat', 'kind', ...argv], { library: { deleteClusters } })).toMatchObject({
      code: 0,
      stderr: told,
    });
  });
});

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

describe('check', () => {
  const finding = { id: 'inotify', title: 'inotify limits', scope: 'run', status: 'warning', reason: 'few' } as const;
  const fix = { commands: [{ argv: ['sysctl', '-w', 'a=b'], asRoot: true }], text: 'sysctl -w a=b' };
  const report = { ok: false, provider: 'podman', results: [{ ...finding, fix }] } as unknown as CheckReport;
  const mended = { ...report, ok: true, results: [], attempts: [] } as unknown as FixReport;
  const library = {
    renderReport: () => 'the report',
    checkHost: vi.fn<Library['checkHost']>(async () => report),
    fixHost: vi.fn<Library['fixHost']>(async (found, options) => {
      await options?.confirm?.(found.results[0] as Mendable);
      return mended;
    }),
  };

  test('prints the report as data; the exit code is 1 where something is wrong', async () => {
    expect(await runMain(['check', '-q', '--for', 'run'], { library })).toEqual({
      code: 1,
      stdout: 'the report\n',
      stderr: '',
    });
    expect(library.checkHost).toHaveBeenLastCalledWith(expect.objectContaining({ scope: 'run' }));
    expect(JSON.parse((await runMain(['check', '-o', 'json'], { library })).stdout)).toMatchObject({ ok: false });
  });

  test('looks at a cluster instead where nodes are to be Pods of it', async () => {
    const checkOuterCluster = vi.fn(async () => ({ ...report, ok: true }) as never);
    const argv = ['check', '--provider', 'kubernetes', '--context', 'c', '--namespace', 'n', '--image', 'i', '-q'];
    expect(await runMain(argv, { library: { ...library, checkOuterCluster } })).toMatchObject({
      code: 0,
      stdout: 'the report\n',
    });
    expect(checkOuterCluster).toHaveBeenCalledWith(
      expect.objectContaining({ context: 'c', namespace: 'n', image: 'i' }),
    );
  });

  test('--fix --yes mends without asking, and reports what is then', async () => {
    expect(await runMain(['check', '--fix', '--yes', '-q'], { library })).toMatchObject({ code: 0 });
    expect(library.fixHost).toHaveBeenLastCalledWith(report, expect.objectContaining({ confirm: undefined }));
  });

  test('--fix asks, and where nobody can be asked it says how to agree', async () => {
    const { code, stderr } = await runMain(['check', '--fix'], { library });
    expect(code).toBe(1);
    expect(stderr).toContain('inotify limits: few\n');
    expect(stderr).toContain('sysctl -w a=b');
    expect(stderr).toContain('give --yes');
  });
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

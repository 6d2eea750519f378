import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KinpodError } from '../../../errors/kinpod-error.ts';
import type { Library } from '../../command.ts';
import { runMain } from '../../testing/run-main.ts';

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

import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RunResult } from '../../src/exec/run.ts';
import { CalledAsKind, withoutKindsOwn } from '../support/called-as-kind.ts';
import { TestCluster, useHome } from '../support/cluster.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { type Kind, prepareKind, whyNoKind } from '../support/kind.ts';
import { podman, removeTestObjects } from '../support/podman.ts';
import { unless } from '../support/unless.ts';

const reason = await whyNoKind();
const home = useHome();
const cluster = new TestCluster('as-kind', home);
let kind: Kind;
let kinpod: CalledAsKind;

beforeAll(async () => {
  kinpod = await CalledAsKind.make(home);
  if (reason === undefined) kind = await prepareKind(home.path('.'), home.kubeconfig);
});
afterAll(async () => {
  await removeTestObjects(cluster.name);
  await podman(['network', 'rm', '--force', cluster.name]);
  await kind?.dispose();
});

/** The names of commands and the left columns of flags in a help page, with the lines below `Usage:`. */
function shape(help: string): { usage: string[]; commands: string[]; flags: string[] } {
  const section = (title: string) => new RegExp(`^${title}:\n((?: .*\n?)*)`, 'm').exec(help)?.[1]?.split('\n') ?? [];
  const left = (title: string) => section(title).flatMap((line) => /^ +(.+?)(?: {2,}|$)/.exec(line)?.[1] ?? []);
  return {
    usage: section('Usage').filter(Boolean),
    // The longest name is one space away from its text.
    commands: left('Available Commands').map((line) => line.split(' ')[0] ?? ''),
    flags: [...left('Flags'), '/', ...left('Global Flags')],
  };
}

describe('the command line', unless(reason), () => {
  const pages = [
    [],
    ...['build', 'completion', 'create', 'delete', 'export', 'get', 'load'].map((word) => [word]),
    ...['create cluster', 'delete cluster', 'delete clusters', 'get clusters', 'get nodes', 'get kubeconfig'].map(
      (two) => two.split(' '),
    ),
    ...['export kubeconfig', 'export logs', 'load docker-image', 'load image-archive', 'version'].map((two) =>
      two.split(' '),
    ),
    ...['build node-image', 'completion bash', 'completion powershell'].map((two) => two.split(' ')),
  ];
  test.each(pages.map((path) => [path.join(' '), path] as const))('kind %s --help', async (_, path) => {
    const [oracle, own] = await Promise.all([kind.run([...path, '--help']), kinpod.run([...path, '--help'])]);
    expect(own.exitCode).toBe(oracle.exitCode);
    expect(shape(own.stdout)).toEqual(shape(oracle.stdout));
    expect(own.stdout).not.toContain('kinpod');
    expect((await kinpod.run(['help', ...path])).stdout).toBe(own.stdout);
  });

  test('the version is where programs look for it, and says who answers', async () => {
    const [oracle, own] = await Promise.all([kind.run(['version']), kinpod.run(['version'])]);
    const [name, version, , platform] = oracle.stdout.split(' ');
    expect(own.stdout.split(' ')).toEqual([name, version, expect.stringMatching(/^kinpod-v\d/), platform]);
    for (const args of [['version', '-q'], ['-q', 'version'], ['--version']]) {
      expect((await kinpod.run(args)).stdout).toBe((await kind.run(args)).stdout);
    }
  });
});

describe('a cluster that is asked for through the environment and stdin', () => {
  let created: RunResult;
  /** A proxy that never answers: whatever asks it for something inside the cluster fails. */
  const DEAD = 'http://127.0.0.1:9';
  const env = {
    KIND_CLUSTER_NAME: cluster.name,
    KINPOD_EXPERIMENTAL_PODMAN_NETWORK: cluster.name,
    KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER: 'overlayfs',
    HTTP_PROXY: DEAD,
    https_proxy: DEAD,
    no_proxy: 'example.com',
  };
  const config = [
    'kind: Cluster',
    'apiVersion: kind.x-k8s.io/v1alpha4',
    'networking:',
    '  dnsSearch: [one.example, two.example]',
    'nodes:',
    `- image: ${NODE_IMAGE}`,
  ].join('\n');

  beforeAll(async () => {
    created = await kinpod.run(['create', 'cluster', '--wait', '3m', '--config', '-'], { env, input: config });
    if (created.exitCode !== 0) throw new Error(`no cluster:\n${created.stderr}`);
  });

  test('is announced as kind does it', () => {
    expect(created.stdout).toBe('');
    const lines = created.stderr.split('\n').map((line) => line.replace(/Ready after \d+s/, 'Ready after Ns'));
    const steps = [
      `Ensuring node image (${NODE_IMAGE}) 🖼️`,
      'Preparing nodes 📦 ',
      'Writing configuration 📜',
      'Starting control-plane 🕹️',
      'Installing CNI 🔌',
      'Installing StorageClass 💾',
      'Waiting ≤ 3m0s for control-plane = Ready ⏳',
    ];
    expect(lines.filter((line) => !line.startsWith('Host: '))).toEqual([
      `Creating cluster "${cluster.name}" ...`,
      ...steps.flatMap((step) => [` • ${step}  ...`, ` ✓ ${step}`]),
      ' • Ready after Ns 💚',
      `Set kubectl context to "kind-${cluster.name}"`,
      'You can now use your cluster with:',
      '',
      `kubectl cluster-info --context kind-${cluster.name}`,
    ]);
  });

  test('has the proxies in its node, for every service, with all that is inside the cluster exempt', async () => {
    const own = Object.fromEntries((await cluster.exec('env')).split('\n').map((line) => line.split('=', 2)));
    const subnets = JSON.parse(await podman(['network', 'inspect', cluster.name]))[0].subnets as { subnet: string }[];
    const exempt = [
      ...['example.com', '10.96.0.0/16', '10.244.0.0/16', ...subnets.map(({ subnet }) => subnet), cluster.node],
      ...['.svc', '.svc.cluster', '.svc.cluster.local'],
    ].join(',');
    expect(own).toMatchObject({ HTTP_PROXY: DEAD, http_proxy: DEAD, HTTPS_PROXY: DEAD, https_proxy: DEAD });
    expect(own).toMatchObject({ NO_PROXY: exempt, no_proxy: exempt });
    const ofContainerd = await cluster.exec('sh', '-c', 'tr "\\0" "\\n" <"/proc/$(pidof containerd)/environ"');
    expect(ofContainerd.split('\n')).toEqual(expect.arrayContaining([`HTTPS_PROXY=${DEAD}`, `NO_PROXY=${exempt}`]));
  });

  test('has the search domains, the snapshotter and the network that were asked for', async () => {
    expect(await cluster.exec('cat', '/etc/resolv.conf')).toMatch(/^search one\.example two\.example$/m);
    expect(await cluster.exec('printenv', 'KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER')).toMatch(/^overlayfs\n?$/);
    const networks = await podman(['inspect', '--format', '{{json .NetworkSettings.Networks}}', cluster.node]);
    expect(Object.keys(JSON.parse(networks))).toEqual([cluster.name]);
  });

  test('a name from the environment stands in for --name in every command', async () => {
    expect((await kinpod.run(['get', 'nodes'], { env })).stdout).toBe(cluster.node);
    expect((await home.kinpod(['get', 'nodes'], { env: { KINPOD_CLUSTER_NAME: cluster.name } })).stdout).toBe(
      cluster.node,
    );
  });

  test('JSON is for scripts', async () => {
    const json = async (...args: string[]) => JSON.parse((await home.kinpod([...args, '-o', 'json'])).stdout);
    expect(await json('get', 'clusters')).toContain(cluster.name);
    expect(await json('get', 'nodes', '--name', cluster.name)).toMatchObject([
      { name: cluster.node, cluster: cluster.name, role: 'control-plane', running: true },
    ]);
  });

  test('with -v it is told which programs are run, and what they print', async () => {
    const told = async (level: string) =>
      (await home.kinpod(['get', 'nodes', '-v', level, '--name', cluster.name])).stderr;
    expect(await told('1')).not.toContain('ran podman');
    expect(await told('2')).toMatch(/^DEBUG: ran podman ps .* \(\d+\.\d\ds, exit code 0\)$/m);
    expect(await told('3')).toContain(cluster.node);
  });

  test('a shell is offered its name', async () => {
    const words = ['__complete', 'delete', 'cluster', '--name', cluster.name.slice(0, -2)];
    expect((await home.kinpod(words)).stdout).toBe(`${cluster.name}\n:4`);
    expect((await kinpod.run(['__complete', 'get', 'nodes', '--name='])).stdout.split('\n')).toContain(cluster.name);
  });

  test('a node that it has not is refused in the words of kind, which asks Docker for the image first', async () => {
    const load = ['load', 'docker-image', '--name', cluster.name, '--nodes', 'nobody', NODE_IMAGE];
    expect(await kinpod.run(load)).toEqual({ exitCode: 1, stdout: '', stderr: 'ERROR: unknown node: "nobody"' });
  });

  describe('beside kind', unless(reason), () => {
    test.each([
      ['get clusters'],
      [`get nodes --name ${cluster.name}`],
      ['get nodes -A'],
      [`get kubeconfig --name ${cluster.name}`],
      [`get kubeconfig --internal -n ${cluster.name}`],
      [`create cluster --name ${cluster.name}`],
      [`load docker-image --name ${cluster.name} localhost/kpt-e2e-none:1`],
      [`load image-archive --name ${cluster.name} --nodes nobody /etc/hostname`],
      [`-q get nodes --name ${cluster.name}`],
    ])('kind %s', async (line) => {
      const [oracle, own] = [await kind.run(line.split(' ')), await kinpod.run(line.split(' '))];
      expect({ ...own, stdout: own.stdout.trim() }).toEqual({
        exitCode: oracle.exitCode,
        stderr: withoutKindsOwn(oracle.stderr),
        stdout: oracle.stdout.trim(),
      });
    });

    test.each([
      ['is broken', async (path: string) => writeFile(path, 'clusters: [\n')],
      ['is a directory', async (path: string) => void (await mkdir(path))],
      ['is locked', async (path: string) => writeFile(`${path}.lock`, '')],
    ])('kind export kubeconfig to a file that %s', { timeout: 60_000 }, async (what, prepare) => {
      const path = home.path(`kubeconfig that ${what}`);
      await prepare(path);
      const args = ['export', 'kubeconfig', '--name', cluster.name, '--kubeconfig', path];
      const [oracle, own] = [await kind.run(args), await kinpod.run(args)];
      expect(oracle.exitCode).toBe(1);
      expect(own).toEqual({ ...oracle, stderr: withoutKindsOwn(oracle.stderr) });
      if (what === 'is locked') return;
      // kind says the same where it has created a cluster, which stays; kinpod before it does.
      const create = ['create', 'cluster', '--name', `${cluster.name}-2`, '--kubeconfig', path];
      const [, words] = withoutKindsOwn(oracle.stderr).split('ERROR: ');
      expect(await kinpod.run(create)).toEqual({ ...oracle, stderr: `ERROR: failed to create cluster: ${words}` });
      expect((await home.kinpod(['get', 'clusters'])).stdout.split('\n')).not.toContain(`${cluster.name}-2`);
    });

    test.each([[[]], [['--internal']]])('kind export kubeconfig %j', async (flags: string[]) => {
      const exported = async (program: Pick<Kind, 'run'> | CalledAsKind, file: string) => {
        const args = ['export', 'kubeconfig', '--name', cluster.name, '--kubeconfig', home.path(file), ...flags];
        const { exitCode, stderr } = await program.run(args);
        return { exitCode, stderr: withoutKindsOwn(stderr), file: parse(await home.read(file)) };
      };
      expect(await exported(kinpod, `own${flags}`)).toEqual(await exported(kind, `kinds${flags}`));
    });
  });

  test('is deleted with others that are not there', async () => {
    const deleted = await kinpod.run(['delete', 'clusters', cluster.name, 'kpt-e2e-none']);
    expect(deleted).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `Deleted nodes: ["${cluster.node}"]\nDeleted clusters: ["${cluster.name}" "kpt-e2e-none"]`,
    });
  });
});

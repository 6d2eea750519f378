import { spawn } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { cheapFacts, realHost } from '../../src/check/index.ts';
import { onPath } from '../../src/exec/on-path.ts';
import { run } from '../../src/exec/run.ts';
import { defaultPodImageName } from '../../src/image/pod/build-pod-image.ts';
import { ulimitArgs } from '../../src/provider/container/engine.ts';
import { CLUSTER_LABEL, ROLE_LABEL } from '../../src/provider/labels.ts';
import { type TestHome, useHome } from '../support/cluster.ts';
import { TestDocker } from '../support/docker-daemon.ts';
import { footprint, traces } from '../support/engine-state.ts';
import { eventually } from '../support/eventually.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { importedImage, PREFIX, podman, removeTestObjects } from '../support/podman.ts';
import { usePodmanService } from '../support/podman-service.ts';
import { SocketContainer } from '../support/socket-container.ts';
import { unless } from '../support/unless.ts';

const IMAGE = defaultPodImageName();
const noImage = (await onPath('mmdebstrap', process.env)) ? undefined : 'mmdebstrap is not installed';
const noDocker = noImage ?? (await TestDocker.whyNot());

/** What a kubeconfig says of its one cluster. */
const clusterOf = (kubeconfig: string): { server: string; [field: string]: string } =>
  parse(kubeconfig).clusters[0].cluster;

/** Podman's service keeps the process of each `exec` for five minutes, whatever becomes of the container (exit_command_delay). */
const tracesOf = async (names: readonly string[]): Promise<string[]> =>
  (await traces(names)).filter((one) => !one.startsWith('processes: '));

/** The pod image, and its kubectl for this machine. */
async function prepare(home: TestHome): Promise<void> {
  const built = await home.kinpod(['build', 'pod-image', '--provider', 'podman'], { timeoutMs: 500_000 });
  expect(built, built.stderr).toMatchObject({ exitCode: 0, stdout: IMAGE });
  const stopped = await podman(['create', IMAGE]);
  try {
    await podman(['cp', `${stopped}:/usr/local/bin/kubectl`, home.path('kubectl')]);
  } finally {
    await podman(['rm', stopped]);
  }
  await chmod(home.path('kubectl'), 0o755);
}

describe('in a container with Podman’s socket and no privileges', unless(noImage), () => {
  const home = useHome();
  const { socket } = usePodmanService(home);
  const given = { engine: 'podman', image: IMAGE, socket, at: '/run/podman/podman.sock' } as const;
  const cluster = `${PREFIX}by-socket`;
  const node = `${cluster}-control-plane`;
  /** Containers of somebody else's clusters on this engine, as far as anybody sees. */
  const others = [`${PREFIX}others-control-plane`, `${PREFIX}others-worker`] as const;
  const startedAt = (name: string) => podman(['inspect', '--format', '{{.State.Status}} {{.State.StartedAt}}', name]);
  let before: string[];

  beforeAll(async () => {
    await prepare(home);
    const limits = ulimitArgs(await cheapFacts(realHost()));
    const labels = [`--label=${CLUSTER_LABEL}=${PREFIX}others`, `--label=${ROLE_LABEL}=control-plane`];
    const flags = ['--network=none', ...limits, ...labels, '--entrypoint=sleep', NODE_IMAGE, 'infinity'];
    await podman(['run', '--detach', '--name', others[0], ...flags]);
    await podman(['create', '--name', others[1], ...flags]);
    before = await Promise.all(others.map(startedAt));
  });
  afterAll(() => removeTestObjects());

  describe('kinpod up', () => {
    const container = new SocketContainer('by-socket-up', given);
    const start = () => container.start([`--env=KINPOD_CLUSTER_NAME=${cluster}`]);
    let names: string[] = [];

    test('makes nodes beside the container, and a kubeconfig that works where it is written', async () => {
      await start();
      console.log(`ready after ${(await container.isReady()).toFixed(1)} s`);
      expect(await container.output('kubectl', 'get', 'nodes', '-o', 'name')).toBe(`node/${node}`);
      expect(await podman(['inspect', '--format', '{{.State.Running}}', node])).toBe('true');
      const address = await podman(['inspect', '--format', '{{.NetworkSettings.Networks.kind.IPAddress}}', node]);
      const { server, ...rest } = clusterOf(await container.output('sh', '-c', 'cat "$KUBECONFIG"'));
      expect(server).toBe(`https://${address}:6443`);
      // The server's certificate is looked at.
      expect(Object.keys(rest)).toEqual(['certificate-authority-data']);
      expect(await container.networks()).toContain('kind');
      names = await footprint(cluster);
    });

    test('prints a kubeconfig for the machine', async () => {
      const printed = await container.output('kinpod', 'get', 'kubeconfig', '--published', '--name', cluster);
      expect(clusterOf(printed).server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      await home.write('published', printed);
      const args = [
        '--kubeconfig',
        home.path('published'),
        'create',
        'configmap',
        'kept',
        '--from-literal=from=before',
      ];
      await run(home.path('kubectl'), args, { timeoutMs: 60_000 });
    });

    test('stops its own nodes with its container', async () => {
      await container.stop();
      expect(await container.state('.State.ExitCode')).toBe(0);
      expect(await container.logs()).toContain('Stopping the nodes');
      expect(await podman(['inspect', '--format', '{{.State.Running}}', node])).toBe('false');
    });

    test('has its cluster back, with its data, when the container is removed and made anew', async () => {
      await container.remove();
      await start();
      console.log(`back after ${(await container.isReady()).toFixed(1)} s`);
      const kept = ['get', 'configmap', 'kept', '-o', 'jsonpath={.data.from}'];
      expect(await container.output('kubectl', ...kept)).toBe('before');
      // As a machine that breaks down would: nodes run when it comes back.
      await container.remove();
      await start();
      await container.isReady();
      expect(await container.output('kubectl', ...kept)).toBe('before');
    });

    test('leaves nothing of a cluster that is deleted, not even the link to the nodes’ network', async () => {
      expect(await container.networks()).toContain('kind');
      await container.output('kinpod', 'delete', 'cluster', '--name', cluster);
      expect(await tracesOf(names)).toEqual([]);
      expect(await container.networks()).not.toContain('kind');
      await container.stop();
      expect(await container.state('.State.ExitCode')).toBe(0);
      await container.remove();
    });
  });

  describe('the commands of kind', () => {
    const container = new SocketContainer('by-socket-commands', given);
    const kinpod = (...args: string[]) => container.output('kinpod', ...args, '--name', cluster);

    beforeAll(() => container.start(['--entrypoint=sleep'], ['infinity']));
    afterAll(() => container.remove());

    test('make a cluster, load images, write logs and delete it, as on the machine', async () => {
      await kinpod('create', 'cluster', '--wait', '3m');
      const names = await footprint(cluster);
      const clusters = (await container.output('kinpod', 'get', 'clusters')).split('\n');
      expect(clusters).toEqual(expect.arrayContaining([cluster, `${PREFIX}others`]));
      expect(await kinpod('get', 'nodes')).toBe(node);
      expect(await container.output('kubectl', 'get', '--raw', '/readyz')).toBe('ok');

      // Of the engine, and from a file in the container.
      const image = await importedImage('by-socket', [{ path: '/hello', mode: 0o644, content: 'hello' }]);
      await kinpod('load', 'docker-image', image);
      expect(await podman(['exec', node, 'crictl', 'images'])).toContain(`localhost/${PREFIX}by-socket`);
      await podman(['exec', node, 'crictl', 'rmi', image]);
      await container.output('podman', 'save', '--quiet', '--output=/tmp/image.tar', image);
      await kinpod('load', 'image-archive', '/tmp/image.tar');
      expect(await podman(['exec', node, 'crictl', 'images'])).toContain(`localhost/${PREFIX}by-socket`);

      await kinpod('export', 'logs', '/tmp/logs');
      expect(await container.output('cat', `/tmp/logs/${node}/kubelet.log`)).toContain('kubelet');

      await kinpod('delete', 'cluster');
      expect(await tracesOf(names)).toEqual([]);
      expect(await container.networks()).not.toContain('kind');
    });
  });

  test('leaves clusters of others alone, also one of the name that it was given', async () => {
    const container = new SocketContainer('by-socket-refused', given);
    await container.start([`--env=KINPOD_CLUSTER_NAME=${PREFIX}others`]);
    await eventually(async () => !(await container.state<boolean>('.State.Running')), {
      withinMs: 60_000,
      what: 'the refusal',
    });
    expect(await container.logs()).toContain(`there is a cluster "${PREFIX}others" already`);
    await container.remove();
    expect(await Promise.all(others.map(startedAt))).toEqual(before);
  });
});

describe('in a container with Docker’s socket and no privileges', unless(noDocker), () => {
  const home = useHome();
  const docker = new TestDocker();
  const socket = () => docker.env.DOCKER_HOST?.replace('unix://', '') ?? '';
  const container = new SocketContainer('by-socket-up', {
    ...{ engine: 'docker', image: IMAGE, at: '/var/run/docker.sock', socket },
  });
  const cluster = `${PREFIX}by-socket`;
  const node = `${cluster}-control-plane`;
  const start = () => container.start([`--env=KINPOD_CLUSTER_NAME=${cluster}`]);
  const before = { DOCKER_HOST: process.env.DOCKER_HOST, PATH: process.env.PATH };

  beforeAll(async () => {
    await prepare(home);
    await docker.start();
    Object.assign(process.env, docker.env);
    const save = spawn('podman', ['save', '--format=docker-archive', IMAGE], { stdio: ['ignore', 'pipe', 'ignore'] });
    await docker.docker(['load', '--quiet'], { input: save.stdout, timeoutMs: 300_000 });
    // Other tests have brought it here.
    await run('docker', ['rmi', NODE_IMAGE], { allowFailure: true });
  });
  afterAll(async () => {
    try {
      // Of the tests' daemon, also where it has not come up and the environment is still this machine's.
      await docker.docker(['rmi', '--force', IMAGE]).catch(() => {});
      await docker.stop();
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  test('kinpod up gives the engine the node image that the container’s own image holds, and makes nodes', async () => {
    await start();
    console.log(`ready after ${(await container.isReady()).toFixed(1)} s`);
    expect(await docker.lines('images', '--quiet', NODE_IMAGE)).toHaveLength(1);
    expect(await container.output('kubectl', 'get', 'nodes', '-o', 'name')).toBe(`node/${node}`);
    await container.output('kubectl', 'create', 'configmap', 'kept', '--from-literal=from=before');
    const printed = await container.output('kinpod', 'get', 'kubeconfig', '--published', '--name', cluster);
    await home.write('published', printed);
    const args = ['--kubeconfig', home.path('published'), 'get', 'nodes', '-o', 'name'];
    expect((await run(home.path('kubectl'), args, { timeoutMs: 60_000 })).stdout).toBe(`node/${node}`);
  });

  test('its nodes stop with the container, and come back with one that is made anew', async () => {
    await container.stop();
    expect(await docker.docker(['inspect', '--format', '{{.State.Running}}', node])).toBe('false');
    await container.remove();
    await start();
    console.log(`back after ${(await container.isReady()).toFixed(1)} s`);
    expect(await container.output('kubectl', 'get', 'configmap', 'kept', '-o', 'jsonpath={.data.from}')).toBe('before');
  });

  test('delete leaves nothing', async () => {
    await container.output('kinpod', 'delete', 'cluster', '--name', cluster);
    expect(await container.networks()).toEqual(['bridge']);
    await container.stop();
    await container.remove();
    expect(await docker.lines('ps', '--all', '--quiet')).toEqual([]);
    await eventually(async () => (await docker.lines('volume', 'ls', '--quiet')).length === 0, {
      withinMs: 30_000,
      what: 'no volume to be left',
    });
  });
});

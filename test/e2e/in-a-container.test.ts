import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onPath } from '../../src/exec/on-path.ts';
import { run } from '../../src/exec/run.ts';
import { defaultPodImageName } from '../../src/image/pod/build-pod-image.ts';
import { root } from '../support/cli.ts';
import { TestCluster, useHome } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { PodContainer, podArgs } from '../support/pod-container.ts';
import { PREFIX, podman, removeTestObjects } from '../support/podman.ts';
import { usePodmanService } from '../support/podman-service.ts';
import { unless } from '../support/unless.ts';

const home = useHome();
const IMAGE = defaultPodImageName();
const noImage = (await onPath('mmdebstrap', process.env)) ? undefined : 'mmdebstrap is not installed';

describe('the pod image', unless(noImage), () => {
  beforeAll(async () => {
    const built = await home.kinpod(['build', 'pod-image'], { timeoutMs: 500_000 });
    expect(built, built.stderr).toMatchObject({ exitCode: 0, stdout: IMAGE });
  });

  describe('as a container of Podman, read-only, with a volume', () => {
    const container = new PodContainer('inner', IMAGE);
    const kubectl = async (...args: string[]) =>
      (await run(home.path('kubectl'), args, { env: { KUBECONFIG: home.path('inner') }, timeoutMs: 60_000 })).stdout;

    beforeAll(async () => {
      await container.start();
      await container.answers();
      await podman(['cp', `${container.name}:/usr/local/bin/kubectl`, home.path('kubectl')]);
    });
    afterAll(() => removeTestObjects(container.name));

    test('has a cluster that is reached from the host on the fixed port, by a kubeconfig that one command prints', async () => {
      await container.isReady();
      const printed = await container.exec('kinpod', 'get', 'kubeconfig', '--server', container.url);
      await home.write('inner', printed.stdout);
      expect(await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')).toBe('kind-control-plane');
      await kubectl('create', 'configmap', 'kept', '--from-literal=from=before');
      // And in the container by the one on the volume.
      expect((await container.exec('kubectl', 'get', 'configmap', 'kept')).exitCode).toBe(0);
    });

    test('comes back with the cluster and its data when it is removed and made anew', async () => {
      await container.remove();
      const started = Date.now();
      await container.start();
      await container.answers();
      console.log(`made anew, the API server answered after ${((Date.now() - started) / 1000).toFixed(1)} s`);
      expect(Date.now() - started).toBeLessThan(90_000);
      expect(await kubectl('get', 'configmap', 'kept', '-o', 'jsonpath={.data.from}')).toBe('before');
      await container.isReady();
    });

    test('says that a command gets no cluster where there is one that is kept', async () => {
      // Another container must not use a volume that is in use; in this one the engine is shared.
      const { exitCode, stderr } = await container.exec('env', '-u', 'KINPOD_IN_POD', 'kinpod', 'up', '--', 'true');
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
      expect(stderr).toContain('there is a cluster "kind" already, and a command gets a fresh one');
    });

    test('stops its nodes when it is told to end, well within the grace, and ends well', async () => {
      const started = Date.now();
      await podman(['stop', '--time', '60', container.name]);
      console.log(`stopped after ${((Date.now() - started) / 1000).toFixed(1)} s`);
      expect(Date.now() - started).toBeLessThan(45_000);
      expect(await podman(['inspect', '--format', '{{.State.ExitCode}}', container.name])).toBe('0');
      expect(await container.logs()).toContain('Stopping the nodes');
    });
  });

  test('runs a command against a fresh cluster, and its exit status is the container’s', async () => {
    const name = `${PREFIX}command`;
    const command = 'kubectl get nodes -o name && kinpod-ready && exit 42';
    try {
      const volume = `--volume=${name}:/var/lib/containers`;
      const args = ['run', '--name', name, ...(await podArgs()), volume, IMAGE, 'sh', '-c', command];
      const { exitCode, stdout, stderr } = await run('podman', args, { timeoutMs: 150_000, allowFailure: true });
      expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 42, stdout: 'node/kind-control-plane' });
      expect(await podman(['inspect', '--format', '{{.State.ExitCode}}', name])).toBe('42');
    } finally {
      await removeTestObjects(name);
    }
  });

  test.each<[string, string[], string]>([
    ['is not privileged', [], 'run it privileged: podman run --privileged'],
    ['has no volume', ['--privileged', '--cgroupns=private'], '--volume kinpod:/var/lib/containers'],
  ])('says what to do where it %s', async (_, given, todo) => {
    const limits = (await podArgs()).filter((arg) => arg.startsWith('--ulimit'));
    const args = ['run', '--rm', '--name', `${PREFIX}unfit`, ...given, ...limits, IMAGE];
    const { exitCode, stderr } = await run('podman', args, { timeoutMs: 60_000, allowFailure: true });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
    expect(stderr).toContain('no cluster can be made inside this container');
    expect(stderr).toContain(todo);
  });

  test('is run by a quadlet unit that Podman’s own generator takes', async () => {
    const limits = (await podArgs()).filter((arg) => arg.startsWith('--ulimit'));
    const units = `--volume=${join(root, 'deploy')}:/units:ro`;
    const generator = ['--entrypoint=/usr/libexec/podman/quadlet', '--env=QUADLET_UNIT_DIRS=/units'];
    const unit = await podman(['run', '--rm', '--network=none', ...limits, units, ...generator, IMAGE, '-dryrun']);
    const [, command = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    for (const arg of (await podArgs()).filter((one) => !one.startsWith('--ulimit'))) expect(command).toContain(arg);
    expect(command).toContain('-v kinpod:/var/lib/containers');
    expect(command.endsWith(` ${IMAGE}`)).toBe(true);
  });

  describe('in a Pod of another cluster', () => {
    const outer = new TestCluster('outer', home);
    const { socket } = usePodmanService(home);
    // Not below /run, which is memory in a node.
    const mounted = '/engine/podman.sock';
    const config = () =>
      `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{role: control-plane, extraMounts: [{hostPath: ${socket()}, containerPath: ${mounted}}]}]\n`;
    const manifest = (name: string) => readFile(join(root, 'deploy', name), 'utf8');
    const ready = async (pod = 'kinpod'): Promise<boolean> => {
      const { status } = await outer.get<PodStatus>('pod', pod);
      return status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
    };

    beforeAll(async () => {
      await outer.create({ config });
      const loaded = await outer.kinpod(['load', 'docker-image', IMAGE], { timeoutMs: 240_000 });
      expect(loaded, loaded.stderr).toMatchObject({ exitCode: 0 });
    });
    afterAll(async () => {
      await removeTestObjects(`${PREFIX}in-pod`);
      await removeTestObjects(outer.name);
    });

    test('makes a cluster whose probe tells when it can be used', async () => {
      await outer.apply(await manifest('pod.yaml'));
      expect(await ready()).toBe(false);
      await eventually(() => ready(), { withinMs: 200_000, everyMs: 500, what: 'the Pod to be Ready' });
      const nodes = await outer.kubectl(['exec', 'kinpod', '--', 'kubectl', 'get', 'nodes', '-o', 'name']);
      expect(nodes).toBe('node/kind-control-plane');
      await outer.kubectl(['delete', 'pod', 'kinpod', '--wait', '--timeout=60s']);
    });

    test('keeps it on a PVC when its Pod is deleted, and others reach it by its Service', async () => {
      await outer.apply(await manifest('statefulset.yaml'));
      const rollout = () =>
        outer.kubectl(['rollout', 'status', 'statefulset/kinpod', '--timeout=200s'], { timeoutMs: 210_000 });
      const inside = (...argv: string[]) => outer.kubectl(['exec', 'kinpod-0', '--', ...argv]);
      await rollout();
      await inside('kubectl', 'create', 'configmap', 'kept', '--from-literal=from=before');
      await outer.kubectl(['delete', 'pod', 'kinpod-0', '--wait', '--timeout=60s']);
      await rollout();
      expect(await inside('kubectl', 'get', 'configmap', 'kept', '-o', 'jsonpath={.data.from}')).toBe('before');
      const byName = 'kinpod get kubeconfig --server https://kinpod.default.svc:6443 >/tmp/by-name';
      await inside('sh', '-c', byName);
      expect(await inside('kubectl', '--kubeconfig=/tmp/by-name', 'get', '--raw', '/readyz')).toBe('ok');
      await outer.kubectl(['delete', 'statefulset/kinpod', 'service/kinpod', '--wait', '--timeout=60s']);
    });

    test('makes nodes beside the outer cluster’s, where it has their engine by its socket', async () => {
      const name = `${PREFIX}in-pod`;
      const text = (await manifest('pod-by-socket.yaml')).replace('value: by-socket', `value: ${name}`);
      const pod = text.replace('path: /run/podman/podman.sock', `path: ${mounted}`);
      const inside = (...argv: string[]) => outer.kubectl(['exec', 'kinpod-by-socket', '--', ...argv]);
      const up = async () => {
        await outer.apply(pod);
        const what = 'the Pod by the socket to be Ready';
        await eventually(() => ready('kinpod-by-socket'), { withinMs: 200_000, everyMs: 500, what });
      };
      await up();
      expect(await inside('kubectl', 'get', 'nodes', '-o', 'name')).toBe(`node/${name}-control-plane`);
      await inside('kubectl', 'create', 'configmap', 'kept', '--from-literal=from=before');
      await outer.kubectl(['delete', 'pod', 'kinpod-by-socket', '--wait', '--timeout=60s']);
      expect(await podman(['inspect', '--format', '{{.State.Running}}', `${name}-control-plane`])).toBe('false');
      await up();
      expect(await inside('kubectl', 'get', 'configmap', 'kept', '-o', 'jsonpath={.data.from}')).toBe('before');
      await inside('kinpod', 'delete', 'cluster', '--name', name);
      expect(await podman(['ps', '--all', '--quiet', '--filter', `name=${name}`])).toBe('');
      await outer.kubectl(['delete', 'pod', 'kinpod-by-socket', '--wait', '--timeout=60s']);
    });

    test('runs a job, whose Pod ends as its command does', async () => {
      const failing = (await manifest('ci-job.yaml')).replace('kubectl get nodes,namespaces', 'exit 3');
      await outer.apply(failing);
      const status = await eventually(
        async () => {
          const { items } = await outer.get<{ items: PodStatus[] }>('pods', '-l', 'job-name=kinpod-ci');
          return items[0]?.status.containerStatuses?.[0]?.state?.terminated;
        },
        { withinMs: 200_000, everyMs: 500, what: 'the job to end' },
      );
      const log = await outer.kubectl(['logs', 'job/kinpod-ci']);
      expect(status, log).toMatchObject({ exitCode: 3 });
      expect(log).toContain('namespace/test created');
    });
  });
});

interface PodStatus {
  status: {
    conditions?: { type: string; status: string }[];
    containerStatuses?: { state?: { terminated?: { exitCode: number } } }[];
  };
}

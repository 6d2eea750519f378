import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/exec/run.ts';
import { RunningKinpod } from '../support/cli.ts';
import { AGNHOST, allPodsReady, http, TestCluster, useHome } from '../support/cluster.ts';
import { useDocker } from '../support/docker.ts';
import { TestDocker } from '../support/docker-daemon.ts';
import { eventually } from '../support/eventually.ts';
import { unless } from '../support/unless.ts';

/** A pod that answers with its name, at a port of its node and at one of the host. */
const SERVER = `
apiVersion: v1
kind: Pod
metadata: { name: server, labels: { app: server } }
spec:
  containers:
    - { name: server, image: "${AGNHOST}", args: [netexec, --http-port=8080] }
---
apiVersion: v1
kind: Service
metadata: { name: server }
spec:
  type: NodePort
  selector: { app: server }
  ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }]
`;

const CONFIG = `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
  - role: control-plane
    extraPortMappings: [{ containerPort: 30080, hostPort: 0, listenAddress: 127.0.0.1 }]
`;

describe("a cluster on a Docker daemon of the tests' own", unless(await TestDocker.whyNot()), () => {
  const docker = useDocker();
  const home = useHome();
  const cluster = new TestCluster('docker', home);
  const create = ['create', 'cluster', '--name', cluster.name, '--wait', '2m'];
  let before: string[] = [];

  /** All that the daemon has of clusters. */
  const state = async () =>
    (
      await Promise.all([
        docker.lines('ps', '--all', '--format', 'container {{.Names}}'),
        docker.lines('volume', 'ls', '--format', 'volume {{.Name}}'),
      ])
    )
      .flat()
      .sort();

  beforeAll(async () => {
    before = await state();
    const config = await home.write('cluster.yaml', CONFIG);
    const created = await home.kinpod([...create, '--config', config]);
    expect(created, created.stderr).toMatchObject({ exitCode: 0 });
    await docker.docker(['cp', `${cluster.node}:/usr/bin/kubectl`, home.path('kubectl')]);
  });
  afterAll(() => home.kinpod(['delete', 'cluster', '--name', cluster.name]));

  test('is chosen because its daemon answers, and has a Ready node that says so', async () => {
    const [node] = (await cluster.get<{ items: Node[] }>('nodes')).items;
    expect(node?.spec.providerID).toBe(`kind://docker/${cluster.name}/${cluster.node}`);
    expect(node?.status.conditions.find((c) => c.type === 'Ready')?.status).toBe('True');
    const listed = JSON.parse((await home.kinpod(['get', 'nodes', '--name', cluster.name, '-o', 'json'])).stdout);
    expect(listed).toMatchObject([{ name: cluster.node, running: true, role: 'control-plane' }]);
  });

  test('keeps its node at the address that its labels tell', async () => {
    const { Config, NetworkSettings } = await inspected();
    expect(NetworkSettings.Networks.kind?.IPAddress).toBe(Config.Labels['dev.kinpod.address']?.split(',')[0]);
  });

  test('runs pods that are reached through a Service, a node port and a port of this host', async () => {
    await cluster.apply(SERVER);
    await allPodsReady(cluster);
    const published = (await docker.docker(['port', cluster.node, '30080/tcp'])).split('\n')[0]?.trim();
    expect(await http(`http://${published}/hostname`, 'the published port')).toBe('server');
    await cluster.kubectl(fromPod('server.default.svc.cluster.local:80'));
  });

  test('passes names that it does not know on to the DNS server of the engine', async () => {
    await cluster.kubectl(fromPod(`${cluster.node}:6443`));
  });

  test('takes images of the engine', async () => {
    await docker.docker(['import', '-', `localhost/${cluster.name}:1`], { input: new Uint8Array(1024) });
    const loaded = await home.kinpod(['load', 'docker-image', `localhost/${cluster.name}:1`, '--name', cluster.name]);
    expect(loaded, loaded.stderr).toMatchObject({ exitCode: 0 });
    const images = await docker.docker(['exec', cluster.node, 'crictl', 'images']);
    expect(images).toContain(`localhost/${cluster.name}`);
    await docker.docker(['rmi', `localhost/${cluster.name}:1`]);
  });

  test('comes back when its node is restarted', async () => {
    await docker.docker(['restart', cluster.node]);
    await eventually(async () => (await cluster.kubectl(['get', '--raw', '/readyz'])) === 'ok', {
      withinMs: 90_000,
      what: 'the API server after the restart',
    });
    const published = (await docker.docker(['port', cluster.node, '30080/tcp'])).split('\n')[0]?.trim();
    expect(await http(`http://${published}/hostname`, 'the published port')).toBe('server');
  });

  test('is deleted with everything that it had', async () => {
    const { Id, Mounts, NetworkSettings } = await inspected();
    const names = [Id, NetworkSettings.SandboxKey.split('/').at(-1) ?? '', ...Mounts.flatMap((m) => m.Name ?? [])];
    expect(await traces(names)).not.toEqual([]);
    const deleted = await home.kinpod(['delete', 'cluster', '--name', cluster.name]);
    expect(deleted).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining(`Deleted nodes: ["${cluster.node}"]`),
    });
    expect(await state()).toEqual(before);
    expect(await traces(names)).toEqual([]);
  });

  test.each(['Preparing nodes', 'Starting control-plane'])(
    'that was killed after "%s" is deleted too',
    async (line) => {
      const running = new RunningKinpod(create, { ...home.env, ...docker.env });
      await running.hasPrinted(line);
      running.kill('SIGKILL');
      await running.ended();
      await running.orphansEnded();
      const deleted = await home.kinpod(['delete', 'cluster', '--name', cluster.name]);
      expect(deleted, deleted.stderr).toMatchObject({ exitCode: 0 });
      expect(await state()).toEqual(before);
    },
  );

  const fromPod = (to: string) => ['exec', 'server', '--', '/agnhost', 'connect', '--timeout=10s', to];
  const inspected = async () => (JSON.parse(await docker.docker(['inspect', cluster.node])) as [Inspected])[0];
});

/** Where on this machine something is still called by these names. */
async function traces(names: readonly string[]): Promise<string[]> {
  const places = {
    mounts: await readFile('/proc/self/mountinfo', 'utf8'),
    cgroups: (await run('find', ['/sys/fs/cgroup', '-maxdepth', '4', '-type', 'd'], { allowFailure: true })).stdout,
    processes: (
      await Promise.all(
        (
          await readdir('/proc')
        )
          .filter((pid) => /^\d+$/.test(pid))
          .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
      )
    ).join('\n'),
  };
  return Object.entries(places).flatMap(([place, text]) =>
    names.filter((name) => name !== '' && text.includes(name)).map((name) => `${place}: ${name}`),
  );
}

interface Node {
  spec: { providerID: string };
  status: { conditions: { type: string; status: string }[] };
}
interface Inspected {
  Id: string;
  Config: { Labels: Record<string, string> };
  Mounts: { Name?: string }[];
  NetworkSettings: { SandboxKey: string; Networks: Record<string, { IPAddress: string }> };
}

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assetsDir } from '../../src/exec/assets.ts';
import { until } from '../../src/exec/until.ts';
import type { Timeline } from './timeline.ts';
import type { User } from './user.ts';

/** For what takes seconds on a real machine. */
const PATIENCE_MS = 15 * 60_000;
const PATIENCE = `--timeout=${PATIENCE_MS / 1000}s`;

/** Milliseconds between two looks. Each is two programs, which take the emulated machine seconds and the cluster as many. */
const LOOK_MS = 20_000;

interface NodeObject {
  metadata: { name: string };
  status: {
    conditions: { type: string; status: string; lastHeartbeatTime: string }[];
    nodeInfo: { containerRuntimeVersion: string; kubeletVersion: string };
  };
}

/** What distinguishes a cluster of the lane. */
export interface Specimen {
  name: string;
  image: string;
  /** Begins what the node says of its container runtime: `containerd://`. */
  runtime: string;
  /** Further arguments of `create cluster`. */
  createArgs?: readonly string[];
}

/** The life of a rootless cluster of one node, from its creation to its end; each stage fails by an assertion or a limit. */
export async function liveThrough(specimen: Specimen, user: User, timeline: Timeline): Promise<string> {
  const { name, image, runtime, createArgs = [] } = specimen;
  const node = `${name}-control-plane`;
  const step = <T>(title: string, work: () => Promise<T>) => timeline.step(`${name}: ${title}`, work);

  await step('create', () =>
    user.kinpod([
      'create',
      'cluster',
      '--name',
      name,
      '--image',
      image,
      '--wait',
      `${PATIENCE_MS / 1000}s`,
      ...createArgs,
    ]),
  );
  const before = await nodeObject(user, name);
  assert.equal(condition(before, 'Ready')?.status, 'True', 'the node is Ready');
  const { containerRuntimeVersion, kubeletVersion } = before.status.nodeInfo;
  assert.ok(containerRuntimeVersion.startsWith(runtime), `the node runs ${runtime}, not ${containerRuntimeVersion}`);
  await user.kubectl(name, ['get', 'nodes', '--output', 'wide']);
  await expectRootless(user, node);

  await step('system pods Ready', () =>
    user.kubectl(name, ['wait', 'pod', '--all', '--namespace=kube-system', '--for=condition=Ready', PATIENCE]),
  );
  await step('deploy', async () => {
    const manifest = await readFile(join(assetsDir(), 'images', 'quickstart', 'hello.yaml'), 'utf8');
    await user.kubectl(name, ['apply', '--filename', '-'], { input: manifest });
    await user.kubectl(name, ['rollout', 'status', 'deployment/hello', PATIENCE]);
    await answers(user, name);
  });
  await user.kubectl(name, ['get', 'pods', '--all-namespaces', '--output', 'wide']);

  await step('stop', () => user.run(['podman', 'stop', '--time', '120', node]));
  await step('start', async () => {
    await user.run(['podman', 'start', node]);
    const stoppedAt = Date.parse(condition(before, 'Ready')?.lastHeartbeatTime ?? '');
    await until(
      async () => {
        const ready = condition(await nodeObject(user, name), 'Ready');
        return ready?.status === 'True' && Date.parse(ready.lastHeartbeatTime) > stoppedAt;
      },
      { withinMs: PATIENCE_MS, everyMs: LOOK_MS, what: `${node} to be Ready again` },
    );
    await answers(user, name);
  });

  await step('delete', () => user.kinpod(['delete', 'cluster', '--name', name]));
  const left = await Promise.all(
    [
      ['ps', '--all'],
      ['volume', 'ls'],
    ].map((what) => user.run(['podman', ...what, '--quiet'])),
  );
  assert.deepEqual(
    left.map(({ stdout }) => stdout.trim()),
    ['', ''],
    'no container and no volume is left',
  );
  return `${kubeletVersion}, ${containerRuntimeVersion}`;
}

async function nodeObject(user: User, cluster: string): Promise<NodeObject> {
  const { stdout } = await user.kubectl(cluster, ['get', 'nodes', '--output', 'json'], { onLine: () => {} });
  const [node] = (JSON.parse(stdout) as { items: NodeObject[] }).items;
  assert.ok(node, 'the cluster has a node');
  return node;
}

function condition({ status }: NodeObject, type: string) {
  return status.conditions.find((one) => one.type === type);
}

/** The node is in a user namespace in which root is this user, and has a cgroup of version 2 of the user's own. */
async function expectRootless(user: User, node: string): Promise<void> {
  const { stdout: map } = await user.run(['podman', 'exec', node, 'cat', '/proc/self/uid_map']);
  assert.match(map, /^\s*0\s+1000\s+1$/m, "root of the node is the machine's user 1000");
  const { stdout: type } = await user.run([
    'podman',
    'exec',
    node,
    'stat',
    '--file-system',
    '--format=%T',
    '/sys/fs/cgroup',
  ]);
  assert.equal(type.trim(), 'cgroup2fs');
  await user.run(['podman', 'exec', node, 'cat', '/sys/fs/cgroup/cgroup.controllers']);
}

/** A pod of the Deployment answers through its Service. */
async function answers(user: User, cluster: string): Promise<void> {
  const path = '/api/v1/namespaces/default/services/hello:http/proxy/hostname';
  await until(async () => /^hello-/.test((await user.kubectl(cluster, ['get', '--raw', path])).stdout), {
    withinMs: PATIENCE_MS,
    everyMs: LOOK_MS,
    what: 'an answer of the Service hello',
  });
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { cheapFacts, realHost } from '../../src/check/index.ts';
import { CommandError } from '../../src/exec/run.ts';
import { chooseProvider } from '../../src/provider/detect.ts';
import { parcel, receiver } from '../../src/provider/entry.ts';
import { CLUSTER_LABEL } from '../../src/provider/labels.ts';
import { eventually } from '../support/eventually.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { PREFIX, podman, podmanLines, removeTestObjects } from '../support/podman.ts';
import { providerContract } from './provider.ts';

const provider = async () => chooseProvider('podman', await cheapFacts(realHost()), {});

providerContract('podman', {
  provider,
  image: NODE_IMAGE,
  version: 'v1.36.3',
  prefix: PREFIX,
  removeAll: () => removeTestObjects(`${PREFIX}contract`),
  halfNode: async (spec) => {
    await podman(['create', '--name', spec.name, '--label', `${CLUSTER_LABEL}=${spec.cluster}`, spec.image]);
    return { isThere: async () => (await podmanLines('ps', '--all', '--format', '{{.Names}}')).includes(spec.name) };
  },
  restart: async (node) => {
    await podman(['stop', '--time', '0', node]);
    await podman(['start', node]);
  },
});

afterAll(() => removeTestObjects(`${PREFIX}parcel`));
afterAll(async () => void (await (await provider()).deleteCluster(`${PREFIX}frozen`)));

test('a node does not begin where its files were cut off, wherever that was', async () => {
  const engine = await provider();
  const cluster = `${PREFIX}parcel`;
  const name = `${cluster}-worker`;
  const init = async () => (await engine.exec(name, ['cat', '/proc/1/comm'])).stdout;
  await makeNode(name, cluster, ['sleep', '600']);
  const whole = await parcel([{ path: '/kind/probe', content: 'x'.repeat(1024) }]);
  // In a header, in a file, and between two files (a header and two blocks), which tar takes for a whole archive.
  for (const length of [100, 1000, 3 * 512]) {
    const input = whole.subarray(0, length);
    await expect(engine.exec(name, await receiver(), { input })).rejects.toThrow(CommandError);
    expect(await init()).toBe('sh');
  }
  await engine.exec(name, await receiver(), { input: whole });
  await eventually(async () => (await init()) === 'sleep', { withinMs: 10_000, what: 'the node to begin' });
});

test('a node in which something is frozen is deleted, with all that ran in it', async ({ skip }) => {
  skip(!existsSync('/sys/fs/cgroup/freezer'), 'this machine has no freezer of cgroup v1');
  const engine = await provider();
  const cluster = `${PREFIX}frozen`;
  const name = `${cluster}-worker`;
  // What runc leaves that was killed while it made a container.
  const freeze = `group=/sys/fs/cgroup/freezer/pod; mkdir $group; sleep 86399 &
    until grep -q sleep /proc/$!/comm; do :; done
    echo $! >$group/cgroup.procs; echo FROZEN >$group/freezer.state; wait`;
  await makeNode(name, cluster, ['sh', '-c', freeze]);
  await engine.startNode(name, []);
  const state = ['cat', '/sys/fs/cgroup/freezer/pod/freezer.state'];
  await eventually(async () => (await engine.exec(name, state)).stdout === 'FROZEN', {
    withinMs: 10_000,
    what: 'a process of the node to be frozen',
  });
  expect(processOf('sleep 86399')).toBeDefined();
  expect(await engine.deleteCluster(cluster)).toEqual([name]);
  expect(processOf('sleep 86399')).toBeUndefined();
});

async function makeNode(name: string, cluster: string, command: string[]): Promise<void> {
  const engine = await provider();
  await engine.ensureNetwork();
  await engine.withAddresses(1, ([addresses = { ipv4: '', ipv6: undefined }]) =>
    engine.createNode({
      ...{ name, cluster, role: 'worker', image: NODE_IMAGE, command, addresses },
      ...{ ports: [], mounts: [], env: {}, labels: {} },
    }),
  );
}

/** ID of a process by its command line. */
function processOf(command: string): string | undefined {
  return readdirSync('/proc').find((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim() === command;
    } catch {
      return false; // It has just ended.
    }
  });
}

import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { clusterOf } from '../../node/testing/kubeadm-input.ts';
import { type Progress, silent } from '../../progress/progress.ts';
import type { NodeAllowances, NodeSpec, Provider } from '../../provider/provider.ts';
import { layOut } from '../layout.ts';
import { NodeError } from '../node-error.ts';
import { Stages } from '../stages.ts';
import { startedAhead } from '../start-order.ts';
import { ENGINE, NODE_IMAGE, PKI } from '../testing/creation.ts';
import { createNodes } from './create-nodes.ts';

const ONE_AND_TWO = 'name: ci\nnodes: [{role: worker}, {role: control-plane}, {role: worker}]';
const HA =
  'name: ci\nnodes: [{role: control-plane}, {role: control-plane}, {role: control-plane}, {role: worker}, {role: worker}]';

const ALLOWED: NodeAllowances = {
  capSysResource: true,
  boundSysResource: true,
  oomScoreAdj: 0,
  inUserNamespace: false,
  uid: 0,
  cgroup: 'v2',
  nofileHard: 'unlimited',
  nprocHard: 'unlimited',
  modulesDir: true,
  devices: [],
  userNamespace: false,
  remapped: false,
  allCapabilities: true,
  deviceMapper: false,
};

type Work = 'create' | 'start';

/**
 * Let a cluster's nodes be made by an engine that makes nothing, and notes in which order it is asked.
 * @param during what the engine does for a node; default: nothing, after a while
 */
async function nodesOf(yaml: string, during: (work: Work, node: string) => Promise<void> = () => setImmediate()) {
  const log: string[] = [];
  const specs = new Map<string, NodeSpec>();
  const files = new Map<string, string[]>();
  const noted = async (work: Work, node: string) => {
    log.push(`${work} ${node}`);
    await during(work, node);
    log.push(`${work}d ${node}`.replace('startd', 'started'));
  };
  const provider: Provider = {
    ...ENGINE,
    allowances: async () => ALLOWED,
    withAddresses: async (count, use) => {
      log.push('hold addresses');
      const addresses = Array.from({ length: count }, (_, i) => ({ ipv4: `10.89.128.${i + 1}`, ipv6: undefined }));
      try {
        return await use(addresses);
      } finally {
        log.push('release addresses');
      }
    },
    createNode: (spec) => {
      specs.set(spec.name, spec);
      return noted('create', spec.name);
    },
    startNode: (node, list) => {
      files.set(
        node,
        list.map((file) => file.path),
      );
      return noted('start', node);
    },
  };
  const progress: Progress = {
    ...silent,
    step: (title) => {
      log.push(title);
      return silent.step(title);
    },
  };
  const config = clusterOf(yaml);
  const images = config.nodes.map(() => NODE_IMAGE);
  const layout = layOut(config, images, 'podman', NODE_IMAGE.reference);
  const failure = await createNodes(provider, {
    layout,
    pki: PKI,
    scripts: { all: {}, first: {}, further: {} },
    env: {},
    labels: {},
    timeoutFactor: 1,
    ahead: startedAhead(layout, false),
    stages: new Stages(progress, config.nodes.length, true),
    signal: new AbortController().signal,
  }).catch((error: unknown) => error);
  return { log, specs, files, failure };
}

/** Of a log: where something is. */
const placeOf = (log: readonly string[], what: string) => {
  expect(log).toContain(what);
  return log.indexOf(what);
};

test.each([
  [ONE_AND_TWO, 'ci-control-plane', '10.89.128.2'],
  [HA, 'ci-external-load-balancer', '10.89.128.6'],
])('nodes know who answers for the API server without a DNS server', async (yaml, server, ipv4) => {
  const { specs } = await nodesOf(yaml);
  for (const { name, hosts } of specs.values()) {
    expect(hosts).toEqual(name === server ? {} : { [server]: { ipv4, ipv6: undefined } });
  }
  expect(specs.has(server)).toBe(true);
});

test('a control plane has started before the first worker is made; workers start when all are made', async () => {
  const { log, failure } = await nodesOf(ONE_AND_TWO);
  expect(failure).toBeUndefined();
  expect(log).toEqual([
    'Preparing nodes 📦 📦 📦 ',
    'hold addresses',
    'create ci-control-plane',
    'created ci-control-plane',
    'start ci-control-plane',
    'started ci-control-plane',
    'create ci-worker',
    'create ci-worker2',
    'created ci-worker',
    'created ci-worker2',
    'release addresses',
    'Writing configuration 📜',
    'start ci-worker',
    'start ci-worker2',
    'started ci-worker',
    'started ci-worker2',
  ]);
});

test('one node is made, and started when its address need not be held any more', async () => {
  const { log } = await nodesOf('name: ci');
  expect(log.filter((line) => !/ed /.test(line))).toEqual([
    'Preparing nodes 📦 ',
    'hold addresses',
    'create ci-control-plane',
    'release addresses',
    'Writing configuration 📜',
    'start ci-control-plane',
  ]);
});

test('several control planes and their load balancer are all made before the first of them starts', async () => {
  const { log, specs, files } = await nodesOf(HA);
  const ahead = ['ci-control-plane', 'ci-control-plane2', 'ci-control-plane3', 'ci-external-load-balancer'];
  const workers = ['ci-worker', 'ci-worker2'];
  const places = (what: string, nodes: readonly string[]) => nodes.map((node) => placeOf(log, `${what} ${node}`));
  expect(Math.max(...places('created', ahead))).toBeLessThan(Math.min(...places('start', ahead)));
  expect(Math.max(...places('started', ahead))).toBeLessThan(Math.min(...places('create', workers)));
  expect(log.filter((line) => /^[A-Z]/.test(line))).toEqual([
    'Preparing nodes 📦 📦 📦 📦 📦 ',
    'Configuring the external load balancer ⚖️',
    'Writing configuration 📜',
  ]);
  // Whoever comes first, addresses are given in the order of the configuration, and the load balancer's is the last.
  expect([...specs].map(([name, spec]) => [name, spec.addresses.ipv4]).sort()).toEqual([
    ['ci-control-plane', '10.89.128.1'],
    ['ci-control-plane2', '10.89.128.2'],
    ['ci-control-plane3', '10.89.128.3'],
    ['ci-external-load-balancer', '10.89.128.6'],
    ['ci-worker', '10.89.128.4'],
    ['ci-worker2', '10.89.128.5'],
  ]);
  expect(files.get('ci-external-load-balancer')).toEqual(['/etc/haproxy/haproxy.cfg']);
  expect(files.get('ci-worker2')).toContain('/kind/kinpod/node.env');
});

test('where a node cannot be made, those beside it have come to an end before that is told, and the addresses are released', async () => {
  const { log, failure } = await nodesOf(ONE_AND_TWO, async (work, node) => {
    if (work === 'create' && node === 'ci-worker') throw new Error('no disk');
    await setImmediate();
  });
  expect(failure).toMatchObject({ message: 'no disk' });
  expect(placeOf(log, 'created ci-worker2')).toBeLessThan(placeOf(log, 'release addresses'));
  expect(log).not.toContain('start ci-worker2');
});

test('where a control plane cannot be started, no worker is made, and the error names the node', async () => {
  const { log, failure } = await nodesOf(ONE_AND_TWO, async (work) => {
    if (work === 'start') throw new KinpodError('it has stopped', { code: 'command-failed', hint: 'look' });
  });
  expect(failure).toBeInstanceOf(NodeError);
  expect(failure).toMatchObject({ node: 'ci-control-plane', message: 'it has stopped', code: 'command-failed' });
  expect(log.at(-1)).toBe('release addresses');
  expect(log).not.toContain('create ci-worker');
});

test('an abort is thrown as it is', async () => {
  const abort = new DOMException('This operation was aborted', 'AbortError');
  const { failure } = await nodesOf(ONE_AND_TWO, (work) =>
    work === 'start' ? Promise.reject(abort) : Promise.resolve(),
  );
  expect(failure).toBe(abort);
});

test('a port of a worker that is in use is told before there is any node', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  try {
    const mapping = `{containerPort: 80, hostPort: ${port}, listenAddress: 127.0.0.1}`;
    const { log, failure } = await nodesOf(
      `name: ci\nnodes: [{role: control-plane}, {role: worker, extraPortMappings: [${mapping}]}]`,
    );
    expect(failure).toMatchObject({ code: 'port-in-use' });
    expect(log).toEqual(['Preparing nodes 📦 📦 ', 'hold addresses', 'release addresses']);
  } finally {
    server.close();
  }
});

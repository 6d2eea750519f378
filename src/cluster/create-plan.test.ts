import { expect, test, vi } from 'vitest';
import { clusterOf } from '../node/testing/kubeadm-input.ts';
import { silent } from '../progress/progress.ts';
import type { NodeAllowances, NodeSpec, Provider } from '../provider/provider.ts';
import { createPlan } from './create-plan.ts';
import { describePlan } from './plan.ts';
import { Stages } from './stages.ts';
import { ENGINE, NODE_IMAGE, PKI } from './testing/creation.ts';

const roles = (...of: string[]) => `name: ci\nnodes: [${of.map((role) => `{role: ${role}}`).join(', ')}]`;

function planOf(yaml: string, nodesArePods = false): string {
  return describePlan(stepsOf(yaml, { ...ENGINE, nodesArePods }));
}

function stepsOf(yaml: string, provider: Provider) {
  const config = clusterOf(yaml);
  const input = {
    config,
    images: config.nodes.map(() => NODE_IMAGE),
    loadBalancerImage: NODE_IMAGE.reference,
    pki: PKI,
    scripts: { all: {}, first: {}, further: {} },
    kubeconfig: undefined,
    env: {},
    labels: {},
    waitMs: 0,
    retain: false,
    timeoutFactor: 1,
    progress: silent,
    signal: undefined,
  };
  const stages = new Stages(silent, config.nodes.length, true);
  return createPlan(provider, input, stages).steps;
}

test('the plan of one node', () => {
  expect(planOf('name: ci')).toMatchInlineSnapshot(`
    " 1. network
     2. create and start nodes  (after: network)
     3. find the API server  (after: create and start nodes)
     4. boot ci-control-plane  (after: create and start nodes)
     5. kubeconfig  (after: boot ci-control-plane)"
  `);
});

test('the plan of a control plane and workers makes them last', () => {
  expect(planOf(roles('worker', 'control-plane', 'worker'))).toMatchInlineSnapshot(`
    " 1. network
     2. create and start nodes, control planes first  (after: network)
     3. find the API server  (after: create and start nodes, control planes first)
     4. boot ci-control-plane  (after: create and start nodes, control planes first)
     5. join workers  (after: boot ci-control-plane)
     6. kubeconfig  (after: boot ci-control-plane, join workers)"
  `);
});

test('the plan of several control planes waits for each of them, and for the load balancer', () => {
  expect(planOf(roles('control-plane', 'control-plane', 'control-plane', 'worker'))).toMatchInlineSnapshot(`
    " 1. network
     2. create and start nodes, control planes first  (after: network)
     3. wait for ci-external-load-balancer  (after: create and start nodes, control planes first)
     4. find the API server  (after: create and start nodes, control planes first)
     5. boot ci-control-plane  (after: create and start nodes, control planes first)
     6. boot ci-control-plane2  (after: create and start nodes, control planes first)
     7. boot ci-control-plane3  (after: create and start nodes, control planes first)
     8. join control planes  (after: boot ci-control-plane, boot ci-control-plane2, boot ci-control-plane3)
     9. join workers  (after: join control planes, boot ci-control-plane, boot ci-control-plane2, boot ci-control-plane3)
    10. kubeconfig  (after: boot ci-control-plane, boot ci-control-plane2, boot ci-control-plane3, join control planes, join workers, wait for ci-external-load-balancer)"
  `);
});

test('every step that asks where the cluster is reached, which may take minutes, can be interrupted', async () => {
  const asked: (AbortSignal | undefined)[] = [];
  const provider: Provider = {
    ...ENGINE,
    endpoint: async (_, signal) => {
      asked.push(signal);
      return undefined;
    },
  };
  const steps = stepsOf(roles('control-plane', 'control-plane', 'worker'), provider);
  const asking = steps.filter((step) => /^(wait for|find|join|kubeconfig)/.test(step.name));
  for (const step of asking) await step.run({ signal: AbortSignal.timeout(20) }).catch(() => {});
  expect(asked.map((one) => one instanceof AbortSignal)).toEqual(asking.map(() => true));
});

test('nodes that are Pods are all made before the first starts', () => {
  expect(planOf(roles('control-plane', 'worker'), true)).toContain(' 2. create and start nodes  (after: network)\n');
});

test('a create undoes the nodes that it has made, which have a label of their own each time', async () => {
  const allowed = { devices: [], nofileHard: 'unlimited', nprocHard: 'unlimited' } as unknown as NodeAllowances;
  const createOnce = async () => {
    const made: NodeSpec[] = [];
    const deleteCluster = vi.fn<Provider['deleteCluster']>(async () => []);
    const provider: Provider = {
      ...ENGINE,
      deleteCluster,
      allowances: async () => allowed,
      withAddresses: async (count, use) =>
        use(Array.from({ length: count }, (_, i) => ({ ipv4: `10.89.128.${i + 1}`, ipv6: undefined }))),
      createNode: async (spec) => void made.push(spec),
      startNode: async () => {},
    };
    const step = stepsOf(roles('control-plane', 'worker'), provider).find((one) => one.undo);
    await step?.run({ signal: new AbortController().signal });
    await step?.undo?.();
    const creations = new Set(made.map((spec) => spec.labels['dev.kinpod.creation']));
    expect(made).toHaveLength(2);
    expect(deleteCluster.mock.calls).toEqual([['ci', ...creations]]);
    return [...creations];
  };
  expect(await createOnce()).not.toEqual(await createOnce());
});

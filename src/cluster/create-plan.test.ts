import { expect, test } from 'vitest';
import { clusterOf } from '../node/testing/kubeadm-input.ts';
import { silent } from '../progress/progress.ts';
import { createPlan } from './create-plan.ts';
import { describePlan } from './plan.ts';
import { Stages } from './stages.ts';
import { ENGINE, NODE_IMAGE, PKI } from './testing/creation.ts';

const roles = (...of: string[]) => `name: ci\nnodes: [${of.map((role) => `{role: ${role}}`).join(', ')}]`;

function planOf(yaml: string, nodesArePods = false): string {
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
  return describePlan(createPlan({ ...ENGINE, nodesArePods }, input, stages).steps);
}

test('the plan of one node', () => {
  expect(planOf('name: ci')).toMatchInlineSnapshot(`
    " 1. network
     2. create and start nodes  (after: network)
     3. boot ci-control-plane  (after: create and start nodes)
     4. kubeconfig  (after: boot ci-control-plane)"
  `);
});

test('the plan of a control plane and workers makes them last', () => {
  expect(planOf(roles('worker', 'control-plane', 'worker'))).toMatchInlineSnapshot(`
    " 1. network
     2. create and start nodes, control planes first  (after: network)
     3. boot ci-control-plane  (after: create and start nodes, control planes first)
     4. join workers  (after: boot ci-control-plane)
     5. kubeconfig  (after: boot ci-control-plane, join workers)"
  `);
});

test('the plan of several control planes waits for each of them, and for the load balancer', () => {
  expect(planOf(roles('control-plane', 'control-plane', 'control-plane', 'worker'))).toMatchInlineSnapshot(`
    " 1. network
     2. create and start nodes, control planes first  (after: network)
     3. wait for ci-external-load-balancer  (after: create and start nodes, control planes first)
     4. boot ci-control-plane  (after: create and start nodes, control planes first)
     5. boot ci-control-plane2  (after: create and start nodes, control planes first)
     6. boot ci-control-plane3  (after: create and start nodes, control planes first)
     7. join control planes  (after: boot ci-control-plane, boot ci-control-plane2, boot ci-control-plane3)
     8. join workers  (after: join control planes, boot ci-control-plane, boot ci-control-plane2, boot ci-control-plane3)
     9. kubeconfig  (after: boot ci-control-plane, boot ci-control-plane2, boot ci-control-plane3, join control planes, join workers, wait for ci-external-load-balancer)"
  `);
});

test('nodes that are Pods are all made before the first starts', () => {
  expect(planOf(roles('control-plane', 'worker'), true)).toContain(' 2. create and start nodes  (after: network)\n');
});

import { expect, test } from 'vitest';
import { kubeadmConfig } from './kubeadm-config.ts';
import { nodeObject } from './node-object.ts';
import type { NodePart } from './node-part.ts';
import { phaseDocuments } from './phase-config.ts';
import { kubeadmInput } from './testing/kubeadm-input.ts';

function nodeOf(part: NodePart, patches: string[] = [], roles = ['control-plane', 'worker']) {
  const nodes = roles.map((role) => `{role: ${role}}`).join(', ');
  const base = kubeadmInput(`nodes: [${nodes}]`);
  const role = part === 'worker' ? 'worker' : 'control-plane';
  const node = base.cluster.nodes.find((n) => n.role === role);
  if (!node) throw new Error(`no ${role}`);
  const input = {
    ...base,
    node: { ...node, kubeadmConfigPatches: patches },
    nodeName: `kind-${role}`,
    part,
    podCidrs: ['10.244.0.0/24'],
    machine: { cpus: 2, memoryBytes: 8_000_000_000 },
  };
  const first = { ...input, node: { ...node, role: 'control-plane' as const } };
  const firstDocuments = kubeadmConfig(part === 'first' ? input : first);
  return nodeObject(input, phaseDocuments({ ...input, firstDocuments, members: [] }));
}

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';
const TAINT = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

test('a Node has what a kubelet may not set itself, and the address range of the network', () => {
  const node = nodeOf('first', [], ['control-plane']);
  expect(node.metadata.labels).toHaveProperty('node-role.kubernetes.io/control-plane', '');
  expect(node.spec).toEqual({
    podCIDR: '10.244.0.0/24',
    podCIDRs: ['10.244.0.0/24'],
    providerID: 'kind://podman/kind/kind-control-plane',
  });
});

test('it says what it can take, so that no kubelet refuses its static pods', () => {
  const resources = { cpu: '2', memory: '8000000000', pods: '110' };
  expect(nodeOf('member').status).toEqual({ capacity: resources, allocatable: resources });
  expect(nodeOf('worker', ['kind: KubeletConfiguration\nmaxPods: 7']).status.capacity).toHaveProperty('pods', '7');
  expect(nodeOf('worker', ['kind: KubeletConfiguration\nmaxPods: x']).status.capacity).toEqual(resources);
});

test('a control plane that is not alone has its taint, and is no place for the traffic of load balancers', () => {
  for (const part of ['first', 'member'] as const) {
    expect(nodeOf(part).spec.taints).toEqual([TAINT]);
    expect(nodeOf(part).metadata.labels).toHaveProperty([EXCLUDED]);
  }
  expect(nodeOf('worker').spec).not.toHaveProperty('taints');
  expect(nodeOf('worker').metadata.labels).not.toHaveProperty([EXCLUDED]);
  expect(nodeOf('first', [], ['control-plane']).metadata.labels).not.toHaveProperty([EXCLUDED]);
});

test('labels and taints that patches give the kubelet stand in the Node: it adds none to one that it finds', () => {
  const patch = (kind: string) => `kind: ${kind}
nodeRegistration:
  taints: [{key: dedicated, effect: NoSchedule}]
  kubeletExtraArgs:
  - {name: node-labels, value: "ingress-ready=true,empty="}
`;
  for (const [part, kind] of [
    ['first', 'InitConfiguration'],
    ['member', 'JoinConfiguration'],
    ['worker', 'JoinConfiguration'],
  ] as const) {
    const node = nodeOf(part, [patch(kind)]);
    expect(node.metadata.labels).toMatchObject({ 'ingress-ready': 'true', empty: '' });
    expect(node.spec.taints).toEqual([{ key: 'dedicated', effect: 'NoSchedule' }]);
  }
});

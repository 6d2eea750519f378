import { describe, expect, test } from 'vitest';
import { KubernetesVersion } from '../kube/version.ts';
import { type KubeadmDocument, kubeadmConfig } from './kubeadm-config.ts';
import type { NodePart } from './node-part.ts';
import { phaseDocuments } from './phase-config.ts';
import { kubeadmInput } from './testing/kubeadm-input.ts';

const MEMBERS = ['', '2', '3'].map((n, i) => ({ name: `kind-control-plane${n}`, address: `10.89.128.${i + 1}` }));

interface Case {
  part: NodePart;
  /** Patches of the whole cluster, of the first control plane, and of the node that is looked at. */
  patches?: { cluster?: string; first?: string; own?: string };
  controlPlanes?: number;
  version?: string;
}

/** kubeadm's documents of a node, by kind. */
function documentsOf({ part, patches = {}, controlPlanes = 1, version = 'v1.36.3' }: Case) {
  const roles = [...Array(controlPlanes).fill('control-plane'), 'worker'];
  const base = kubeadmInput(`nodes:\n${roles.map((r) => `- role: ${r}\n`).join('')}`);
  const cluster = { ...base.cluster, kubeadmConfigPatches: patches.cluster ? [patches.cluster] : [] };
  const at = { first: 0, member: 1, worker: controlPlanes }[part];
  const inputOf = (index: number, patch: string | undefined) => {
    const node = cluster.nodes[index];
    if (!node) throw new Error(`no node ${index}`);
    return {
      ...base,
      cluster,
      node: { ...node, kubeadmConfigPatches: patch ? [patch] : [] },
      nodeName: `kind-node${index}`,
      addresses: [`10.89.128.${index + 1}`] as const,
      controlPlaneEndpoint: 'kind-external-load-balancer:6443',
      controlPlanes,
      version: new KubernetesVersion(version),
      cgroupV1: true,
    };
  };
  const documents = phaseDocuments({
    ...inputOf(at, at === 0 ? patches.first : patches.own),
    part,
    firstDocuments: kubeadmConfig(inputOf(0, patches.first)),
    members: MEMBERS.slice(0, controlPlanes),
  });
  return (kind: string): KubeadmDocument => {
    const [found, ...more] = documents.filter((d) => d.kind === kind);
    if (!found || more.length > 0) throw new Error(`${documents.filter((d) => d.kind === kind).length} of ${kind}`);
    return found;
  };
}

describe('a further node', () => {
  test('has the cluster of the first control plane, as kubeadm join would find it in the ConfigMap', () => {
    const first = 'kind: ClusterConfiguration\nclusterName: renamed';
    for (const part of ['member', 'worker'] as const) {
      const documents = documentsOf({ part, controlPlanes: 3, patches: { first } });
      expect(documents('ClusterConfiguration')).toHaveProperty('clusterName', 'renamed');
    }
  });

  test('has the kubelet of the first control plane, with its own patches on top', () => {
    const patches = {
      cluster: 'kind: KubeletConfiguration\nmaxPods: 10',
      first: 'kind: KubeletConfiguration\nmaxPods: 20\npodPidsLimit: 5',
      own: 'kind: KubeletConfiguration\nmaxPods: 30',
    };
    const kubelet = (part: NodePart) => documentsOf({ part, patches })('KubeletConfiguration');
    expect(kubelet('first')).toMatchObject({ maxPods: 20, podPidsLimit: 5, failCgroupV1: false });
    expect(kubelet('worker')).toMatchObject({ maxPods: 30, podPidsLimit: 5, failCgroupV1: false });
  });

  test('registers as its JoinConfiguration says, a worker without the taint of a control plane', () => {
    const own = 'kind: JoinConfiguration\nnodeRegistration: {name: other}\npatches: {directory: /mine}';
    const worker = documentsOf({ part: 'worker', patches: { own } })('InitConfiguration');
    expect(worker.nodeRegistration).toMatchObject({
      name: 'other',
      taints: [],
      kubeletExtraArgs: expect.arrayContaining([{ name: 'node-ip', value: '10.89.128.2' }]),
    });
    expect(worker.patches).toEqual({ directory: '/mine' });
    const member = documentsOf({ part: 'member', controlPlanes: 3 })('InitConfiguration');
    expect(member.nodeRegistration).not.toHaveProperty('taints');
    expect(member.localAPIEndpoint).toEqual({ advertiseAddress: '10.89.128.2', bindPort: 6443 });
  });
});

test('a further control plane leaves out what its JoinConfiguration says, by the names of init', () => {
  const phases = 'skipPhases: [preflight, control-plane-join/mark-control-plane, control-plane-prepare/certs]';
  const own = `kind: JoinConfiguration\n${phases}`;
  const first = 'kind: InitConfiguration\nskipPhases: [addon/coredns]';
  const skipped = (part: NodePart) =>
    documentsOf({ part, controlPlanes: 3, patches: { own, first } })('InitConfiguration').skipPhases;
  expect(skipped('member')).toEqual(['preflight', 'mark-control-plane', 'certs']);
  expect(skipped('first')).toEqual(['addon/coredns']);
});

describe('several control planes', () => {
  const peers = MEMBERS.map((m) => `${m.name}=https://${m.address}:2380`).join(',');

  test.each(['first', 'member'] as const)('know all members of etcd from the start (%s)', (part) => {
    const cluster = documentsOf({ part, controlPlanes: 3 })('ClusterConfiguration');
    expect(cluster.etcd).toMatchObject({
      local: { extraArgs: expect.arrayContaining([{ name: 'initial-cluster', value: peers }]) },
    });
    const older = documentsOf({ part, controlPlanes: 3, version: 'v1.34.4' })('ClusterConfiguration');
    expect(older.etcd).toMatchObject({ local: { extraArgs: { 'initial-cluster': peers } } });
  });

  test('answer for each other', () => {
    expect(documentsOf({ part: 'first', controlPlanes: 3 })('ClusterConfiguration').apiServer).toMatchObject({
      certSANs: ['localhost', '127.0.0.1', ...MEMBERS.map((m) => m.address)],
    });
  });

  test('leave an etcd of the user alone', () => {
    const cluster = 'kind: ClusterConfiguration\netcd: {local: null, external: {endpoints: [https://etcd:2379]}}';
    const { etcd } = documentsOf({ part: 'member', controlPlanes: 3, patches: { cluster } })('ClusterConfiguration');
    expect(etcd).toEqual({ external: { endpoints: ['https://etcd:2379'] } });
  });
});

test('one control plane is as its documents say', () => {
  const documents = documentsOf({ part: 'first' });
  expect(JSON.stringify(documents('ClusterConfiguration'))).not.toContain('initial-cluster');
  expect(documents('ClusterConfiguration').apiServer).toMatchObject({ certSANs: ['localhost', '127.0.0.1'] });
});

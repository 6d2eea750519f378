import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadClusterConfig } from '../config/load.ts';
import { KubernetesVersion } from '../kube/version.ts';
import { type KubeadmDocument, type KubeadmInput, kubeadmConfig, renderDocuments } from './kubeadm-config.ts';
import { kubeadmInput } from './testing/kubeadm-input.ts';

function document(kind: string, input: KubeadmInput): KubeadmDocument {
  const found = kubeadmConfig(input).find((d) => d.kind === kind);
  if (!found) throw new Error(`no ${kind}`);
  return found;
}

describe('the API version', () => {
  test.each([
    ['v1.36.3', 'kubeadm.k8s.io/v1beta4'],
    ['v1.36.0-rc.1', 'kubeadm.k8s.io/v1beta4'],
    ['v1.35.4', 'kubeadm.k8s.io/v1beta3'],
    ['v1.29.6', 'kubeadm.k8s.io/v1beta3'],
  ])('of Kubernetes %s is %s, as kind chooses it', (version, apiVersion) => {
    const input = kubeadmInput('', { version: new KubernetesVersion(version) });
    expect(document('ClusterConfiguration', input).apiVersion).toBe(apiVersion);
    expect(document('InitConfiguration', input).apiVersion).toBe(apiVersion);
  });

  test('decides whether extra arguments are a list or a map', () => {
    const v4 = document('InitConfiguration', kubeadmInput());
    const v3 = document('InitConfiguration', kubeadmInput('', { version: new KubernetesVersion('v1.35.4') }));
    expect(v4.nodeRegistration).toMatchObject({
      kubeletExtraArgs: expect.arrayContaining([{ name: 'node-ip', value: '10.89.128.1' }]),
    });
    expect(v3.nodeRegistration).toMatchObject({ kubeletExtraArgs: { 'node-ip': '10.89.128.1' } });
  });
});

describe("kubeadm's own time limits", () => {
  test('are multiplied for slow machines', () => {
    const slow = kubeadmInput('', { timeoutFactor: 2.5 });
    for (const kind of ['InitConfiguration', 'JoinConfiguration']) {
      expect(document(kind, slow).timeouts).toMatchObject({ kubeletHealthCheck: '600s', kubernetesAPICall: '150s' });
    }
  });

  test('stay as they are otherwise, and where kubeadm has no field for them', () => {
    const older = { version: new KubernetesVersion('v1.35.4'), timeoutFactor: 2 };
    expect(document('InitConfiguration', kubeadmInput())).not.toHaveProperty('timeouts');
    expect(document('InitConfiguration', kubeadmInput('', older))).not.toHaveProperty('timeouts');
  });
});

describe('ClusterConfiguration', () => {
  test('names the API server by host name and certifies the address that it is published on', () => {
    expect(document('ClusterConfiguration', kubeadmInput('networking: {apiServerAddress: 192.0.2.7}'))).toMatchObject({
      clusterName: 'kind',
      kubernetesVersion: 'v1.36.3',
      controlPlaneEndpoint: 'kind-control-plane:6443',
      apiServer: { certSANs: ['localhost', '192.0.2.7'] },
      networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16' },
    });
  });

  test('has the domain of Services where it is not the usual one', () => {
    const { config: cluster } = loadClusterConfig({
      text: 'kind: Cluster\napiVersion: kinpod.dev/v1alpha1\nnetworking: {dnsDomain: inner.example}\n',
      path: 'test.yaml',
    });
    expect(document('ClusterConfiguration', kubeadmInput('', { cluster })).networking).toMatchObject({
      dnsDomain: 'inner.example',
    });
    expect(document('ClusterConfiguration', kubeadmInput()).networking).not.toHaveProperty('dnsDomain');
  });

  test('hands feature gates and runtime config to the components, ordered by name', () => {
    const config = document(
      'ClusterConfiguration',
      kubeadmInput('featureGates: {Zeta: false, Alpha: true}\nruntimeConfig: {api/beta: "false", api/all: "true"}'),
    );
    const gates = { name: 'feature-gates', value: 'Alpha=true,Zeta=false' };
    expect(config.apiServer).toMatchObject({
      extraArgs: [{ name: 'runtime-config', value: 'api/all=true,api/beta=false' }, gates],
    });
    expect(config.controllerManager).toMatchObject({ extraArgs: expect.arrayContaining([gates]) });
    expect(config.scheduler).toMatchObject({ extraArgs: expect.arrayContaining([gates]) });
  });

  test('elects leaders only where there is a choice', () => {
    const noElection = { name: 'leader-elect', value: 'false' };
    expect(document('ClusterConfiguration', kubeadmInput()).scheduler).toMatchObject({
      extraArgs: expect.arrayContaining([noElection]),
    });
    expect(document('ClusterConfiguration', kubeadmInput('', { controlPlanes: 3 })).scheduler).not.toMatchObject({
      extraArgs: expect.arrayContaining([noElection]),
    });
  });
});

describe('KubeletConfiguration', () => {
  test('accepts cgroup v1 only where the host has it and the kubelet knows the field', () => {
    const kubelet = (o: Partial<KubeadmInput>) => document('KubeletConfiguration', kubeadmInput('', o));
    expect(kubelet({ cgroupV1: true })).toMatchObject({ failCgroupV1: false });
    expect(kubelet({ cgroupV1: false })).not.toHaveProperty('failCgroupV1');
    expect(kubelet({ cgroupV1: true, version: new KubernetesVersion('v1.30.1') })).not.toHaveProperty('failCgroupV1');
  });

  test('a host without CAP_SYS_RESOURCE gets the gate for it, beside those of the user', () => {
    expect(
      document('KubeletConfiguration', kubeadmInput('featureGates: {Alpha: true}', { restricted: true })),
    ).toMatchObject({
      featureGates: { Alpha: true, KubeletInUserNamespace: true },
    });
    expect(document('KubeletConfiguration', kubeadmInput())).not.toHaveProperty('featureGates');
  });
});

test.each([
  [{ restricted: false, oomScoreAdj: 0 }, undefined],
  [{ restricted: true, oomScoreAdj: 0 }, 0],
  [{ restricted: true, oomScoreAdj: 200 }, 200],
])('on a host with %j kubelet and kube-proxy ask for the OOM score %s', (host, expected) => {
  for (const kind of ['KubeletConfiguration', 'KubeProxyConfiguration']) {
    expect(document(kind, kubeadmInput('', host)).oomScoreAdj).toBe(expected);
  }
});

describe('InitConfiguration', () => {
  test('a cluster of one node has no taint, a larger one keeps that of its control plane', () => {
    expect(document('InitConfiguration', kubeadmInput()).nodeRegistration).toHaveProperty('taints', []);
    const larger = kubeadmInput('nodes: [{role: control-plane}, {role: worker}]');
    expect(document('InitConfiguration', larger).nodeRegistration).not.toHaveProperty('taints');
  });

  test('labels of the config reach the kubelet', () => {
    const init = document(
      'InitConfiguration',
      kubeadmInput('nodes: [{role: control-plane, labels: {b: "2", a: "1"}}]'),
    );
    expect(init.nodeRegistration).toMatchObject({
      kubeletExtraArgs: expect.arrayContaining([{ name: 'node-labels', value: 'a=1,b=2' }]),
    });
  });
});

test('without kube-proxy there is neither its configuration nor its add-on', () => {
  const input = kubeadmInput('networking: {kubeProxyMode: none}');
  expect(kubeadmConfig(input).map((d) => d.kind)).not.toContain('KubeProxyConfiguration');
  expect(document('InitConfiguration', input).skipPhases).toContain('addon/kube-proxy');
});

test('the rendered documents are one YAML stream that reads back as it was', () => {
  const documents = kubeadmConfig(kubeadmInput());
  const read = parseAllDocuments(renderDocuments(documents));
  expect(Array.isArray(read) && read.map((d) => d.toJS())).toEqual(documents);
});

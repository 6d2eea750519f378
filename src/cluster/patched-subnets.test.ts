import { expect, test } from 'vitest';
import { loadClusterConfig } from '../config/load.ts';
import { KubernetesVersion } from '../kube/version.ts';
import { layOut } from './layout.ts';
import { withPatchedSubnets } from './patched-subnets.ts';

const image = {
  reference: 'localhost/node:1',
  version: new KubernetesVersion('v1.36.3'),
  runtime: 'containerd' as const,
  ownLayout: true,
};

function networkingOf(yaml: string) {
  const text = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n${yaml}`;
  const { config } = loadClusterConfig({ text, path: 'x.yaml' });
  return withPatchedSubnets(
    layOut(
      config,
      config.nodes.map(() => image),
      'podman',
    ),
  ).networking;
}

test('subnets are those of the configuration', () => {
  expect(networkingOf('networking: {podSubnet: 10.1.0.0/16}')).toMatchObject({
    podSubnet: '10.1.0.0/16',
    serviceSubnet: '10.96.0.0/16',
  });
});

test('a patch of the ClusterConfiguration comes after it', () => {
  const patch = 'kind: ClusterConfiguration\nnetworking: {podSubnet: 192.168.0.0/16, serviceSubnet: 10.7.0.0/20}\n';
  expect(networkingOf(`kubeadmConfigPatches: [${JSON.stringify(patch)}]`)).toMatchObject({
    podSubnet: '192.168.0.0/16',
    serviceSubnet: '10.7.0.0/20',
  });
});

test("a worker's patch of it is nobody's: the cluster has that of its first control plane", () => {
  const patch = JSON.stringify('kind: ClusterConfiguration\nnetworking: {podSubnet: 192.168.0.0/16}\n');
  const nodes = `nodes: [{role: worker, kubeadmConfigPatches: [${patch}]}, {role: control-plane}]`;
  expect(networkingOf(nodes)).toMatchObject({ podSubnet: '10.244.0.0/16' });
});

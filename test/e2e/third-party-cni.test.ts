import { beforeAll, describe, expect, test } from 'vitest';
import { allPodsReady, useCluster } from '../support/cluster.ts';
import { everyPodReachesEveryPod, oneOnEveryNode, webPods } from '../support/dial.ts';
import { flanneld, flannelManifest, whyNoFlannel } from '../support/flannel.ts';
import { podman } from '../support/podman.ts';
import { unless } from '../support/unless.ts';

const POD_SUBNET = '10.212.0.0/16';

describe('a cluster whose network is Flannel', unless(await whyNoFlannel()), () => {
  let program = '';
  beforeAll(async () => {
    program = await flanneld();
  });
  const cluster = useCluster('flannel', {
    wait: '0s',
    config: `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {disableDefaultCNI: true, podSubnet: ${POD_SUBNET}}
nodes: [{role: control-plane}, {role: worker}]
`,
  });
  const nodes = [cluster.node, `${cluster.name}-worker`];

  test('begins with nodes that wait for a network, and nothing of one in them', async () => {
    const { items } = await cluster.get<{ items: Node[] }>('nodes');
    expect(items.map((n) => n.metadata.name).sort()).toEqual([...nodes].sort());
    for (const { status } of items) {
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False' }));
    }
    for (const node of nodes) {
      expect(await podman(['exec', node, 'ls', '-A', '/etc/cni/net.d'])).toBe('');
      expect(await podman(['exec', node, 'iptables-save', '-t', 'nat'])).not.toContain('KINPOD-MASQ');
    }
  });

  test('becomes ready when it is installed', async () => {
    for (const node of nodes) {
      await podman(['exec', node, 'mkdir', '-p', '/opt/flannel']);
      await podman(['cp', program, `${node}:/opt/flannel/flanneld`]);
    }
    const image = await cluster.kubectl([
      ...['get', 'daemonset', 'kube-proxy', '-n', 'kube-system'],
      ...['-o', 'jsonpath={.spec.template.spec.containers[0].image}'],
    ]);
    await cluster.apply(flannelManifest(image, POD_SUBNET));
    await cluster.waitFor('wait', 'nodes', '--all', '--for=condition=Ready');
    await allPodsReady(cluster);
  });

  test('carries what pods of different nodes say to each other and to Services, through its own tunnel', async () => {
    await cluster.apply(oneOnEveryNode());
    await everyPodReachesEveryPod(cluster, nodes);
    for (const { status } of await webPods(cluster)) expect(status.podIP).toMatch(/^10\.212\./);
    expect(await podman(['exec', cluster.node, 'ip', 'route'])).toMatch(/10\.212\.\d+\.0\/24 via .* dev flannel\.1/);
  });
});

interface Node {
  metadata: { name: string };
  status: { conditions: { type: string; status: string }[] };
}

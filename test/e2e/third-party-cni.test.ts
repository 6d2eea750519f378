import { beforeAll, describe, expect, test } from 'vitest';
import { AGNHOST, allPodsReady, type Pod, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { flanneld, flannelManifest, whyNoFlannel } from '../support/flannel.ts';
import { podman } from '../support/podman.ts';

const POD_SUBNET = '10.212.0.0/16';

const reason = await whyNoFlannel();

describe.skipIf(reason)('a cluster whose network is Flannel', () => {
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

  test('carries what pods of different nodes say to each other, through its own tunnel', async () => {
    await cluster.apply(nodes.map(webPod).join('---\n'));
    await cluster.waitFor('wait', 'pod', '-l', 'app=web', '--for=condition=Ready');
    const { items } = await cluster.get<{ items: Pod[] }>('pods', '-l', 'app=web');
    for (const { status } of items) expect(status.podIP).toMatch(/^10\.212\./);
    for (const from of items) {
      for (const to of items) {
        expect(await dial(from.metadata.name, to.status.podIP ?? '', 8080)).toEqual([to.metadata.name]);
      }
    }
    expect(await podman(['exec', cluster.node, 'ip', 'route'])).toMatch(/10\.212\.\d+\.0\/24 via .* dev flannel\.1/);
  });

  test('its pods reach Services by name', async () => {
    await cluster.kubectl(['expose', 'pod', 'web-0', '--port=80', '--target-port=8080', '--name=web-0']);
    const answer = await eventually(() => dial('web-1', 'web-0', 80), {
      withinMs: 60_000,
      everyMs: 500,
      what: 'an answer of the Service',
    });
    expect(answer).toEqual(['web-0']);
  });

  function webPod(node: string, index: number): string {
    return `
apiVersion: v1
kind: Pod
metadata: {name: web-${index}, labels: {app: web, number: "${index}"}}
spec:
  nodeName: ${node}
  containers:
  - name: web
    image: ${AGNHOST}
    args: [netexec, --http-port=8080]
    readinessProbe: {httpGet: {path: /hostname, port: 8080}, periodSeconds: 1}
`;
  }

  /** Names of the pods that answer at a host and port, asked from a pod. */
  async function dial(pod: string, host: string, port: number): Promise<string[]> {
    const query = `host=${host}&port=${port}&protocol=http&request=hostname&tries=1`;
    const path = `/api/v1/namespaces/default/pods/${pod}:8080/proxy/dial?${query}`;
    const { responses, errors } = JSON.parse(await cluster.kubectl(['get', '--raw', path])) as {
      responses?: string[];
      errors?: string[];
    };
    if (errors) throw new Error(`${pod} -> ${host}:${port}: ${errors.join('\n')}`);
    return responses ?? [];
  }
});

interface Node {
  metadata: { name: string };
  status: { conditions: { type: string; status: string }[] };
}

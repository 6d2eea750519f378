import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { getuid } from 'node:process';
import { describe, expect, test } from 'vitest';
import { httpsUrl } from '../../src/network/endpoint.ts';
import { allPodsReady, http, type TestCluster, useCluster } from '../support/cluster.ts';
import { dial, oneOnEveryNode, webPods } from '../support/dial.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';
import { podman } from '../support/podman.ts';
import { unless } from '../support/unless.ts';

const NODE_PORT = 30080;

type Family = 'IPv4' | 'IPv6';

/** What each kind of cluster has, the primary family first. */
const CLUSTERS: readonly { ipFamily: 'ipv6' | 'dual'; families: readonly Family[]; listen: string }[] = [
  { ipFamily: 'ipv6', families: ['IPv6'], listen: '"::1"' },
  { ipFamily: 'dual', families: ['IPv4', 'IPv6'], listen: '127.0.0.1' },
];

const noIPv6 = readText('/proc/net/if_inet6') === '' ? 'this machine has no IPv6' : undefined;

describe.each(CLUSTERS)('a cluster of the family $ipFamily', unless(noIPv6), ({ ipFamily, families, listen }) => {
  let publishedPort = 0;
  const cluster = useCluster(`ip-${ipFamily}`, {
    config: async () => {
      publishedPort = await freePort();
      return `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {ipFamily: ${ipFamily}}
nodes:
- role: control-plane
  extraPortMappings:
  - {containerPort: ${NODE_PORT}, hostPort: ${publishedPort}, listenAddress: ${listen}}
- role: worker
`;
    },
  });
  const nodes = [cluster.node, `${cluster.name}-worker`];

  test('has nodes with addresses and pod ranges of its families, in their order', async () => {
    await cluster.waitFor('wait', 'nodes', '--all', '--for=condition=Ready');
    const { items } = await cluster.get<{ items: Node[] }>('nodes');
    expect(items.map((n) => n.metadata.name).sort()).toEqual([...nodes].sort());
    const ranges = items.flatMap((n) => n.spec.podCIDRs);
    expect(new Set(ranges).size).toBe(nodes.length * families.length);
    for (const { status, spec } of items) {
      const addresses = status.addresses.filter((a) => a.type === 'InternalIP').map((a) => a.address);
      expect(addresses.map(familyOf)).toEqual(families);
      expect(spec.podCIDRs.map(familyOf)).toEqual(families);
      for (const range of spec.podCIDRs) expect(range).toMatch(range.includes(':') ? /\/64$/ : /\/24$/);
    }
  });

  test('is reached from the host through the kubeconfig, whose server the certificate names', async () => {
    expect(await cluster.kubectl(['get', '--raw', '/readyz'])).toBe('ok');
  });

  test('runs pods with an address of each family', async () => {
    await cluster.apply(oneOnEveryNode(serviceOf(families)));
    await cluster.waitFor('rollout', 'status', 'daemonset/web');
    await allPodsReady(cluster);
    for (const pod of await webPods(cluster)) expect(pod.status.podIPs?.map((p) => familyOf(p.ip))).toEqual(families);
  });

  test('pods of both nodes reach each other by every address', async () => {
    const pods = await webPods(cluster);
    expect(pods.map((p) => p.spec.nodeName).sort()).toEqual([...nodes].sort());
    for (const from of pods) {
      for (const to of pods) {
        for (const { ip } of to.status.podIPs ?? []) {
          expect(await dial(cluster, from, ip, 8080)).toEqual([to.metadata.name]);
        }
      }
    }
  });

  test('a Service has an address of each family, and leads to both pods by each of them', async () => {
    const { spec } = await cluster.get<{ spec: { clusterIPs: string[] } }>('service', 'web');
    expect(spec.clusterIPs.map(familyOf)).toEqual(families);
    for (const address of spec.clusterIPs) await reachesBoth(cluster, address);
  });

  test('its name leads there, and is known by every address', async () => {
    await reachesBoth(cluster, 'web.default.svc.cluster.local');
    const { spec } = await cluster.get<{ spec: { clusterIPs: string[] } }>('service', 'web');
    const [pod] = await webPods(cluster);
    const name = 'web.default.svc.cluster.local';
    const known = await cluster.kubectl(['exec', pod?.metadata.name ?? '', '--', 'nslookup', name]);
    for (const address of spec.clusterIPs) expect(known).toContain(`Address: ${address}`);
  });

  test('pods reach the API server by the address of its Service', async () => {
    const [pod] = await webPods(cluster);
    const inPod = ['exec', pod?.metadata.name ?? '', '--', '/agnhost', 'connect', '--timeout=10s'];
    expect(await cluster.kubectl([...inPod, 'kubernetes.default:443'])).toBe('');
  });

  test('the NodePort is reached from the host by every address of every node', async ({ skip }) => {
    skip(getuid?.() !== 0, "the nodes' network of a rootless engine cannot be reached from the host");
    const { items } = await cluster.get<{ items: Node[] }>('nodes');
    const names = (await webPods(cluster)).map((p) => p.metadata.name);
    for (const { address, type } of items.flatMap((n) => n.status.addresses)) {
      if (type !== 'InternalIP') continue;
      const url = `${httpsUrl({ host: address, port: NODE_PORT }).replace('https', 'http')}/hostname`;
      expect(names).toContain(await http(url, 'the NodePort'));
    }
  });

  test('a port that is mapped on the loopback address is reached there, or it is told why not', async () => {
    if (listen === '"::1"') {
      // What is forwarded arrives by IPv4, where a NodePort of an IPv6 cluster does not listen.
      expect(cluster.created.stderr).toMatch(/cannot forward from ::1.*published on 127\.0\.0\.1.*not NodePorts/);
      return;
    }
    const names = (await webPods(cluster)).map((p) => p.metadata.name);
    expect(names).toContain(await http(`http://127.0.0.1:${publishedPort}/hostname`, 'the mapped port'));
  });

  test("pods leave the cluster with their node's address of each family", async ({ skip }) => {
    skip(getuid?.() !== 0, "the nodes' network of a rootless engine is not the host's");
    const server = createServer((request, response) => response.end(request.socket.remoteAddress));
    await new Promise<void>((resolve) => server.listen({ host: '::', port: 0 }, resolve));
    try {
      const port = (server.address() as { port: number }).port;
      const { items } = await cluster.get<{ items: Node[] }>('nodes');
      const addresses = items.flatMap((n) => n.status.addresses.map((a) => a.address));
      for (const family of families) {
        for (const pod of await webPods(cluster)) {
          const [seen = ''] = await dial(cluster, pod, await gateway(family), port, 1);
          // A socket of both families shows IPv4 addresses as ::ffff:10.89.0.2.
          expect(addresses).toContain(seen.replace('::ffff:', ''));
        }
      }
    } finally {
      server.close();
    }
  });
});

interface Node {
  metadata: { name: string };
  spec: { podCIDRs: string[] };
  status: { addresses: { type: string; address: string }[] };
}

/** What the Service of the pods has in a cluster of these families. */
function serviceOf(families: readonly Family[]): string {
  return [
    'type: NodePort',
    `ipFamilyPolicy: ${families.length > 1 ? 'RequireDualStack' : 'SingleStack'}`,
    `ports: [{port: 80, targetPort: 8080, nodePort: ${NODE_PORT}}]`,
  ].join('\n');
}

/** kube-proxy follows a change within a second or so. */
async function reachesBoth(cluster: TestCluster, host: string): Promise<void> {
  const pods = await webPods(cluster);
  const [from] = pods;
  if (!from) throw new Error('there are no pods');
  const names = pods.map((p) => p.metadata.name).sort();
  await eventually(
    async () => {
      const answers = await dial(cluster, from, host, 80);
      if (answers.join(' ') !== names.join(' ')) throw new Error(`${answers.join(' ')} instead of ${names.join(' ')}`);
      return true;
    },
    { withinMs: 60_000, everyMs: 250, what: `both pods behind ${host}` },
  );
}

/** This host's address on the clusters' network. */
async function gateway(family: Family): Promise<string> {
  const [network] = JSON.parse(await podman(['network', 'inspect', 'kind'])) as {
    subnets: { gateway: string }[];
  }[];
  const address = network?.subnets.map((s) => s.gateway).find((a) => familyOf(a) === family);
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((a) => a.address));
  if (!address || !own.includes(address)) throw new Error(`no ${family} address of this host on the network`);
  return address;
}

function familyOf(address: string): Family {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

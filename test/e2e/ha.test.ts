import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { allPodsReady, useCluster } from '../support/cluster.ts';
import { added, engineState, footprint, traces } from '../support/engine-state.ts';
import { eventually } from '../support/eventually.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { allNodesReady, answersItself, stagesOf } from '../support/nodes.ts';
import { podman } from '../support/podman.ts';

const before = await engineState();
const cluster = useCluster('ha', {
  config: `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
- role: control-plane
- role: control-plane
- role: worker
`,
});
const controlPlanes = ['', '2', '3'].map((n) => `${cluster.node}${n}`);
const nodes = [...controlPlanes, `${cluster.name}-worker`];
const loadBalancer = `${cluster.name}-external-load-balancer`;

/** What a user notices of a failure: the API server must answer again within this time, through the same kubeconfig. */
const OUTAGE_MS = 10_000;

describe('create cluster', () => {
  test('tells the steps of kind', () => {
    expect(stagesOf(cluster.created.stderr)).toEqual([
      `Ensuring node image (${NODE_IMAGE}) 🖼️`,
      'Preparing nodes 📦 📦 📦 📦',
      'Configuring the external load balancer ⚖️',
      'Writing configuration 📜',
      'Starting control-plane 🕹️',
      'Installing CNI 🔌',
      'Installing StorageClass 💾',
      'Joining more control-plane nodes 🎮',
      'Joining worker nodes 🚜',
      'Waiting ≤ 2m0s for control-plane = Ready ⏳',
    ]);
  });

  test('makes every node Ready and runs every system pod', async () => {
    await allNodesReady(cluster, nodes);
    const names = (await allPodsReady(cluster)).map((p) => p.metadata.name);
    for (const component of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
      expect(names).toEqual(expect.arrayContaining(controlPlanes.map((node) => `${component}-${node}`)));
    }
  });

  test("leads the user's kubeconfig, and every node, through the load balancer", async () => {
    const published = await podman(['port', loadBalancer, '6443/tcp']);
    expect((await server()).replace('https://', '')).toBe(published.trim());
    const { stdout } = await cluster.kinpod(['get', 'kubeconfig', '--internal']);
    expect(parse(stdout).clusters[0].cluster.server).toBe(`https://${loadBalancer}:6443`);
  });

  test('gives every control plane its own credentials, and the strongest to the first alone', async () => {
    for (const [index, node] of controlPlanes.entries()) {
      const who = await podman(['exec', node, 'kubectl', 'auth', 'whoami']);
      expect(who).toContain('kubernetes-admin');
      const files = await podman(['exec', node, 'ls', '/etc/kubernetes']);
      expect(files.includes('super-admin.conf')).toBe(index === 0);
    }
  });

  test('gives every kubelet the certificate that it keeps, for which it need not leave its connections', async () => {
    for (const node of controlPlanes) {
      const conf = parse(await podman(['exec', node, 'cat', '/etc/kubernetes/kubelet.conf']));
      const current = '/var/lib/kubelet/pki/kubelet-client-current.pem';
      expect(conf.users[0].user).toEqual({ 'client-certificate': current, 'client-key': current });
      const certificate = await podman(['exec', node, 'cat', current]);
      expect(new X509Certificate(certificate).subject).toBe(`O=system:nodes\nCN=system:node:${node}`);
      // Ten seconds after its start it would.
      const log = await podman(['exec', node, 'journalctl', '--unit', 'kubelet', '--no-pager']);
      expect(log).not.toMatch(/certificate rotation detected/i);
    }
    expect((await cluster.get<{ items: unknown[] }>('csr')).items).toEqual([]);
  });

  test('makes one etcd of as many members', async () => {
    expect(await etcdMembers()).toEqual(controlPlanes);
  });

  test('has one leader among the controller managers, and among the schedulers', async () => {
    for (const name of ['kube-controller-manager', 'kube-scheduler']) {
      const lease = await cluster.get<{ spec: { holderIdentity: string } }>('lease', name, '-n', 'kube-system');
      expect(controlPlanes).toContain(lease.spec.holderIdentity.split('_')[0]);
    }
  });

  test('lists its nodes, and shows kind where the load balancer is', async () => {
    const { stdout } = await cluster.kinpod(['get', 'nodes']);
    expect(stdout.split('\n').sort()).toEqual([...nodes, loadBalancer].sort());
    const label = '{{index .Config.Labels "io.x-k8s.kind.role"}}';
    expect((await podman(['inspect', '--format', label, loadBalancer])).trim()).toBe('external-load-balancer');
  });
});

// Whoever leads etcd, the controllers or nothing at all: each of them is killed once.
describe.each(controlPlanes)('when %s is killed', (victim) => {
  test('the API answers and writes succeed within ten seconds', async () => {
    await podman(['kill', '--signal', 'KILL', victim]);
    const name = `after-${victim}`;
    await eventually(
      async () => (await write(name)) && (await cluster.kubectl(['get', 'configmap', name, '--request-timeout=3s'])),
      { withinMs: OUTAGE_MS, everyMs: 100, what: `a write after ${victim} was killed` },
    );
  });

  test('kinpod still gives a kubeconfig', async () => {
    const { exitCode, stdout } = await cluster.kinpod(['get', 'kubeconfig']);
    expect(exitCode).toBe(0);
    const KUBECONFIG = await cluster.home.write('printed', stdout);
    // Another API server may still be without its etcd's leader for a moment.
    await eventually(
      async () => (await cluster.kubectl(['get', '--raw', '/readyz'], { env: { KUBECONFIG } })) === 'ok',
      {
        withinMs: OUTAGE_MS,
        everyMs: 100,
        what: 'the API to be ready by that kubeconfig',
      },
    );
  });

  test('started again it rejoins', async () => {
    await podman(['start', victim]);
    await answersItself(victim, podman);
    expect(await etcdMembers()).toEqual(controlPlanes);
    await allNodesReady(cluster, nodes);
    // What was written meanwhile is known to its API server too.
    const there = await podman(['exec', victim, 'kubectl', '--server=https://localhost:6443', 'get', 'configmaps']);
    expect(there).toContain(`after-${victim}`);
  });
});

test('a load balancer that was restarted leads to the same port', async () => {
  const address = await server();
  await podman(['restart', loadBalancer]);
  await eventually(async () => write('after-load-balancer'), {
    withinMs: OUTAGE_MS,
    what: 'a write through the load balancer',
  });
  expect(await server()).toBe(address);
});

test('all nodes can be stopped and started', async () => {
  await podman(['stop', '--time', '10', loadBalancer, ...nodes]);
  await podman(['start', loadBalancer, ...nodes]);
  await eventually(async () => write('after-everything'), { withinMs: 90_000, what: 'a write after the restart' });
  for (const node of controlPlanes) await answersItself(node, podman);
  await allNodesReady(cluster, nodes);
  await allPodsReady(cluster);
  const kept = await cluster.kubectl(['get', 'configmaps']);
  for (const node of controlPlanes) expect(kept).toContain(`after-${node}`);
});

test('delete cluster leaves nothing', async () => {
  const names = await footprint(cluster.name);
  const { stderr } = await cluster.kinpod(['delete', 'cluster']);
  for (const node of [...nodes, loadBalancer]) expect(stderr).toContain(`"${node}"`);
  expect(added(before, await engineState()).filter((one) => one !== 'network kind')).toEqual([]);
  expect(await traces(names)).toEqual([]);
});

/** The API server's URL in the user's kubeconfig. */
async function server(): Promise<string> {
  const { clusters } = parse(await cluster.home.read('kubeconfig'));
  return clusters.find((c: { name: string }) => c.name === `kind-${cluster.name}`).cluster.server;
}

/** One try to write an object, by which no more than three seconds pass. */
async function write(name: string): Promise<boolean> {
  const answer = await cluster.kubectl(['create', 'configmap', name, '--request-timeout=3s']).catch((error: Error) => {
    // A try that failed may have been the one that wrote it.
    if (!/already exists/.test(`${error.message}${(error as { details?: string }).details}`)) throw error;
    return 'exists';
  });
  return answer !== '';
}

/** Names of etcd's members, as a member that runs tells them. */
async function etcdMembers(): Promise<string[]> {
  const pki = '/etc/kubernetes/pki/etcd';
  const ask = ['curl', '--silent', '--show-error', '--cacert', `${pki}/ca.crt`, '--data', '{}'];
  const as = ['--cert', `${pki}/healthcheck-client.crt`, '--key', `${pki}/healthcheck-client.key`];
  const url = 'https://127.0.0.1:2379/v3/cluster/member/list';
  const answer = await podman(['exec', cluster.node, ...ask, ...as, url]);
  const { members } = JSON.parse(answer) as { members: { name: string }[] };
  return members.map((m) => m.name).sort();
}

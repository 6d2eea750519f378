import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { version as ownVersion } from '../../src/version.ts';
import { allPodsReady, useCluster } from '../support/cluster.ts';
import { added, engineState, footprint, traces } from '../support/engine-state.ts';
import { eventually } from '../support/eventually.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { RUNTIME } from '../support/runtime.ts';
import { unless } from '../support/unless.ts';

/** What a user has in the file before: other entries, and words of their own. */
const USERS_KUBECONFIG = `# my clusters
apiVersion: v1
kind: Config
clusters:
  - name: work # the one in the cellar
    cluster: { server: "https://192.0.2.1:6443" }
users:
  - name: me
    user: { token: not-a-secret }
contexts:
  - name: work
    context: { cluster: work, user: me }
current-context: work
preferences: {}
`;
const before = await engineState();
const cluster = useCluster('main', { kubeconfig: USERS_KUBECONFIG });

describe('create cluster', () => {
  test('tells its steps on stderr in the words of kind, and nothing on stdout', () => {
    const step = (title: string) => ` • ${title}  ...\n ✓ ${title}\n`;
    const talk = cluster.created.stderr
      // What is mended on a host is said once, before everything else.
      .replace(/^(Host|WARNING): .*\n/gm, '')
      .replace(/Ready after \d+s/, 'Ready after Ns');
    expect(`${talk}\n`).toBe(
      `Creating cluster "${cluster.name}" ...\n${step(`Ensuring node image (${NODE_IMAGE}) 🖼️`)}${step(
        'Preparing nodes 📦 ',
      )}${step('Writing configuration 📜')}${step('Starting control-plane 🕹️')}${step('Installing CNI 🔌')}${step(
        'Installing StorageClass 💾',
      )}${step('Waiting ≤ 2m0s for control-plane = Ready ⏳')} • Ready after Ns 💚\n` +
        `Set kubectl context to "kind-${cluster.name}"\nYou can now use your cluster with:\n\n` +
        `kubectl cluster-info --context kind-${cluster.name}\n${kinpodsKubectl(talk)}`,
    );
    expect(cluster.created.stdout).toBe('');
  });

  test('makes a Ready node of the Kubernetes version of the image', async () => {
    const { items } = await cluster.get<{ items: Node[] }>('nodes');
    expect(items.map((n) => [n.metadata.name, n.status.nodeInfo.kubeletVersion])).toEqual([[cluster.node, 'v1.36.3']]);
    expect(items[0]?.status.conditions.find((c) => c.type === 'Ready')?.status).toBe('True');
    expect(items[0]?.spec.providerID).toBe(`kind://podman/${cluster.name}/${cluster.node}`);
  });

  test('leaves its node without a taint, once the controller manager has seen that it is Ready', async () => {
    await eventually(
      async () => {
        const { items } = await cluster.get<{ items: Node[] }>('nodes');
        return items.length === 1 && items.every((n) => n.spec.taints === undefined);
      },
      { withinMs: 30_000, what: 'the node to have no taint' },
    );
  });

  test('brings every system pod to Running without a restart', async () => {
    const pods = await allPodsReady(cluster);
    const restarts = pods.flatMap((p) =>
      p.status.containerStatuses?.map((c) => `${p.metadata.name}: ${c.restartCount}`),
    );
    expect(restarts).toEqual(pods.map((p) => `${p.metadata.name}: 0`));
    const names = pods.map((p) => p.metadata.name);
    const ofNode = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
    expect(names).toEqual(expect.arrayContaining(ofNode.map((name) => `${name}-${cluster.node}`)));
    for (const name of ['coredns-', 'kube-proxy-', 'local-path-provisioner-']) {
      expect(names).toContainEqual(expect.stringContaining(name));
    }
  });

  const othersWrite = RUNTIME.name === 'containerd' ? undefined : 'CRI-O writes /etc/mtab into each container';
  test('writes nothing for mounts in its containers: the images have the places', unless(othersWrite), async () => {
    const mounts = await cluster.exec('cat', '/proc/self/mounts');
    const written = [...mounts.matchAll(/\bupperdir=(\S*?\/snapshots\/[^,\s]+)/g)].map(([, dir = '']) => dir);
    expect(written.length).toBeGreaterThan(10);
    const empty = ['-mindepth', '1', '(', '-type', 'd', '-o', '-type', 'f', ')', '-empty'];
    expect(await cluster.exec('find', ...written, ...empty)).toBe('');
    // It would be there, if this were not where the runtime writes: kube-proxy's choice of iptables.
    expect(await cluster.exec('find', ...written, '-name', 'iptables')).not.toBe('');
  });

  test('makes "standard" the default StorageClass', async () => {
    const { items } = await cluster.get<{ items: StorageClass[] }>('storageclasses');
    expect(items.map((s) => [s.metadata.name, s.provisioner])).toEqual([['standard', 'rancher.io/local-path']]);
    expect(items[0]?.metadata.annotations).toMatchObject({ 'storageclass.kubernetes.io/is-default-class': 'true' });
  });

  test('fails for a name that is in use, and leaves that cluster alone', async () => {
    const again = await cluster.kinpod(['create', 'cluster']);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain(
      `ERROR: failed to create cluster: node(s) already exist for a cluster with the name "${cluster.name}"`,
    );
    expect(await cluster.kubectl(['get', '--raw', '/readyz'])).toBe('ok');
  });
});

describe('a kubeadm cluster', () => {
  test('lists its certificates', async () => {
    const table = await cluster.exec('kubeadm', 'certs', 'check-expiration');
    for (const name of ['admin.conf', 'apiserver', 'apiserver-kubelet-client', 'etcd-peer', 'super-admin.conf']) {
      expect(table).toMatch(new RegExp(`^${name} .* (364|365)d .* no *$`, 'm'));
    }
    expect(table).toMatch(/^etcd-ca .* 9y .* no *$/m);
    expect(table).not.toContain('MISSING');
  });

  test('has its configuration in ConfigMaps, where kubeadm looks for it', async () => {
    const kubeadm = await cluster.get<ConfigMap>('configmap', 'kubeadm-config', '-n', 'kube-system');
    expect(parse(kubeadm.data.ClusterConfiguration ?? '')).toMatchObject({
      clusterName: cluster.name,
      kubernetesVersion: 'v1.36.3',
      controlPlaneEndpoint: `${cluster.node}:6443`,
    });
    const kubelet = await cluster.get<ConfigMap>('configmap', 'kubelet-config', '-n', 'kube-system');
    expect(parse(kubelet.data.kubelet ?? '')).toMatchObject({ kind: 'KubeletConfiguration', cgroupDriver: 'systemd' });
    // kubeadm reads both from the cluster.
    await cluster.exec('kubeadm', 'upgrade', 'node', 'phase', 'kubelet-config', '--dry-run');
  });

  test('can be discovered with its bootstrap token', async () => {
    const [id, secret] = ['abcdef', '0123456789abcdef'];
    const anonymous = await api('/api/v1/namespaces/kube-public/configmaps/cluster-info');
    const { data } = JSON.parse(anonymous.body) as ConfigMap;
    // RFC 7797: a signature with its payload left out.
    const [header, , signature] = (data[`jws-kubeconfig-${id}`] ?? '').split('.');
    const payload = Buffer.from(data.kubeconfig ?? '').toString('base64url');
    expect(signature).toBe(createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url'));
    expect(parse(data.kubeconfig ?? '').clusters[0].cluster.server).toBe(`https://${cluster.node}:6443`);

    const joining = await api('/api/v1/namespaces/kube-system/configmaps/kubeadm-config', `${id}.${secret}`);
    expect(joining.status).toBe(200);
    expect((await api('/api/v1/secrets', `${id}.${secret}`)).status).toBe(403);
  });
});

describe('looking at clusters', () => {
  test('get clusters and get nodes list it, for people and for programs', async () => {
    const list = await cluster.home.kinpod(['get', 'clusters']);
    expect(list.stdout.split('\n')).toContain(cluster.name);
    const json = await cluster.home.kinpod(['get', 'clusters', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toEqual(list.stdout.split('\n'));
    expect((await cluster.kinpod(['get', 'nodes'])).stdout).toBe(cluster.node);
    const nodes = JSON.parse((await cluster.kinpod(['get', 'nodes', '-o', 'json'])).stdout);
    expect(nodes).toMatchObject([{ name: cluster.node, cluster: cluster.name, role: 'control-plane', running: true }]);
    expect((await cluster.home.kinpod(['get', 'nodes', '--all-clusters'])).stdout.split('\n')).toContain(cluster.node);
  });

  test('of a cluster that does not exist they say so, and succeed as in kind', async () => {
    const none = await cluster.home.kinpod(['get', 'nodes', '--name', 'kpt-e2e-none']);
    expect(none).toEqual({ exitCode: 0, stdout: '', stderr: 'No kind nodes found for cluster "kpt-e2e-none".' });
  });

  test('get kubeconfig prints one that works, alone', async () => {
    const { stdout } = await cluster.kinpod(['get', 'kubeconfig']);
    const KUBECONFIG = await cluster.home.write('printed', stdout);
    expect(await cluster.kubectl(['get', '--raw', '/readyz'], { env: { KUBECONFIG } })).toBe('ok');
    expect(parse(stdout)['current-context']).toBe(`kind-${cluster.name}`);
    const internal = await cluster.kinpod(['get', 'kubeconfig', '--internal']);
    expect(parse(internal.stdout).clusters[0].cluster.server).toBe(`https://${cluster.node}:6443`);
  });

  test('get kubeconfig of a cluster that does not exist fails in the words of kind', async () => {
    const none = await cluster.home.kinpod(['get', 'kubeconfig', '--name', 'kpt-e2e-none']);
    expect(none).toMatchObject({ exitCode: 1, stdout: '' });
    expect(none.stderr).toContain(
      "ERROR: could not locate any control plane nodes for cluster named 'kpt-e2e-none'. Use the --name option to select a different cluster",
    );
  });

  test('export kubeconfig writes a file that works', async () => {
    const KUBECONFIG = cluster.home.path('exported');
    const { exitCode, stderr } = await cluster.kinpod(['export', 'kubeconfig', '--kubeconfig', KUBECONFIG]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: `Set kubectl context to "kind-${cluster.name}"` });
    expect(await cluster.kubectl(['get', '--raw', '/readyz'], { env: { KUBECONFIG } })).toBe('ok');
    expect(mode(KUBECONFIG)).toBe('600');
  });

  test("kubectl is the cluster's own, talks to it whatever the kubeconfig says, and passes on its exit code", async () => {
    const env = { KUBECONFIG: '/nonexistent' };
    const args = ['kubectl', '--name', cluster.name, '--'];
    const found = await cluster.home.kinpod([...args, 'get', 'nodes', '-o', 'name'], { env });
    expect(found).toMatchObject({ exitCode: 0, stdout: `node/${cluster.node}` });
    const client = await cluster.home.kinpod([...args, 'version', '--client', '-o', 'json'], { env });
    expect(JSON.parse(client.stdout).clientVersion.gitVersion).toBe('v1.36.3');
    const refused = await cluster.home.kinpod([...args, 'get', 'node', 'nobody'], { env });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('nodes "nobody" not found');
  });

  test('version and --version name the version of the package', async () => {
    const { version } = ownVersion();
    expect((await cluster.home.kinpod(['-q', 'version'])).stdout).toBe(version);
    expect((await cluster.home.kinpod(['--version'])).stdout).toBe(`kinpod version ${version}`);
    expect(JSON.parse((await cluster.home.kinpod(['version', '-o', 'json'])).stdout)).toMatchObject({ version });
  });
});

describe('the kubeconfig', () => {
  test('has the new context as the current one, and can be read by its owner only', async () => {
    expect(await cluster.kubectl(['config', 'current-context'])).toBe(`kind-${cluster.name}`);
    expect(mode(cluster.home.kubeconfig)).toBe('600');
    const { server } = parse(await cluster.home.read('kubeconfig')).clusters.find(
      (c: { name: string }) => c.name === `kind-${cluster.name}`,
    ).cluster;
    expect(server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  });

  test('keeps what was in it: other entries, and comments', async () => {
    const text = await cluster.home.read('kubeconfig');
    const kept = USERS_KUBECONFIG.split('\n').filter((line) => !line.startsWith('current-context:'));
    expect(text.split('\n')).toEqual(expect.arrayContaining(kept));
  });

  test('is left without a lock or a temporary file beside it', () => {
    const beside = readdirSync(cluster.home.path('.')).filter((name) => /kubeconfig\.|\.tmp$/.test(name));
    expect(beside).toEqual([]);
  });
});

describe('delete cluster', () => {
  test('removes all of it: nothing of its containers, volumes, mounts, addresses and entries is left', async () => {
    const names = await footprint(cluster.name);
    expect(await traces(names)).not.toEqual([]);
    const deleted = await cluster.kinpod(['delete', 'cluster']);
    expect(deleted).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `Deleting cluster "${cluster.name}" ...\nDeleted nodes: ["${cluster.node}"]`,
    });
    // All of them have one network, which stays for the next one: kind leaves it too.
    expect(added(before, await engineState()).filter((one) => one !== 'network kind')).toEqual([]);
    expect(await traces(names)).toEqual([]);
  });

  test('gives the kubeconfig back as it was', async () => {
    const text = await cluster.home.read('kubeconfig');
    expect(text.replace(/^current-context:.*$/m, 'current-context: work')).toBe(USERS_KUBECONFIG);
    expect(existsSync(`${cluster.home.kubeconfig}.lock`)).toBe(false);
  });

  test('of a cluster that does not exist succeeds', async () => {
    const again = await cluster.kinpod(['delete', 'cluster']);
    expect(again).toEqual({ exitCode: 0, stdout: '', stderr: `Deleting cluster "${cluster.name}" ...` });
  });
});

interface Node {
  metadata: { name: string };
  spec: { providerID: string; taints?: unknown[] };
  status: { nodeInfo: { kubeletVersion: string }; conditions: { type: string; status: string }[] };
}
interface ConfigMap {
  data: Record<string, string>;
}
interface StorageClass {
  metadata: { name: string; annotations: Record<string, string> };
  provisioner: string;
}

/** Said only where the machine has no kubectl. */
function kinpodsKubectl(talk: string): string {
  return talk.includes('kubectl is not installed here')
    ? `\nkubectl is not installed here; kinpod has one:\n\nkinpod kubectl --name ${cluster.name} -- get nodes\n`
    : '';
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

const anyone = new Agent({ rejectUnauthorized: false });
afterAll(() => anyone.destroy());

/** A request without a client certificate, as a machine makes it that knows the address and perhaps a token. */
async function api(path: string, token?: string): Promise<{ status: number; body: string }> {
  const { server } = parse((await cluster.kinpod(['get', 'kubeconfig'])).stdout).clusters[0].cluster;
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    request(`${server}${path}`, { agent: anyone, headers, timeout: 10_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

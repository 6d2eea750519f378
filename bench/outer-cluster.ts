import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../src/exec/run.ts';
import { ApiClient } from '../src/kube/client.ts';
import { readUserKubeconfig } from '../src/kubeconfig/kubeconfig.ts';
import { ENGINE, type NodeContainer, type Place } from './engine.ts';

/** What is looked at of Pods and Services. */
interface Objects {
  items: {
    metadata: { name: string; uid: string; labels: Record<string, string> };
    spec: { type?: string; ports?: { nodePort?: number }[] };
  }[];
}

/** Hierarchies of control groups that say what a node has used, v1 and v2. */
const HIERARCHIES = ['/sys/fs/cgroup/cpuacct', '/sys/fs/cgroup'];

/** A cluster of one node on this host's engine, which has the nodes of others in Pods. They are found in that node's files and control groups. */
export class OuterCluster implements Place {
  readonly #node: NodeContainer;
  readonly #api: ApiClient;
  /** Where the node's kubelet has the Pods' volumes. */
  readonly #pods: string;

  private constructor(node: NodeContainer, api: ApiClient, pods: string) {
    this.#node = node;
    this.#api = api;
    this.#pods = pods;
  }

  /** @param kubeconfig path of a file with the cluster's entry */
  static async open(cluster: string, kubeconfig: string): Promise<OuterCluster> {
    const [node] = await ENGINE.findNodes(cluster);
    const pods = node?.writes.map((dir) => join(dir, 'lib', 'kubelet', 'pods')).find((dir) => existsSync(dir));
    if (!node || !pods) throw new Error(`there is no node of ${cluster}`);
    const entry = readUserKubeconfig(await readFile(kubeconfig, 'utf8'), `kind-${cluster}`);
    const { hostname: host, port } = new URL(entry.server);
    const credentials = { ca: entry.caPem, cert: entry.clientCertPem, key: entry.clientKeyPem };
    return new OuterCluster(node, new ApiClient({ host, port: Number(port) }, credentials), pods);
  }

  /** Only one of the Pods that are there at a time is a control plane: it has what the observer looks for. */
  async rootOf(): Promise<string | undefined> {
    const roots = (await readdir(this.#pods)).map((uid) => this.#volumeOf(uid));
    return roots.find((root) => existsSync(join(root, 'etc', 'kubernetes', 'super-admin.conf')));
  }

  async findNodes(cluster: string): Promise<NodeContainer[]> {
    const of = (kind: string) =>
      this.#api.get<Objects>(`/api/v1/namespaces/default/${kind}?labelSelector=io.x-k8s.kind.cluster%3D${cluster}`);
    const [pods, services] = await Promise.all([of('pods'), of('services')]);
    const port = services.items.find(({ spec }) => spec.type === 'NodePort')?.spec.ports?.[0]?.nodePort;
    const { address } = this.#node;
    const nodes = pods.items.map(async ({ metadata: { uid, labels } }) => ({
      ...{ name: labels['dev.kinpod.node'] ?? '', address, port },
      cgroup: await this.#cgroupOf(uid),
      writes: [this.#volumeOf(uid)],
    }));
    return (await Promise.all(nodes)).sort((a, b) => a.name.localeCompare(b.name));
  }

  close(): void {
    this.#api.close();
  }

  #volumeOf(uid: string): string {
    return join(this.#pods, uid, 'volumes', 'kubernetes.io~empty-dir', 'data');
  }

  async #cgroupOf(uid: string): Promise<string> {
    const hierarchy = HIERARCHIES.find((one) => existsSync(one)) ?? '';
    const name = `*pod${uid.replaceAll('-', '_')}.slice`;
    const { stdout } = await run('find', [join(hierarchy, this.#node.cgroup), '-type', 'd', '-name', name]);
    return stdout.split('\n', 1)[0]?.slice(hierarchy.length) ?? '';
  }
}

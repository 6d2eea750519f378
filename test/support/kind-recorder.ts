import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from '../../src/exec/run.ts';
import type { NodeAddresses } from '../../src/network/addresses.ts';
import type { KubeadmDocument } from '../../src/node/kubeadm-config.ts';
import { root } from './cli.ts';
import { kindBinary } from './kind.ts';
import { PREFIX } from './podman.ts';

const RECORDER = join(root, 'test', 'support', 'recorder');

/** containerd's configuration in the recorded nodes: the node image's own. */
export const CONTAINERD_CONFIG = join(root, 'images/node/runtimes/containerd/rootfs/etc/containerd/config.toml');

export interface RecordOptions {
  /** `kind.x-k8s.io/v1alpha4` text, with a name. */
  config: string;
  /** Kubernetes version of the nodes, `v1.36.3`. */
  version: string;
  rootless: boolean;
  /** By node name. */
  addresses: ReadonlyMap<string, NodeAddresses>;
}

/** What kind wrote into one node. */
export interface RecordedNode {
  kubeadm: KubeadmDocument[];
  /** containerd's configuration; undefined where it was not patched. */
  containerd: string | undefined;
}

/**
 * What the real kind writes into the nodes of a cluster, without a cluster: kind runs against a stand-in for podman that keeps
 * what is written and fails at `kubeadm init`.
 */
export async function recordKind(options: RecordOptions): Promise<Map<string, RecordedNode>> {
  const kind = await kindBinary();
  const dir = await mkdtemp(join(tmpdir(), `${PREFIX}recorder-`));
  try {
    const addresses = [...options.addresses].map(([name, { ipv4, ipv6 }]) => `${name} ${ipv4} ${ipv6}\n`);
    await Promise.all([
      writeFile(join(dir, 'cluster.yaml'), options.config),
      writeFile(join(dir, 'addresses'), addresses.join('')),
      writeFile(join(dir, 'version'), options.version),
      writeFile(join(dir, 'rootless'), String(options.rootless)),
      cp(CONTAINERD_CONFIG, join(dir, 'config.toml')),
      mkdir(join(dir, 'written')),
    ]);
    const env = {
      PATH: `${RECORDER}:${process.env.PATH}`,
      RECORDER: dir,
      KIND_EXPERIMENTAL_PROVIDER: 'podman',
      KUBECONFIG: join(dir, 'kubeconfig'),
    };
    const args = ['create', 'cluster', '--retain', '--config', join(dir, 'cluster.yaml'), '--image', 'recorded'];
    const { stderr } = await run(kind, args, { env, allowFailure: true, timeoutMs: 60_000 });
    const nodes = await readdir(join(dir, 'written'));
    const recorded = await Promise.all(nodes.map((node) => readNode(join(dir, 'written', node))));
    const found = new Map(nodes.flatMap((node, i) => (recorded[i] ? [[node, recorded[i]] as const] : [])));
    // Its own words where it refused the configuration.
    if (found.size === 0) throw new Error(`kind wrote nothing:\n${stderr}`);
    return found;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** @returns undefined for the load balancer, which has no kubeadm configuration */
async function readNode(dir: string): Promise<RecordedNode | undefined> {
  const [kubeadm, containerd] = await Promise.all(
    ['kubeadm.conf', 'config.toml'].map((name) => readFile(join(dir, name), 'utf8').catch(() => undefined)),
  );
  if (kubeadm === undefined) return undefined;
  // kubeadm reads YAML 1.1.
  const documents = parseAllDocuments(kubeadm, { version: '1.1' });
  return { kubeadm: documents.map((d) => d.toJS() as KubeadmDocument).filter(Boolean), containerd };
}

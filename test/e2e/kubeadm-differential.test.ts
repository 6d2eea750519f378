import { readFile } from 'node:fs/promises';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { addressesInUse, layOut } from '../../src/cluster/layout.ts';
import { loadClusterConfig } from '../../src/config/load.ts';
import type { ClusterConfig } from '../../src/config/types.ts';
import { KubernetesVersion } from '../../src/kube/version.ts';
import { type KubeadmDocument, kubeadmConfig } from '../../src/node/kubeadm-config.ts';
import { RUNTIMES } from '../../src/node/runtime/runtimes.ts';
import { patchToml } from '../../src/patch/toml.ts';
import { CASES, type Case, CONTAINERD_CASES } from '../support/configs/kubeadm-cases.ts';
import { whyNoKind } from '../support/kind.ts';
import { CONTAINERD_CONFIG, recordKind } from '../support/kind-recorder.ts';
import { unless } from '../support/unless.ts';

/*
 * What stock kind writes to /kind/kubeadm.conf of each node, and what kinpod writes: equal, but for the differences that
 * are listed here.
 */

type Fields = Record<string, unknown>;

interface Difference {
  why: string;
  /** Whether a cluster has it at all. */
  when?: (config: ClusterConfig, rootless: boolean) => boolean;
  kind: string;
  /** Take it out of a document of kinpod's, normalised. */
  undo(document: Fields, config: ClusterConfig): void;
}

const oneNode = (config: ClusterConfig) => config.nodes.length === 1;
const controlPlanes = (config: ClusterConfig) => config.nodes.filter((n) => n.role === 'control-plane').length;

const INTENDED: readonly Difference[] = [
  {
    why: 'ECDSA keys: an RSA key takes 40 ms to make, and a cluster has a dozen',
    kind: 'ClusterConfiguration',
    undo(document) {
      drop(document, 'encryptionAlgorithm');
      drop(document, 'featureGates', 'PublicKeysECDSA');
    },
  },
  {
    why: 'the controller manager and the scheduler start in a second less with room for their requests',
    kind: 'ClusterConfiguration',
    undo(document) {
      for (const component of ['controllerManager', 'scheduler']) {
        for (const limit of ['kube-api-qps', 'kube-api-burst']) drop(document, component, 'extraArgs', limit);
      }
    },
  },
  {
    why: 'with one control plane nobody else wants to be leader, and to be elected takes seconds',
    when: (config) => controlPlanes(config) === 1,
    kind: 'ClusterConfiguration',
    undo(document) {
      for (const component of ['controllerManager', 'scheduler'])
        drop(document, component, 'extraArgs', 'leader-elect');
    },
  },
  {
    why: 'etcd writes without fsync: the data of a test cluster may be lost with the machine',
    kind: 'ClusterConfiguration',
    undo(document) {
      drop(document, 'etcd', 'local', 'dataDir');
      for (const name of [
        'unsafe-no-fsync',
        'heartbeat-interval',
        'election-timeout',
        'feature-gates',
        'experimental-initial-corrupt-check',
      ]) {
        drop(document, 'etcd', 'local', 'extraArgs', name);
      }
    },
  },
  {
    why: 'where the engine cannot forward from ::1, the API server is published on 127.0.0.1',
    when: (config) => ['::1', '::'].includes(config.networking.apiServerAddress),
    kind: 'ClusterConfiguration',
    undo(document) {
      const server = document.apiServer as { certSANs: string[] };
      server.certSANs = server.certSANs.filter((name) => !['127.0.0.1', '0.0.0.0'].includes(name));
    },
  },
  ...['InitConfiguration', 'JoinConfiguration'].map((kind) => ({
    why: "probes that look every second, as patches in kubeadm's own way",
    kind,
    undo: (document: Fields) => drop(document, 'patches', 'directory'),
  })),
  ...['KubeletConfiguration', 'KubeProxyConfiguration'].map((kind) => ({
    why: 'where a lower OOM score cannot be had, both would wait for it',
    when: (_: ClusterConfig, rootless: boolean) => rootless,
    kind,
    undo: (document: Fields) => drop(document, 'oomScoreAdj'),
  })),
  {
    why: 'of the components only the kubelet looks at this gate',
    when: (_, rootless) => rootless,
    kind: 'ClusterConfiguration',
    undo(document) {
      for (const component of ['apiServer', 'controllerManager', 'scheduler']) {
        const { extraArgs } = document[component] as { extraArgs: Fields };
        extraArgs['feature-gates'] = 'KubeletInUserNamespace=true';
      }
    },
  },
  {
    why: 'of the components only the kubelet looks at this gate',
    when: (_, rootless) => rootless,
    kind: 'KubeProxyConfiguration',
    undo(document) {
      document.featureGates = { KubeletInUserNamespace: true };
    },
  },
  {
    why: 'kind takes the taint off the only node when the cluster is there; kinpod never puts it on',
    when: oneNode,
    kind: 'InitConfiguration',
    undo: (document) => drop(document, 'nodeRegistration', 'taints'),
  },
];

const reason = await whyNoKind();

describe('the kubeadm configuration of each node is that of kind, but for what is intended', unless(reason), () => {
  test.each(CASES)('$name', async (given) => {
    const { config, version, nodes } = await record(given);
    expect(nodes.kind.size).toBe(config.nodes.length);
    for (const [name, recorded] of nodes.kind) {
      const intended = INTENDED.filter((d) => d.when?.(config, Boolean(given.rootless)) ?? true);
      const own = normal(nodes.kinpod.get(name) ?? []);
      for (const { kind, undo } of intended) {
        const document = own.find((d) => d.kind === kind);
        if (document) undo(document, config);
      }
      expect(own.map(withoutEmpty), `${name} of ${version}`).toEqual(normal(recorded.kubeadm).map(withoutEmpty));
    }
  });
});

describe("containerd's configuration is that of kind", unless(reason), () => {
  test.each(CONTAINERD_CASES)('$name', async (given) => {
    const { config, nodes } = await record(given);
    const original = await readFile(CONTAINERD_CONFIG, 'utf8');
    const own = patchToml(original, config.containerdConfigPatches, config.containerdConfigPatchesJSON6902);
    for (const [, { containerd }] of nodes.kind) expect(parseToml(own)).toEqual(parseToml(containerd ?? ''));
  });
});

/** Both programs' documents by node. */
async function record({ config: yaml, version: text = 'v1.36.3', rootless = false }: Case) {
  const configText = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: diff\n${yaml}\n`;
  const { config } = loadClusterConfig({ text: configText, path: 'cluster.yaml' });
  const version = new KubernetesVersion(text);
  const layout = layOut(
    config,
    config.nodes.map(() => ({ reference: 'recorded', version, runtime: 'containerd' as const })),
    'podman',
  );
  const addresses = new Map(
    layout.nodes.map(({ name }, i) => [
      name,
      { ipv4: `10.89.128.${i + 1}`, ipv6: `fc00:f853:ccd:e793:8000::${i + 1}` },
    ]),
  );
  const kind = await recordKind({ config: configText, version: text, rootless, addresses });
  const kinpod = new Map(
    layout.nodes.map(({ name, config: node }) => {
      const all = addresses.get(name);
      if (!all) throw new Error('every node has addresses');
      const documents = kubeadmConfig({
        cluster: config,
        node,
        nodeName: name,
        addresses: addressesInUse(config, all),
        controlPlaneEndpoint: layout.controlPlaneEndpoint,
        controlPlanes: controlPlanes(config),
        version,
        criSocket: RUNTIMES.containerd.socket,
        providerName: 'podman',
        cgroupV1: false,
        restricted: rootless,
        rootless,
      });
      return [name, documents] as const;
    }),
  );
  return { config, version: text, nodes: { kind, kinpod } };
}

/**
 * Documents in one order, with arguments by name instead of as a list, and labels in one order (kind's is random). What is left
 * out, null and empty means the same to kubeadm.
 */
function normal(documents: readonly KubeadmDocument[]): Fields[] {
  return documents
    .map((document) => normalValue(document) as Fields)
    .sort((a, b) => String(a.kind).localeCompare(String(b.kind)));
}

function normalValue(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    if (!/[eE]xtraArgs$/.test(key)) return value.map((v) => normalValue(v));
    const args = value as { name: string; value: string }[];
    return normalValue(Object.fromEntries(args.map((a) => [a.name, a.value])), key);
  }
  if (typeof value === 'string' && key === 'node-labels') return value.split(',').sort().join(',');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, normalValue(v, k)]));
}

function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutEmpty);
  const entries = Object.entries(value).map(([k, v]) => [k, withoutEmpty(v)] as const);
  return Object.fromEntries(entries.filter(([, v]) => !isEmpty(v)));
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** Remove the field at the end of a path, where there is one. */
function drop(document: Fields, ...path: string[]): void {
  const last = path.at(-1) ?? '';
  const parent = path.slice(0, -1).reduce<Fields | undefined>((at, key) => at?.[key] as Fields | undefined, document);
  if (parent) delete parent[last];
}

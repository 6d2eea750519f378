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
import { whyNoKind } from '../support/kind.ts';
import { CONTAINERD_CONFIG, recordKind } from '../support/kind-recorder.ts';

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

interface Case {
  name: string;
  config: string;
  /** Default v1.36.3. */
  version?: string;
  rootless?: boolean;
}

const NODES = {
  workers: 'nodes: [{role: control-plane}, {role: worker}, {role: worker}]',
  ha: 'nodes: [{role: control-plane}, {role: control-plane}, {role: control-plane}, {role: worker}]',
};

const V1BETA3 = 'v1.35.0';

const merge = (...patches: string[]) => `kubeadmConfigPatches: ${JSON.stringify(patches)}`;
const json = (group: string, version: string, kind: string, patch: string) =>
  `kubeadmConfigPatchesJSON6902: ${JSON.stringify([{ group, version, kind, patch }])}`;

const CASES: readonly Case[] = [
  { name: 'one node', config: '' },
  { name: 'one node of v1beta3', config: '', version: V1BETA3 },
  { name: 'one node of the oldest version', config: '', version: 'v1.29.6' },
  { name: 'a pre-release', config: '', version: 'v1.36.0-beta.0' },
  { name: 'workers', config: NODES.workers },
  { name: 'workers of v1beta3', config: NODES.workers, version: V1BETA3 },
  { name: 'a worker before the control plane', config: 'nodes: [{role: worker}, {role: control-plane}]' },
  { name: 'several control planes', config: NODES.ha },
  { name: 'several control planes of v1beta3', config: NODES.ha, version: V1BETA3 },
  { name: 'ipv6', config: 'networking: {ipFamily: ipv6}' },
  { name: 'ipv6 of v1beta3 with workers', config: `networking: {ipFamily: ipv6}\n${NODES.workers}`, version: V1BETA3 },
  { name: 'ipv6 with several control planes', config: `networking: {ipFamily: ipv6}\n${NODES.ha}` },
  { name: 'ipv6, every address for the API server', config: 'networking: {ipFamily: ipv6, apiServerAddress: "::"}' },
  { name: 'dual', config: 'networking: {ipFamily: dual}' },
  { name: 'dual with workers', config: `networking: {ipFamily: dual}\n${NODES.workers}` },
  {
    name: 'dual with Services of IPv6 first',
    config:
      'networking: {ipFamily: dual, serviceSubnet: "fd00:1::/112,10.1.0.0/16", podSubnet: "fd00:2::/56,10.2.0.0/16"}',
  },
  {
    name: 'dual with one subnet each',
    config: 'networking: {ipFamily: dual, serviceSubnet: 10.1.0.0/16, podSubnet: fd00:2::/56}',
  },
  { name: 'other subnets', config: 'networking: {podSubnet: 10.1.0.0/16, serviceSubnet: 10.2.0.0/20}' },
  {
    name: 'another address of the API server',
    config: 'networking: {apiServerAddress: 192.0.2.7, apiServerPort: 7443}',
  },
  { name: 'every address for the API server', config: 'networking: {apiServerAddress: 0.0.0.0}' },
  ...['iptables', 'nftables', 'ipvs', 'none'].flatMap((mode) => [
    { name: `kube-proxy mode ${mode}`, config: `networking: {kubeProxyMode: ${mode}}` },
    { name: `kube-proxy mode ${mode}, v1beta3`, config: `networking: {kubeProxyMode: ${mode}}`, version: V1BETA3 },
  ]),
  { name: 'feature gates', config: 'featureGates: {Zeta: false, Alpha: true}' },
  { name: 'feature gates of v1beta3', config: 'featureGates: {Zeta: false, Alpha: true}', version: V1BETA3 },
  { name: 'runtime config', config: 'runtimeConfig: {api/beta: "false", api/all: "true", "apps/v1": ""}' },
  {
    name: 'labels',
    config: `nodes:
- {role: control-plane, labels: {tier: "a", "example.com/x": "y"}}
- {role: worker, labels: {one: "1"}}
- {role: worker, labels: {empty: ""}}`,
  },
  { name: 'no default network', config: 'networking: {disableDefaultCNI: true}' },
  { name: 'a rootless engine', config: '', rootless: true },
  { name: 'a rootless engine with nftables', config: 'networking: {kubeProxyMode: nftables}', rootless: true },
  {
    name: 'merge patches for every kind',
    config: `${NODES.workers}\n${merge(
      'kind: ClusterConfiguration\ndns: {disabled: true}\nnetworking: {dnsDomain: example.test}\n',
      'kind: InitConfiguration\nskipPhases: [preflight, addon/kube-proxy]\nlocalAPIEndpoint: {bindPort: 6443}\n',
      'kind: JoinConfiguration\ntimeouts: {discovery: 3m0s}\n',
      'kind: KubeletConfiguration\nmaxPods: 42\nevictionHard: {imagefs.available: null}\n',
      'kind: KubeProxyConfiguration\nnodePortAddresses: ["10.0.0.0/8"]\nconntrack: {min: 0}\n',
    )}`,
  },
  {
    name: 'extra arguments are merged by name, and removed by null',
    config: merge(
      `kind: ClusterConfiguration
apiServer:
  extraArgs:
  - {name: audit-log-path, value: "-"}
  - {name: runtime-config, value: api/all=true}
controllerManager:
  extraArgs:
  - {name: enable-hostpath-provisioner, value: null}
`,
      'kind: InitConfiguration\nnodeRegistration:\n  kubeletExtraArgs:\n  - {name: v, value: "4"}\n',
    ),
  },
  {
    name: 'extra arguments as a map, for documents that have a list',
    config: merge('kind: ClusterConfiguration\nscheduler:\n  extraArgs: {v: "2"}\n'),
  },
  {
    name: 'extra arguments of v1beta3',
    config: merge(
      'kind: ClusterConfiguration\napiServer:\n  extraArgs: {v: "2", runtime-config: null}\n',
      'kind: InitConfiguration\nnodeRegistration:\n  kubeletExtraArgs: {node-labels: "a=b"}\n',
    ),
    version: V1BETA3,
  },
  {
    name: 'patches of another API version are passed over',
    config: merge(
      'kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta3\napiServer:\n  extraArgs: {v: "3"}\n',
      'kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\napiServer:\n  extraArgs: [{name: v, value: "4"}]\n',
    ),
  },
  {
    name: 'patches of another API version are passed over, v1beta3',
    config: merge(
      'kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta3\napiServer:\n  extraArgs: {v: "3"}\n',
      'kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/v1beta4\napiServer:\n  extraArgs: [{name: v, value: "4"}]\n',
    ),
    version: V1BETA3,
  },
  {
    name: 'names in the certificate are united',
    config: merge('kind: ClusterConfiguration\napiServer:\n  certSANs: [api.example.test, localhost, "192.0.2.9"]\n'),
  },
  {
    name: 'several documents in one patch, and one with the old matching name',
    config: merge(
      'kind: KubeletConfiguration\nmetadata: {name: config}\nmaxPods: 7\n---\nkind: KubeProxyConfiguration\nbindAddress: 0.0.0.0\n',
    ),
  },
  {
    name: 'JSON patches',
    config: json(
      'kubeadm.k8s.io',
      'v1beta4',
      'ClusterConfiguration',
      '- {op: add, path: /apiServer/certSANs/-, value: patched.example.test}\n- {op: replace, path: /clusterName, value: other}\n',
    ),
  },
  {
    name: 'JSON patches without a version, and of another',
    config: `kubeadmConfigPatchesJSON6902:
- {group: kubelet.config.k8s.io, version: v1beta1, kind: KubeletConfiguration, patch: '[{"op":"add","path":"/podPidsLimit","value":99}]'}
- {group: kubeadm.k8s.io, version: v1beta3, kind: InitConfiguration, patch: '[{"op":"remove","path":"/bootstrapTokens"}]'}
- {group: "", version: "", kind: KubeProxyConfiguration, patch: '[{"op":"replace","path":"/mode","value":"nftables"}]'}`,
  },
  {
    name: 'JSON patches come after merge patches',
    config: `${merge('kind: KubeletConfiguration\nmaxPods: 7\n')}\n${json(
      'kubelet.config.k8s.io',
      'v1beta1',
      'KubeletConfiguration',
      '- {op: test, path: /maxPods, value: 7}\n- {op: replace, path: /maxPods, value: 8}\n',
    )}`,
  },
  {
    name: "a node's own patches come after the cluster's",
    config: `${merge('kind: KubeletConfiguration\nmaxPods: 7\n', 'kind: JoinConfiguration\nnodeRegistration: {taints: [{key: a, effect: NoSchedule}]}\n')}
nodes:
- role: control-plane
  kubeadmConfigPatches: ["kind: InitConfiguration\\nnodeRegistration:\\n  kubeletExtraArgs: [{name: node-labels, value: ingress-ready=true}]\\n"]
- role: worker
  kubeadmConfigPatches: ["kind: KubeletConfiguration\\nmaxPods: 9\\n", "kind: JoinConfiguration\\nnodeRegistration: {name: renamed}\\n"]
- role: worker
  kubeadmConfigPatchesJSON6902:
  - {group: kubelet.config.k8s.io, version: v1beta1, kind: KubeletConfiguration, patch: '[{"op":"add","path":"/maxPods","value":10}]'}`,
  },
  {
    name: 'patches of every node of several control planes',
    config: `${NODES.ha}\n${merge('kind: JoinConfiguration\ncontrolPlane:\n  localAPIEndpoint: {bindPort: 6443}\n', 'kind: ClusterConfiguration\netcd: {local: {extraArgs: [{name: quota-backend-bytes, value: "100000000"}]}}\n')}`,
  },
];

const CONTAINERD_CASES: readonly { name: string; config: string }[] = [
  {
    name: 'a registry',
    config: `containerdConfigPatches:
- |
  [plugins."io.containerd.cri.v1.images".registry]
    config_path = "/etc/containerd/certs.d"`,
  },
  {
    name: 'patches of the same and of another version',
    config: `containerdConfigPatches:
- "version = 1\\noom_score = 1\\n"
- "version = 2\\noom_score = 2\\n"
- "version = 3\\n[debug]\\nlevel = \\"debug\\"\\n"`,
  },
  {
    name: 'a JSON patch after a merge patch',
    config: `containerdConfigPatches: ["oom_score = -1\\n"]
containerdConfigPatchesJSON6902: ['[{"op":"replace","path":"/oom_score","value":5}]', '[{"op":"add","path":"/root","value":"/var/lib/other"}]']`,
  },
];

const reason = await whyNoKind();

describe.skipIf(reason)('the kubeadm configuration of each node is that of kind, but for what is intended', () => {
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

describe.skipIf(reason)("containerd's configuration is that of kind", () => {
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

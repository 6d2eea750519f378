/** A cluster whose kubeadm configuration is compared with kind's. */
export interface Case {
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

export const CASES: readonly Case[] = [
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

/** Clusters whose configuration of containerd is. */
export const CONTAINERD_CASES: readonly { name: string; config: string }[] = [
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

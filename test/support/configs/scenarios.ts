import { type Corpus, HEADER } from './header.ts';

/** What people write configurations for, and every field at least once. */
export const scenarios: Corpus = {
  'nothing but the header': HEADER,
  'the header in the other order': 'apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n',
  'a name': `${HEADER}name: dev-1.a\n`,
  'a name of 51 characters': `${HEADER}name: ${'n'.repeat(51)}\n`,
  'one control plane, two workers': `${HEADER}nodes:\n- role: control-plane\n- role: worker\n- role: worker\n`,
  'three control planes, three workers': `${HEADER}nodes:\n${'- role: control-plane\n'.repeat(3)}${'- role: worker\n'.repeat(3)}`,
  'workers before the control plane': `${HEADER}nodes:\n- role: worker\n- role: worker\n- role: control-plane\n`,
  'nodes without a role': `${HEADER}nodes:\n- image: localhost/a:1\n- {}\n- role: worker\n`,
  'twenty workers': `${HEADER}nodes:\n- role: control-plane\n${'- role: worker\n'.repeat(20)}`,
  'an own image for each node': `${HEADER}nodes:
- role: control-plane
  image: localhost/kinpod-node:v1.36.3
- role: worker
  image: registry.example:5000/node@sha256:0000000000000000000000000000000000000000000000000000000000000000
`,
  'an ingress controller on the host': `${HEADER}nodes:
- role: control-plane
  labels:
    ingress-ready: "true"
  extraPortMappings:
  - {containerPort: 80, hostPort: 8080, protocol: TCP}
  - {containerPort: 443, hostPort: 8443, listenAddress: "127.0.0.1"}
  - {containerPort: 53, hostPort: 5353, protocol: udp}
  - {containerPort: 9, hostPort: 9999, protocol: Sctp}
`,
  'node ports with free host ports': `${HEADER}nodes:\n- extraPortMappings:\n  - containerPort: 30000\n  - {containerPort: 30001, hostPort: 0}\n  - {containerPort: 30002, hostPort: -1}\n`,
  'a directory of the host': `${HEADER}nodes:
- role: control-plane
  extraMounts:
  - hostPath: /srv/data
    containerPath: /data
  - hostPath: ./relative
    containerPath: /code
    readOnly: true
    selinuxRelabel: true
    propagation: HostToContainer
  - {hostPath: /a, containerPath: /b, propagation: Bidirectional}
  - {hostPath: /c, containerPath: /d, propagation: None}
`,
  'an API server that others can reach': `${HEADER}networking:\n  apiServerAddress: "0.0.0.0"\n  apiServerPort: 6443\n`,
  'an API server port that the engine picks': `${HEADER}networking:\n  apiServerPort: -1\n`,
  'own subnets': `${HEADER}networking:\n  podSubnet: "10.100.0.0/16"\n  serviceSubnet: 10.200.0.0/20\n`,
  IPv6: `${HEADER}networking:\n  ipFamily: ipv6\n`,
  'IPv6 with own subnets': `${HEADER}networking:\n  ipFamily: ipv6\n  podSubnet: fd01::/48\n  serviceSubnet: fd02::/112\n  apiServerAddress: "::1"\n`,
  'both families': `${HEADER}networking:\n  ipFamily: dual\n`,
  'both families, IPv6 first': `${HEADER}networking:\n  ipFamily: dual\n  podSubnet: fd00:10:244::/56,10.244.0.0/16\n  serviceSubnet: fd00:10:96::/112,10.96.0.0/16\n`,
  'both families, one subnet': `${HEADER}networking:\n  ipFamily: dual\n  podSubnet: 10.1.0.0/16\n  serviceSubnet: fd01::/112\n`,
  'an own pod network': `${HEADER}networking:\n  disableDefaultCNI: true\n`,
  'kube-proxy with ipvs': `${HEADER}networking:\n  kubeProxyMode: ipvs\n`,
  'kube-proxy with nftables': `${HEADER}networking:\n  kubeProxyMode: nftables\n`,
  'no kube-proxy': `${HEADER}networking:\n  kubeProxyMode: none\n`,
  'DNS search domains': `${HEADER}networking:\n  dnsSearch: [corp.example, example]\n`,
  'no DNS search domains': `${HEADER}networking:\n  dnsSearch: []\n`,
  'feature gates': `${HEADER}featureGates:\n  ContextualLogging: true\n  "Other": false\n`,
  'APIs that are off by default': `${HEADER}runtimeConfig:\n  api/alpha: "true"\n  "batch/v2": 'false'\n`,
  'settings of kubelets': `${HEADER}nodes:
- role: control-plane
  kubeadmConfigPatches:
  - |
    kind: InitConfiguration
    nodeRegistration:
      kubeletExtraArgs:
        node-labels: "tier=front"
- role: worker
  kubeadmConfigPatches:
  - |
    kind: JoinConfiguration
    nodeRegistration:
      kubeletExtraArgs:
        system-reserved: memory=1Gi
`,
  'settings of the API server for the whole cluster': `${HEADER}kubeadmConfigPatches:
- |-
  apiVersion: kubeadm.k8s.io/v1beta4
  kind: ClusterConfiguration
  apiServer:
    extraArgs:
    - {name: audit-log-path, value: "-"}
- "kind: KubeProxyConfiguration\\nmode: iptables\\n"
kubeadmConfigPatchesJSON6902:
- group: kubeadm.k8s.io
  version: v1beta4
  kind: ClusterConfiguration
  patch: |
    - {op: add, path: /apiServer/certSANs/-, value: my-hostname}
- kind: KubeletConfiguration
  patch: '[{"op": "add", "path": "/maxPods", "value": 50}]'
`,
  'JSON patches of one node': `${HEADER}nodes:\n- role: control-plane\n  kubeadmConfigPatchesJSON6902:\n  - {group: "", version: "", kind: InitConfiguration, patch: "[]"}\n`,
  'a registry mirror': `${HEADER}containerdConfigPatches:
- |-
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
- "version = 3"
containerdConfigPatchesJSON6902:
- '[{"op": "add", "path": "/oom_score", "value": 0}]'
`,
  'comments everywhere': `# a cluster
${HEADER}# nodes
nodes: # two
# the first
- role: control-plane # it
  # labels
  labels: # of it
    a: b # one
  # the end of it
# the second
- # here
  role: worker
# the end
`,
  JSON: '{"kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4", "name": "j", "nodes": [{"role": "worker"}, {}]}',
  'pretty JSON': JSON.stringify(
    {
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      kind: 'Cluster',
      networking: { apiServerPort: 7000 },
      featureGates: { A: true },
    },
    null,
    2,
  ),
  'JSON with tabs': JSON.stringify({ apiVersion: 'kind.x-k8s.io/v1alpha4', kind: 'Cluster', nodes: [{}] }, null, '\t'),
};

/** What cannot work, and kind does not see. */
export const doomed: Corpus = {
  'two nodes that publish the same port': `${HEADER}nodes:\n- extraPortMappings: [{containerPort: 1, hostPort: 8080}]\n- role: worker\n  extraPortMappings: [{containerPort: 1, hostPort: 8080}]\n`,
  'the same port with and without a protocol': `${HEADER}nodes:\n- extraPortMappings: [{containerPort: 1, hostPort: 8080}, {containerPort: 2, hostPort: 8080, protocol: TCP}]\n`,
  'the port of the API server published again': `${HEADER}networking: {apiServerPort: 6443}\nnodes:\n- extraPortMappings: [{containerPort: 1, hostPort: 6443, listenAddress: 127.0.0.1}]\n`,
  'the same node port twice': `${HEADER}nodes:\n- extraPortMappings: [{containerPort: 80, hostPort: 1}, {containerPort: 80, hostPort: 2}]\n`,
  'a mapping of no port': `${HEADER}nodes:\n- extraPortMappings: [{}]\n`,
  'a mount without a path in the node': `${HEADER}nodes:\n- extraMounts: [{hostPath: /a}]\n`,
  'a mount without a path on the host': `${HEADER}nodes:\n- extraMounts: [{containerPath: /a}]\n`,
  'a mount of nothing': `${HEADER}nodes:\n- extraMounts: [{}]\n`,
  'an address of the API server that is none': `${HEADER}networking:\n  apiServerAddress: nowhere\n`,
  'an address of the other family': `${HEADER}networking:\n  ipFamily: ipv6\n  apiServerAddress: 127.0.0.1\n`,
  'a pod subnet that is the service subnet': `${HEADER}networking:\n  podSubnet: 10.1.0.0/16\n  serviceSubnet: 10.1.0.0/16\n`,
  'a pod subnet without room': `${HEADER}networking:\n  podSubnet: 10.1.1.0/30\n`,
  'an image that cannot be': `${HEADER}nodes:\n- image: "not an image"\n`,
  'a label that cannot be': `${HEADER}nodes:\n- labels: {"a b": "c d", "": ""}\n`,
  'patches that are none': `${HEADER}kubeadmConfigPatches: ["{", "", x]\ncontainerdConfigPatches: ["= ="]\nkubeadmConfigPatchesJSON6902: [{patch: x}]\n`,
  'a listen address that does not matter': `${HEADER}nodes:\n- extraPortMappings: [{containerPort: 80, listenAddress: nowhere}]\n`,
  'names that begin with dots and dashes': `${HEADER}name: "-.-"\n`,
};

import { type Corpus, HEADER } from './header.ts';

const mappings = (...of: string[]) =>
  `${HEADER}nodes:\n- extraPortMappings:\n${of.map((one) => `  - {${one}}\n`).join('')}`;
const networking = (fields: string) => `${HEADER}networking: {${fields}}\n`;

/** Every rule of kind's, broken. */
export const brokenRules: Corpus = {
  'a name with capitals': `${HEADER}name: Dev\n`,
  'a name with an underscore': `${HEADER}name: a_b\n`,
  'a name of two lines': `${HEADER}name: "a\\nb"\n`,
  'a name with quotes': `${HEADER}name: 'a"b'\n`,
  'an API server port that is too high': networking('apiServerPort: 65536'),
  'an API server port that is too low': networking('apiServerPort: -2'),
  'an API server port that is no 32-bit number': networking('apiServerPort: 2147483648'),
  'an IP family that is none': networking('ipFamily: ipv5'),
  'an IP family in capitals': networking('ipFamily: IPv4'),
  'a pod subnet that is none': networking('podSubnet: here'),
  'a service subnet that is none': networking('serviceSubnet: 10.0.0.0'),
  'a subnet with a mask that is too long': networking('podSubnet: 10.0.0.0/33'),
  'a subnet with blanks': networking('podSubnet: " 10.0.0.0/8"'),
  'a subnet of the other family': networking('podSubnet: "fd00::/56"'),
  'a subnet of the other family, IPv6': networking('ipFamily: ipv6, serviceSubnet: 10.0.0.0/8'),
  'two subnets for one family': networking('podSubnet: "10.0.0.0/8,fd00::/56"'),
  'two subnets of one family': networking('ipFamily: dual, podSubnet: "10.0.0.0/8,11.0.0.0/8"'),
  'three subnets': networking('ipFamily: dual, podSubnet: "10.0.0.0/8,fd00::/56,11.0.0.0/8"'),
  'a subnet and a comma': networking('ipFamily: dual, podSubnet: "10.0.0.0/8,"'),
  'IPv4 in IPv6 notation': networking('podSubnet: "::ffff:10.0.0.0/104"'),
  'IPv4 in IPv6 notation, with a mask that cuts it off': networking('podSubnet: "::ffff:10.0.0.0/80"'),
  'an address with leading zeros': networking('podSubnet: 010.0.0.0/8'),
  'an address with a zone': networking('ipFamily: ipv6, podSubnet: "fe80::1%eth0/64"'),
  'a mode of kube-proxy that is none': networking('kubeProxyMode: IPVS'),
  'a role that is none': `${HEADER}nodes:\n- role: master\n- role: control-plane\n`,
  'a role in capitals': `${HEADER}nodes:\n- role: Control-Plane\n`,
  'workers alone': `${HEADER}nodes:\n- role: worker\n- role: worker\n`,
  'a host port that is too high': mappings('containerPort: 80, hostPort: 65536'),
  'a host port that is too low': mappings('containerPort: 80, hostPort: -2'),
  'a container port that is too high': mappings('containerPort: 99999'),
  'a container port that is too low': mappings('containerPort: -5'),
  'a protocol that is none': mappings('containerPort: 80, protocol: icmp'),
  'a protocol with quotes': mappings('containerPort: 80, protocol: "a\\"b\\n"'),
  'a protocol of another alphabet': mappings('containerPort: 80, protocol: \u017fctp'),
  'a listen address that is none': mappings('containerPort: 80, hostPort: 80, listenAddress: localhost'),
  'a listen address with a zone': mappings('hostPort: 80, listenAddress: "fe80::1%lo"'),
  'the same port twice': mappings('hostPort: 80', 'hostPort: 80'),
  'the same port twice on an address': mappings(
    'hostPort: 80, listenAddress: 127.0.0.1',
    'hostPort: 80, listenAddress: 127.0.0.1',
  ),
  'the same port on all and on one address': mappings('hostPort: 80', 'hostPort: 80, listenAddress: 127.0.0.1'),
  'the same port on one and on all addresses': mappings(
    'hostPort: 80, listenAddress: "::1"',
    'hostPort: 80, listenAddress: "::"',
  ),
  'the same port on all addresses of both families': mappings(
    'hostPort: 80, listenAddress: 0.0.0.0',
    'hostPort: 80, listenAddress: "::"',
  ),
  'the same port on the same address, written otherwise': mappings(
    'hostPort: 80, listenAddress: "::1"',
    'hostPort: 80, listenAddress: "0:0:0:0:0:0:0:1"',
  ),
  'the same port on the same address, in IPv6 notation': mappings(
    'hostPort: 80, listenAddress: 1.2.3.4',
    'hostPort: 80, listenAddress: "::ffff:1.2.3.4"',
  ),
  'the same port with protocols of other case': mappings('hostPort: 80, protocol: tcp', 'hostPort: 80, protocol: TCP'),
  'the same port three times': mappings('hostPort: 80', 'hostPort: 80', 'hostPort: 80'),
  'the same port on other addresses': mappings(
    'hostPort: 80, listenAddress: 127.0.0.1',
    'hostPort: 80, listenAddress: 127.0.0.2',
  ),
  'the same port with other protocols': mappings(
    'hostPort: 80, protocol: TCP',
    'hostPort: 80, protocol: UDP',
    'hostPort: 80, protocol: SCTP',
  ),
  'the same free port': mappings('hostPort: 0', 'hostPort: 0', 'hostPort: -1', 'hostPort: -1'),
  'a port that cannot be, twice': mappings('hostPort: -7', 'hostPort: -7'),
  'a propagation that is none': `${HEADER}nodes:\n- extraMounts: [{hostPath: /a, containerPath: /b, propagation: none}]\n`,
  'a propagation and a type that are wrong': `${HEADER}nodes:\n- extraMounts: [{readOnly: maybe, propagation: none}]\n`,
  'everything at once': `${HEADER}name: A_B
nodes:
- role: boss
  extraPortMappings:
  - {hostPort: 70000, containerPort: 70001, listenAddress: x}
- role: worker
  extraPortMappings:
  - {hostPort: 70000}
  - {hostPort: 70000}
networking:
  apiServerPort: 70002
  ipFamily: ipv7
  podSubnet: a
  serviceSubnet: b
  kubeProxyMode: c
`,
  'two nodes that are wrong in the same way': `${HEADER}nodes:\n- {}\n- role: x\n- role: x\n`,
  'unknown fields on all levels': `${HEADER}foo: 1\nnodes:\n- bar: 2\n  extraMounts: [{baz: 3}]\n  extraPortMappings: [{port: 4}]\nnetworking: {qux: 5}\nkubeadmConfigPatchesJSON6902: [{namespace: x, name: y}]\n`,
  'fields in other case': `${HEADER}Nodes: []\nNAME: x\nnetworking: {apiserverport: 1}\n`,
  'types that are wrong on all levels': `${HEADER}name: [a]\nnodes: {}\nnetworking: []\nfeatureGates: [A]\nruntimeConfig: x\nkubeadmConfigPatches: x\nkubeadmConfigPatchesJSON6902: [x]\ncontainerdConfigPatches: [{}]\n`,
  'types that are wrong in a node': `${HEADER}nodes:\n- role: {}\n  image: []\n  labels: [a]\n  extraMounts: {}\n  extraPortMappings: x\n- x\n- []\n`,
  'an API version that is older': 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha3\n',
  'an API version without its group': 'kind: Cluster\napiVersion: v1alpha4\n',
  'no API version': 'kind: Cluster\n',
  'no kind': 'apiVersion: kind.x-k8s.io/v1alpha4\n',
  'a kind in lower case': 'kind: cluster\napiVersion: kind.x-k8s.io/v1alpha4\n',
  'another kind': 'kind: Pod\napiVersion: v1\nmetadata: {name: x}\n',
  'another kind of this version': 'kind: Node\napiVersion: kind.x-k8s.io/v1alpha4\nfoo: bar\n',
  'a kind that is a list': 'kind: [Cluster]\napiVersion: kind.x-k8s.io/v1alpha4\n',
  'an API version that is a number': 'kind: Cluster\napiVersion: 4\n',
};

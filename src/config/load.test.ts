import { describe, expect, it, test } from 'vitest';
import { loadClusterConfig } from './load.ts';
import { HEADER, load, problems } from './testing/problems.ts';

const config = (body: string) => load(HEADER + body).config;

const defaultNode = {
  role: 'control-plane',
  image: undefined,
  labels: {},
  extraMounts: [],
  extraPortMappings: [],
  kubeadmConfigPatches: [],
  kubeadmConfigPatchesJSON6902: [],
  resources: { requests: {}, limits: {} },
  nodeSelector: {},
  tolerations: [],
};
const ownDefaults = { runtime: undefined, pods: { antiAffinity: 'preferred' } };
const defaultConfig = {
  name: 'kind',
  nodes: [defaultNode],
  networking: {
    ipFamily: 'ipv4',
    apiServerPort: 0,
    apiServerAddress: '127.0.0.1',
    podSubnet: '10.244.0.0/16',
    serviceSubnet: '10.96.0.0/16',
    disableDefaultCNI: false,
    kubeProxyMode: 'iptables',
    dnsSearch: undefined,
    dnsDomain: 'cluster.local',
  },
  featureGates: {},
  runtimeConfig: {},
  kubeadmConfigPatches: [],
  kubeadmConfigPatchesJSON6902: [],
  containerdConfigPatches: [],
  containerdConfigPatchesJSON6902: [],
  ...ownDefaults,
};
const loadedDefault = { config: defaultConfig, warnings: [], given: {}, podFields: [] };

describe('defaults', () => {
  it('are all there without a file', () => {
    expect(loadClusterConfig(undefined)).toEqual(loadedDefault);
  });

  it.each([
    ['only the header', ''],
    ['empty fields', 'name: ""\nnodes:\nnetworking:\nfeatureGates: null\n'],
    [
      'empty values',
      'nodes: [{role: "", image: ""}]\nnetworking: {ipFamily: "", podSubnet: "", kubeProxyMode: null}\n',
    ],
    ['a list of nothing', 'nodes: [null]\nkubeadmConfigPatches: [~]\n'],
  ])('are all there with %s', (_, body) => {
    expect(load(HEADER + body)).toEqual(loadedDefault);
  });

  it.each([
    ['ipv6', '::1', 'fd00:10:244::/56', 'fd00:10:96::/112'],
    ['dual', '127.0.0.1', '10.244.0.0/16,fd00:10:244::/56', '10.96.0.0/16,fd00:10:96::/112'],
  ])('of the network follow the family %s', (family, apiServerAddress, podSubnet, serviceSubnet) => {
    expect(config(`networking: {ipFamily: ${family}}`).networking).toMatchObject({
      apiServerAddress,
      podSubnet,
      serviceSubnet,
    });
  });

  it('of mounts and port mappings', () => {
    const { nodes } = config('nodes: [{extraMounts: [{containerPath: /a}], extraPortMappings: [{containerPort: 80}]}]');
    expect(nodes[0]?.extraMounts).toEqual([
      { containerPath: '/a', hostPath: '', readOnly: false, selinuxRelabel: false, propagation: 'None' },
    ]);
    expect(nodes[0]?.extraPortMappings).toEqual([
      { containerPort: 80, hostPort: 0, listenAddress: '', protocol: 'TCP' },
    ]);
  });

  it('of DNS search domains: absent is not empty', () => {
    expect(config('networking: {dnsSearch: null}').networking.dnsSearch).toBeUndefined();
    expect(config('networking: {dnsSearch: []}').networking.dnsSearch).toEqual([]);
  });
});

it('every field is read', () => {
  const text = `# a cluster
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
name: all
nodes:
- role: control-plane
  image: localhost/node:1
  labels: {tier: front, zone: 1}
  extraMounts:
  - {containerPath: /in, hostPath: ./on, readOnly: true, selinuxRelabel: true, propagation: Bidirectional}
  extraPortMappings:
  - {containerPort: 80, hostPort: 8080, listenAddress: 127.0.0.1, protocol: udp}
  kubeadmConfigPatches: ['kind: InitConfiguration']
  kubeadmConfigPatchesJSON6902: [{group: g, version: v1, kind: K, patch: '[]'}]
- role: worker
networking:
  ipFamily: dual
  apiServerPort: 6443
  apiServerAddress: 0.0.0.0
  podSubnet: 10.1.0.0/16,fd00:1::/56
  serviceSubnet: 10.2.0.0/16
  disableDefaultCNI: true
  kubeProxyMode: none
  dnsSearch: [example.com]
featureGates: {A: true, B: false}
runtimeConfig: {api/alpha: "true"}
kubeadmConfigPatches: [a, b]
kubeadmConfigPatchesJSON6902: [{kind: K}]
containerdConfigPatches: ['version = 2']
containerdConfigPatchesJSON6902: ['[]']
`;
  expect(load(text).config).toEqual({
    name: 'all',
    nodes: [
      {
        ...defaultNode,
        image: 'localhost/node:1',
        labels: { tier: 'front', zone: '1' },
        extraMounts: [
          {
            containerPath: '/in',
            hostPath: './on',
            readOnly: true,
            selinuxRelabel: true,
            propagation: 'Bidirectional',
          },
        ],
        extraPortMappings: [{ containerPort: 80, hostPort: 8080, listenAddress: '127.0.0.1', protocol: 'UDP' }],
        kubeadmConfigPatches: ['kind: InitConfiguration'],
        kubeadmConfigPatchesJSON6902: [{ group: 'g', version: 'v1', kind: 'K', patch: '[]' }],
      },
      { ...defaultNode, role: 'worker' },
    ],
    networking: {
      ipFamily: 'dual',
      apiServerPort: 6443,
      apiServerAddress: '0.0.0.0',
      podSubnet: '10.1.0.0/16,fd00:1::/56',
      serviceSubnet: '10.2.0.0/16',
      disableDefaultCNI: true,
      kubeProxyMode: 'none',
      dnsSearch: ['example.com'],
      dnsDomain: 'cluster.local',
    },
    featureGates: { A: true, B: false },
    runtimeConfig: { 'api/alpha': 'true' },
    kubeadmConfigPatches: ['a', 'b'],
    kubeadmConfigPatchesJSON6902: [{ group: '', version: '', kind: 'K', patch: '' }],
    containerdConfigPatches: ['version = 2'],
    containerdConfigPatchesJSON6902: ['[]'],
    ...ownDefaults,
  });
});

it('JSON is YAML', () => {
  expect(load('{"kind":"Cluster","apiVersion":"kind.x-k8s.io/v1alpha4","name":"j"}').config.name).toBe('j');
});

describe('overrides', () => {
  it('take the place of the name and of all images', () => {
    const { config } = load(`${HEADER}name: a\nnodes: [{image: x}, {role: worker}]`, { name: 'b', image: 'y' });
    expect(config.name).toBe('b');
    expect(config.nodes.map((node) => node.image)).toEqual(['y', 'y']);
  });

  it('that are empty count as none', () => {
    const { config } = load(`${HEADER}name: a\nnodes: [{image: x}]`, { name: '', image: '' });
    expect([config.name, config.nodes[0]?.image]).toEqual(['a', 'x']);
  });

  it('stand in for a name in the file that is not valid', () => {
    expect(load(`${HEADER}name: NO`, { name: 'yes' }).config.name).toBe('yes');
  });

  it('are checked too', () => {
    expect(() => loadClusterConfig(undefined, { name: 'No_Good' })).toThrow(
      expect.objectContaining({
        message: 'the cluster configuration is not valid',
        details: "'No_Good' is not a valid cluster name, cluster names must match `^[a-z0-9.-]+$`",
      }),
    );
    expect(problems(HEADER, { name: 'No' })).toEqual([expect.stringMatching(/^'No' is not a valid cluster name/)]);
  });
});

test('what is written of the networks is told apart from what is filled in', () => {
  const { config, given } = load(`${HEADER}networking: {podSubnet: 10.1.0.0/16, dnsSearch: []}\n`);
  expect(given).toEqual({ podSubnet: '10.1.0.0/16', dnsSearch: [] });
  expect(config.networking.serviceSubnet).toBe('10.96.0.0/16');
});

describe('warnings', () => {
  it.each([
    [50, 0],
    [51, 1],
  ])('a name of %i characters gives %i', (length, count) => {
    const { warnings } = loadClusterConfig(undefined, { name: 'x'.repeat(length) });
    expect(warnings).toHaveLength(count);
    if (count > 0) expect(warnings[0]).toMatch(/^cluster name "x+" is probably too long/);
  });

  it('further documents are passed over, even broken ones', () => {
    expect(load(`${HEADER}---\nnodes: [`)).toEqual({
      ...loadedDefault,
      warnings: ['c.yaml:4: what follows the first YAML document is not read'],
    });
    expect(load(`---\n${HEADER}---\n`).warnings).toEqual([]);
  });
});

describe('what kind does not see', () => {
  it.each([
    [
      'nodes: [{extraPortMappings: [{hostPort: 80}, {hostPort: 80, protocol: tcp}]}]',
      'nodes[0].extraPortMappings[1]: an earlier port mapping of the node takes 0.0.0.0:80/TCP already; creating the node will fail',
    ],
    [
      'nodes: [{}, {extraMounts: [{hostPath: /a}]}]',
      'nodes[1].extraMounts[0]: has no containerPath; creating the node will fail',
    ],
  ])('is a warning: %s', (body, expected) => {
    expect(load(HEADER + body).warnings).toEqual([expected]);
  });
});

/** As kind 0.33 prints them; all of its texts are compared in test/e2e/kind-configs.test.ts. */
describe("kind's words are those of the first stage that fails:", () => {
  it.each([
    [
      'YAML',
      'kind: [',
      'could not determine kind / apiVersion for config: yaml: line 1: did not find expected node content',
    ],
    [
      'the header',
      'kind: [x]\nfoo: 1\n',
      'could not determine kind / apiVersion for config: yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string',
    ],
    ['the version', 'kind: Cluster\nfoo: 1\n', 'unknown apiVersion: '],
    [
      'the kind',
      'apiVersion: kind.x-k8s.io/v1alpha4\nkind: Pod\n',
      'unknown kind Pod for apiVersion: kind.x-k8s.io/v1alpha4',
    ],
    [
      'types',
      `${HEADER}name: A\nnodes: [{role: [], image: a, image: b}]\nfoo: 1\nnetworking: {apiServerPort: 99999999999}\n`,
      'unable to decode config: yaml: unmarshal errors:\n  line 4: mapping key "image" already defined at line 4\n  line 5: field foo not found in type v1alpha4.Cluster\n  line 6: cannot unmarshal !!int `9999999...` into int32',
    ],
    [
      'fields that read themselves',
      `${HEADER}foo: 1\nnodes: [{extraMounts: [{propagation: x}]}]\nbar: 1\n`,
      'unable to decode config: Unknown MountPropagation: "x"',
    ],
    [
      'rules',
      `${HEADER}name: A\nnetworking: {kubeProxyMode: x}\n`,
      "['A' is not a valid cluster name, cluster names must match `^[a-z0-9.-]+$`, invalid kubeProxyMode: x]",
    ],
  ])('%s', (_, text, kindMessage) => {
    expect(() => load(text)).toThrow(expect.objectContaining({ code: 'invalid-config', kindMessage }));
  });
});

describe('anchors and merge keys', () => {
  it('are followed', () => {
    const { nodes } = config('nodes:\n- &n {role: control-plane, image: a}\n- *n\n- <<: *n\n  role: worker\n');
    expect(nodes.map(({ role, image }) => [role, image])).toEqual([
      ['control-plane', 'a'],
      ['control-plane', 'a'],
      ['worker', 'a'],
    ]);
  });

  it('give way to what stands beside them, null too, and the first of several wins', () => {
    const { nodes } = config(`nodes:
- <<: [{role: control-plane, image: x}, {role: worker, labels: {a: b}}]
- image: null
  <<: {image: x}
`);
    expect(nodes.map(({ role, image, labels }) => [role, image, labels])).toEqual([
      ['control-plane', 'x', { a: 'b' }],
      ['control-plane', undefined, {}],
    ]);
  });
});

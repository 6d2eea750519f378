import { describe, expect, it } from 'vitest';
import { KinpodError } from '../errors/kinpod-error.ts';
import { loadClusterConfig, type Overrides } from './load.ts';

const HEADER = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';
const load = (text: string, overrides: Overrides = {}) => loadClusterConfig({ text, path: 'c.yaml' }, overrides);
const config = (body: string) => load(HEADER + body).config;

/** The lines that the user gets, without the ones of the header. */
function problems(text: string, overrides: Overrides = {}): string[] {
  try {
    load(text, overrides);
  } catch (error) {
    if (!(error instanceof KinpodError) || error.code !== 'invalid-config') throw error;
    expect(error.message).toBe('c.yaml is not a valid cluster configuration');
    return (error.details ?? '').split('\n');
  }
  return [];
}
const bodyProblems = (body: string) => problems(HEADER + body);

const defaultNode = {
  role: 'control-plane',
  image: undefined,
  labels: {},
  extraMounts: [],
  extraPortMappings: [],
  kubeadmConfigPatches: [],
  kubeadmConfigPatchesJSON6902: [],
};
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
  },
  featureGates: {},
  runtimeConfig: {},
  kubeadmConfigPatches: [],
  kubeadmConfigPatchesJSON6902: [],
  containerdConfigPatches: [],
  containerdConfigPatchesJSON6902: [],
};

describe('defaults', () => {
  it('are all there without a file', () => {
    expect(loadClusterConfig(undefined)).toEqual({ config: defaultConfig, warnings: [] });
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
    expect(load(HEADER + body)).toEqual({ config: defaultConfig, warnings: [] });
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
        role: 'control-plane',
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
    },
    featureGates: { A: true, B: false },
    runtimeConfig: { 'api/alpha': 'true' },
    kubeadmConfigPatches: ['a', 'b'],
    kubeadmConfigPatchesJSON6902: [{ group: '', version: '', kind: 'K', patch: '' }],
    containerdConfigPatches: ['version = 2'],
    containerdConfigPatchesJSON6902: ['[]'],
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
      config: defaultConfig,
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

describe('problems', () => {
  it('are all reported at once, in the order of the file, each with its position', () => {
    const body = `name: Foo
nodes:
- role: master
  extraPortMappings:
  - {hostport: 80, containerPort: 99999}
  - protocol: icmp
  extraMounts:
  - hostPath: x
- role: control-plan
podSubnet: 10.0.0.0/8
networking:
  apiServerPort: "80"
  apiServerPort: 80
  disableDefaultCNI: maybe
featureGates:
- A
`;
    expect(bodyProblems(body)).toEqual([
      "c.yaml:3:7: name: 'Foo' is not a valid cluster name, cluster names must match `^[a-z0-9.-]+$`",
      'c.yaml:5:9: nodes[0].role: "master" is not valid; expected "control-plane" or "worker"',
      'c.yaml:7:6: nodes[0].extraPortMappings[0]: unknown field "hostport"; did you mean "hostPort"?',
      'c.yaml:7:35: nodes[0].extraPortMappings[0].containerPort: 99999 is out of range; expected -1 to 65535',
      'c.yaml:8:15: nodes[0].extraPortMappings[1].protocol: "icmp" is not valid; expected "TCP", "UDP" or "SCTP"',
      'c.yaml:11:9: nodes[1].role: "control-plan" is not valid; did you mean "control-plane"? expected "control-plane" or "worker"',
      'c.yaml:12:1: unknown field "podSubnet"; it belongs at networking.podSubnet',
      'c.yaml:14:18: networking.apiServerPort: expected a whole number, found "80"',
      'c.yaml:15:3: networking: key apiServerPort is there twice, see line 14',
      'c.yaml:16:22: networking.disableDefaultCNI: expected true or false, found "maybe"',
      'c.yaml:18:1: featureGates: expected a mapping, found a list',
    ]);
  });

  it.each([
    ['', ['apiVersion: is required; expected "kind.x-k8s.io/v1alpha4"', 'kind: is required; expected "Cluster"']],
    [
      '# nothing\n',
      ['apiVersion: is required; expected "kind.x-k8s.io/v1alpha4"', 'kind: is required; expected "Cluster"'],
    ],
    ['kind: Cluster\n', ['apiVersion: is required; expected "kind.x-k8s.io/v1alpha4"']],
    ['apiVersion: kind.x-k8s.io/v1alpha4\n', ['kind: is required; expected "Cluster"']],
    [
      'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha3\nfoo: 1\n',
      ['c.yaml:2:13: apiVersion: "kind.x-k8s.io/v1alpha3" is not valid; expected "kind.x-k8s.io/v1alpha4"'],
    ],
    [
      'kind: cluster\napiVersion: kind.x-k8s.io/v1alpha4',
      ['c.yaml:1:7: kind: "cluster" is not valid; expected "Cluster"'],
    ],
    ['- a\n', ['expected a mapping, found a list']],
    ['text', ['expected a mapping, found "text"']],
  ])('of a file that is another thing (%j) name just that', (text, expected) => {
    expect(problems(text).map((line) => line.replace(/^c\.yaml:1:1: /, ''))).toEqual(expected);
  });

  it.each([
    ['name: "a\n', 4, 1, 'found unexpected end of stream .while scanning a quoted scalar that starts in line 3'],
    ['nodes:\n\t- role: worker\n', 4, 1, 'found character that cannot start any token .a tab; indent with spaces'],
    ['nodes: [a\n', 4, 1, "did not find expected ',' or ']' .while parsing a flow sequence that starts in line 3"],
    ['name: a: b\n', 3, 8, 'mapping values are not allowed in this context'],
    [
      'nodes:\n- role: worker\n role: x\n',
      5,
      2,
      'did not find expected key .while parsing a block mapping that starts in line 1',
    ],
  ])('of YAML that is broken (%j) have line and column', (body, line, column, message) => {
    expect(bodyProblems(body)[0]).toMatch(new RegExp(`^c\\.yaml:${line}:${column}: ${message}`));
  });

  it.each([
    ['name: x\n"name": y', ['c.yaml:4:1: key name is there twice, see line 3']],
    ['nodes: [{labels: {a: b, a: c}}]', ['c.yaml:3:25: nodes[0].labels: key a is there twice, see line 3']],
    ['NAME: x', ['c.yaml:3:1: unknown field "NAME"; did you mean "name"?']],
    ['nodes: [{rolle: worker}]', ['c.yaml:3:10: nodes[0]: unknown field "rolle"; did you mean "role"?']],
    ['nodes: [{nodes: x}]', ['c.yaml:3:10: nodes[0]: unknown field "nodes"; it belongs at the top level']],
    [
      'networking: {xyzzy: 1}',
      [expect.stringContaining('unknown field "xyzzy"; known here: ipFamily, apiServerPort, ')],
    ],
    ['kubeadmConfigPatchesJSON6902: [{namespace: x}]', [expect.stringContaining('unknown field "namespace"')]],
    ['? [a]\n: x', ['c.yaml:3:3: a key must be a string']],
    ['nodes: {}', ['c.yaml:3:8: nodes: expected a list, found a mapping']],
    [
      'nodes: [x, []]',
      [
        'c.yaml:3:9: nodes[0]: expected a mapping, found "x"',
        'c.yaml:3:12: nodes[1]: expected a mapping, found a list',
      ],
    ],
    ['nodes: [{role: worker}]', ['c.yaml:3:8: nodes: must have at least one control-plane node']],
    ['nodes: [{image: [a]}]', ['c.yaml:3:17: nodes[0].image: expected a string, found a list']],
    [
      'nodes: [{extraMounts: [{containerPath: /a, propagation: none}]}]',
      [expect.stringContaining('"none" is not valid; did you mean "None"?')],
    ],
    [
      'networking: {kubeProxyMode: IPTables}',
      [expect.stringContaining('"IPTables" is not valid; did you mean "iptables"?')],
    ],
    ['networking: {ipFamily: ipv5}', [expect.stringContaining('expected "ipv4", "ipv6" or "dual"')]],
    [
      'networking: {serviceSubnet: x}',
      ['c.yaml:3:29: networking.serviceSubnet: "x" is not a CIDR such as 10.1.0.0/16'],
    ],
    ['kubeadmConfigPatches: [{kind: X}]', ['c.yaml:3:24: kubeadmConfigPatches[0]: expected a string, found a mapping']],
    ['nodes: [*missing]', ["c.yaml:3:9: unknown anchor 'missing' referenced"]],
    ['nodes: &a [*a]', ['c.yaml:3:12: nodes[0]: expected a mapping, found a list']],
    ['nodes: [&a {<<: *a}]', [expect.stringContaining("anchor 'a' value contains itself")]],
    ['nodes:\n- <<: x', [expect.stringContaining('a merge key (<<) needs a mapping')]],
    ['nodes: [{"<<": {}}]', [expect.stringContaining('unknown field "<<"')]],
    ['name: "a\\nb"', [expect.stringContaining("name: 'a\\nb' is not a valid cluster name")]],
  ])('%s', (body, expected) => {
    expect(bodyProblems(body)).toEqual(expected);
  });

  it('in standard input name it so', () => {
    expect(() => loadClusterConfig({ text: 'a: [', path: '<stdin>' })).toThrow(
      expect.objectContaining({
        message: '<stdin> is not a valid cluster configuration',
        details: expect.stringMatching(/^<stdin>:2:1: /),
      }),
    );
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

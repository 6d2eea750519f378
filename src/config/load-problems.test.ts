import { describe, expect, it } from 'vitest';
import { loadClusterConfig } from './load.ts';
import { HEADER, problems } from './testing/problems.ts';

const bodyProblems = (body: string) => problems(HEADER + body);

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
    [
      '',
      [
        'apiVersion: is required; expected "kind.x-k8s.io/v1alpha4" or "kinpod.dev/v1alpha1"',
        'kind: is required; expected "Cluster"',
      ],
    ],
    [
      '# nothing\n',
      [
        'apiVersion: is required; expected "kind.x-k8s.io/v1alpha4" or "kinpod.dev/v1alpha1"',
        'kind: is required; expected "Cluster"',
      ],
    ],
    ['kind: Cluster\n', ['apiVersion: is required; expected "kind.x-k8s.io/v1alpha4" or "kinpod.dev/v1alpha1"']],
    ['apiVersion: kind.x-k8s.io/v1alpha4\n', ['kind: is required; expected "Cluster"']],
    [
      'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha3\nfoo: 1\n',
      [
        'c.yaml:2:13: apiVersion: "kind.x-k8s.io/v1alpha3" is not valid; expected "kind.x-k8s.io/v1alpha4" or "kinpod.dev/v1alpha1"',
      ],
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

import { describe, expect, it } from 'vitest';
import { loadClusterConfig } from './load.ts';
import { judgePodFields } from './pod-fields.ts';
import { HEADER, load, OWN_HEADER, problems } from './testing/problems.ts';

const config = (body: string) => load(OWN_HEADER + body).config;
const bodyProblems = (body: string) => problems(OWN_HEADER + body);

const EVERYTHING = `name: own
runtime: cri-o
networking: {dnsDomain: inner.example, podSubnet: 10.1.0.0/16}
pods:
  expose: nodeport
  storage: {size: 10Gi, storageClassName: fast}
  antiAffinity: required
nodes:
- role: control-plane
  labels: {example.com/tier: front}
  resources:
    requests: {cpu: 0.5, memory: 1Gi}
    limits: {cpu: 2, memory: 2Gi}
  nodeSelector: {disk: ssd, gpu: true}
  tolerations:
  - {key: dedicated, value: ci, effect: NoSchedule}
  - {key: spot, operator: Exists, effect: NoExecute, tolerationSeconds: 60}
  - {operator: Exists}
- role: worker
`;

describe('kinpod.dev/v1alpha1', () => {
  it('has every field of kind and its own', () => {
    expect(config(EVERYTHING)).toMatchObject({
      name: 'own',
      runtime: 'cri-o',
      networking: { dnsDomain: 'inner.example', podSubnet: '10.1.0.0/16', serviceSubnet: '10.96.0.0/16' },
      pods: { expose: 'nodeport', storage: { size: '10Gi', storageClassName: 'fast' }, antiAffinity: 'required' },
      nodes: [
        {
          labels: { 'example.com/tier': 'front' },
          resources: { requests: { cpu: '0.5', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
          nodeSelector: { disk: 'ssd', gpu: 'true' },
          tolerations: [
            { key: 'dedicated', value: 'ci', effect: 'NoSchedule' },
            { key: 'spot', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
            { operator: 'Exists' },
          ],
        },
        { role: 'worker', resources: { requests: {}, limits: {} }, nodeSelector: {}, tolerations: [] },
      ],
    });
  });

  it("has kind's defaults without fields of its own, also where those are empty", () => {
    const defaults = load(HEADER);
    expect(load(OWN_HEADER)).toEqual(defaults);
    const empty =
      'runtime: ""\npods: {expose: , storage: null}\nnetworking: {dnsDomain: ""}\nnodes: [{resources: , tolerations: []}]';
    expect(config(empty)).toEqual({ ...defaults.config, pods: { ...defaults.config.pods } });
  });

  it.each([
    [
      'runtime: crio',
      ['c.yaml:3:10: runtime: "crio" is not valid; did you mean "cri-o"? expected "containerd" or "cri-o"'],
    ],
    [
      'networking: {dnsDomain: Cluster.local}',
      [expect.stringMatching(/^c\.yaml:3:25: networking\.dnsDomain: "Cluster\.local" is not a valid name/)],
    ],
    ['networking: {dnsDomain: cluster..local}', [expect.stringContaining('is not a valid name')]],
    [
      'pods: {expose: ingress}',
      [expect.stringContaining('expected "port-forward", "nodeport", "loadbalancer" or "clusterip"')],
    ],
    ['pods: {antiAffinity: prefered}', [expect.stringContaining('did you mean "preferred"?')]],
    [
      'pods: {storage: {storageClassName: a}}',
      ['c.yaml:3:17: pods.storage: size is required; it says how much each node has, such as 10Gi'],
    ],
    [
      'pods: {storage: {size: 0}}',
      ['c.yaml:3:24: pods.storage.size: 0 is not more than nothing; expected a quantity such as 2Gi or 512Mi'],
    ],
    [
      'pods: {storage: {size: 10GB}}',
      ['c.yaml:3:24: pods.storage.size: "10GB" is not a quantity; expected one such as 2Gi or 512Mi'],
    ],
    [
      'pods: {storage: {size: 1Gi, storageClassName: A_B}}',
      [expect.stringContaining('storageClassName: "A_B" is not a valid name')],
    ],
    ['pods: {storage: 10Gi}', ['c.yaml:3:17: pods.storage: expected a mapping, found "10Gi"']],
    [
      'nodes: [{resources: {limits: {disk: 1}}}]',
      ['c.yaml:3:31: nodes[0].resources.limits: unknown field "disk"; known here: cpu, memory'],
    ],
    [
      'nodes: [{resources: {requests: {cpu: 2}, limits: {cpu: 1500m}}}]',
      ['c.yaml:3:38: nodes[0].resources.requests.cpu: 2 is more than the limit, which is 1500m'],
    ],
    ['nodes: [{resources: {requests: {memory: 1G}, limits: {memory: 1Gi}}}]', []],
    [
      'nodes: [{resources: {requests: {memory: 1Gi}, limits: {memory: 1G}}}]',
      [expect.stringContaining('1Gi is more than the limit, which is 1G')],
    ],
    [
      'nodes: [{resources: {limits: {memory: 512m}}}]',
      [
        'c.yaml:3:39: nodes[0].resources.limits.memory: 512m is not a whole number of bytes (m is a thousandth); expected one such as 2Gi or 512Mi',
      ],
    ],
    [
      'nodes: [{resources: {limits: {cpu: 1u}}}]',
      [expect.stringContaining('1u is finer than 1m, a thousandth of a processor')],
    ],
    ['nodes: [{resources: {limits: {cpu: -1}}}]', [expect.stringContaining('-1 is not more than nothing')]],
    [
      'nodes: [{resources: {limits: {cpu: two, memory: 2 Gi}}}]',
      [
        'c.yaml:3:36: nodes[0].resources.limits.cpu: "two" is not a quantity; expected one such as 2 or 500m',
        'c.yaml:3:49: nodes[0].resources.limits.memory: "2 Gi" is not a quantity; expected one such as 2Gi or 512Mi',
      ],
    ],
    [
      'nodes: [{nodeSelector: {a b: c}}]',
      [
        'c.yaml:3:30: nodes[0].nodeSelector.a b: "a b" is not a valid label key; expected up to 63 letters, digits, "-", "_" and "." as in "example.com/my-name", with a letter or digit at both ends',
      ],
    ],
    [
      'nodes: [{nodeSelector: {a: -c}}]',
      [expect.stringContaining('nodes[0].nodeSelector.a: "-c" is not a valid label value')],
    ],
    ['nodes: [{labels: {a/b/c: d}}]', [expect.stringContaining('"a/b/c" is not a valid label key')]],
    [
      'nodes: [{tolerations: [{operator: Equal, value: x}]}]',
      ['c.yaml:3:24: nodes[0].tolerations[0]: has no key, so its operator must be Exists, which bears every taint'],
    ],
    ['nodes: [{tolerations: [{key: a, operator: exists}]}]', [expect.stringContaining('did you mean "Exists"?')]],
    [
      'nodes: [{tolerations: [{key: a, operator: Exists, value: x}]}]',
      ['c.yaml:3:58: nodes[0].tolerations[0].value: must not be there where operator is Exists'],
    ],
    ['nodes: [{tolerations: [{key: a, value: x y}]}]', [expect.stringContaining('"x y" is not a valid label value')]],
    [
      'nodes: [{tolerations: [{key: a, operator: Gt, value: x}]}]',
      [expect.stringContaining('must be a whole number where operator is Gt')],
    ],
    ['nodes: [{tolerations: [{key: a, operator: Gt, value: -5}]}]', []],
    [
      'nodes: [{tolerations: [{key: a, effect: NoRun}]}]',
      [expect.stringContaining('expected "NoSchedule", "PreferNoSchedule" or "NoExecute"')],
    ],
    [
      'nodes: [{tolerations: [{key: a, tolerationSeconds: 5}]}]',
      [expect.stringContaining('tolerationSeconds: needs effect: NoExecute')],
    ],
    [
      'nodes: [{tolerations: [{key: a/, effect: NoExecute, tolerationSeconds: x}]}]',
      [
        expect.stringContaining('"a/" is not a valid label key'),
        expect.stringContaining('expected a whole number, found "x"'),
      ],
    ],
  ])('%s', (body, expected) => {
    expect(bodyProblems(body)).toEqual(expected);
  });

  it("tells its problems and kind's together", () => {
    expect(bodyProblems('name: A\nruntime: docker\nfoo: 1\nnodes: [{role: worker}]\n')).toEqual([
      expect.stringContaining("name: 'A' is not a valid cluster name"),
      expect.stringContaining('runtime: "docker" is not valid'),
      expect.stringContaining('unknown field "foo"'),
      expect.stringContaining('must have at least one control-plane node'),
    ]);
  });

  it('is told in one line to who knows kind alone', () => {
    expect(() => load(`${OWN_HEADER}runtime: docker\nnodes: [{role: x}]\n`)).toThrow(
      expect.objectContaining({
        kindMessage:
          '[nodes[0].role: "x" is not valid; expected "control-plane" or "worker", runtime: "docker" is not valid; expected "containerd" or "cri-o"]',
      }),
    );
  });
});

describe("kind's apiVersion", () => {
  it.each([
    [
      'runtime: cri-o',
      'c.yaml:3:1: unknown field "runtime"',
      'line 3: field runtime not found in type v1alpha4.Cluster',
    ],
    ['pods: {}', 'c.yaml:3:1: unknown field "pods"', 'line 3: field pods not found in type v1alpha4.Cluster'],
    [
      'networking: {dnsDomain: a}',
      'c.yaml:3:14: networking: unknown field "dnsDomain"',
      'line 3: field dnsDomain not found in type v1alpha4.Networking',
    ],
    [
      'nodes: [{tolerations: []}]',
      'c.yaml:3:10: nodes[0]: unknown field "tolerations"',
      'line 3: field tolerations not found in type v1alpha4.Node',
    ],
  ])('does not have %s', (body, problem, goText) => {
    expect(problems(HEADER + body)).toEqual([`${problem}; it needs apiVersion: kinpod.dev/v1alpha1`]);
    expect(() => load(HEADER + body)).toThrow(
      expect.objectContaining({ kindMessage: `unable to decode config: yaml: unmarshal errors:\n  ${goText}` }),
    );
  });
});

describe('what is for Pods alone', () => {
  const podman = { name: 'podman', nodesArePods: false };
  const judge = (body: string, provider = podman) => judgePodFields(load(OWN_HEADER + body).podFields, provider);

  it('is told and passed over where nodes are none', () => {
    expect(
      judge('pods: {expose: nodeport}\nnodes:\n- nodeSelector: {a: b}\n- tolerations: [{operator: Exists}]\n'),
    ).toEqual([
      'c.yaml:3:7: pods: is for nodes that are Pods, and has no effect on podman',
      'c.yaml:5:17: nodes[0].nodeSelector: is for nodes that are Pods, and has no effect on podman',
      'c.yaml:6:16: nodes[1].tolerations: is for nodes that are Pods, and has no effect on podman',
    ]);
  });

  it('is refused where it is a limit that would not hold', () => {
    expect(() =>
      judge('pods: {expose: nodeport}\nnodes:\n- resources: {limits: {cpu: 1}}\n- resources: {limits: {cpu: 1}}\n'),
    ).toThrow(
      expect.objectContaining({
        code: 'needs-pods',
        details:
          'c.yaml:5:14: nodes[0].resources: is for nodes that are Pods\nc.yaml:6:14: nodes[1].resources: is for nodes that are Pods',
      }),
    );
  });

  it('is nothing to talk of where nodes are Pods, or where nothing is said', () => {
    expect(judge(EVERYTHING, { name: 'kubernetes', nodesArePods: true })).toEqual([]);
    expect(judge('pods: {}\nnodes: [{resources: {}, nodeSelector: {}, tolerations: []}]\n')).toEqual([]);
    expect(judge('runtime: cri-o\nnetworking: {dnsDomain: a.b}\n')).toEqual([]);
  });
});

describe('what the command line says of Pods', () => {
  const storage = (text: string, overrides: Parameters<typeof loadClusterConfig>[1]) =>
    loadClusterConfig({ text: `kind: Cluster\napiVersion: kinpod.dev/v1alpha1\n${text}`, path: 'c.yaml' }, overrides)
      .config.pods.storage;

  it.each([
    ['', {}, undefined],
    ['', { storage: '2Gi' }, { size: '2Gi' }],
    ['', { storageClass: 'fast' }, { size: '10Gi', storageClassName: 'fast' }],
    ['pods: {storage: {size: 1Gi, storageClassName: a}}', { storage: '2Gi' }, { size: '2Gi', storageClassName: 'a' }],
    [
      'pods: {storage: {size: 1Gi, storageClassName: a}}',
      { storageClass: 'b' },
      { size: '1Gi', storageClassName: 'b' },
    ],
  ])('with %j and %j gives the storage %j', (text, overrides, expected) => {
    expect(storage(text, overrides)).toEqual(expected);
  });

  it.each(['much', '0', '-1Gi'])('about the size %j is refused', (size) => {
    expect(() => storage('', { storage: size })).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

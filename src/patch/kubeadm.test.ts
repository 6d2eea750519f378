import { describe, expect, it } from 'vitest';
import { patchKubeadmDocuments } from './kubeadm.ts';

const V1BETA4 = 'kubeadm.k8s.io/v1beta4';
const V1BETA3 = 'kubeadm.k8s.io/v1beta3';

function cluster(apiVersion: string, apiServer: object): object {
  return { apiVersion, kind: 'ClusterConfiguration', apiServer };
}

/** The API server's section of a ClusterConfiguration after the patch, which gets the kind added. */
function patched(apiVersion: string, apiServer: object, patch: string): unknown {
  const [document] = patchKubeadmDocuments(
    [cluster(apiVersion, apiServer)],
    [`kind: ClusterConfiguration\n${patch}\n`],
    [],
  ) as { apiServer: object }[];
  return document?.apiServer;
}

describe('matching', () => {
  const documents = [
    { apiVersion: V1BETA4, kind: 'ClusterConfiguration' },
    { apiVersion: V1BETA4, kind: 'InitConfiguration' },
    { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' },
  ];
  const marked = (patches: string[], patches6902: Parameters<typeof patchKubeadmDocuments>[2] = []) =>
    patchKubeadmDocuments(documents, patches, patches6902).flatMap((d) => ('mark' in d ? [d.kind] : []));

  it.each([
    ['its kind', 'kind: InitConfiguration\nmark: 1', ['InitConfiguration']],
    ['its kind and version', `kind: InitConfiguration\napiVersion: ${V1BETA4}\nmark: 1`, ['InitConfiguration']],
    ['its kind in another version', `kind: InitConfiguration\napiVersion: ${V1BETA3}\nmark: 1`, []],
    ['an unknown kind', 'kind: Nope\nmark: 1', []],
    ['no kind', 'mark: 1', []],
    [
      'several documents',
      'kind: InitConfiguration\nmark: 1\n---\nkind: KubeletConfiguration\nmark: 1',
      ['InitConfiguration', 'KubeletConfiguration'],
    ],
    [
      'several documents, loosely separated',
      '---\nkind: InitConfiguration\nmark: 1\n---- # next\nkind: KubeletConfiguration\nmark: 1\n---\n',
      ['InitConfiguration', 'KubeletConfiguration'],
    ],
    ['nothing', '# only a comment', []],
  ])('a merge patch with %s', (_, patch, expected) => {
    expect(marked([patch])).toEqual(expected);
  });

  it.each([
    ['', '', 'InitConfiguration', ['InitConfiguration']],
    ['kubeadm.k8s.io', 'v1beta4', 'InitConfiguration', ['InitConfiguration']],
    ['kubeadm.k8s.io', 'v1beta3', 'InitConfiguration', []],
    ['kubeadm.k8s.io', '', 'InitConfiguration', []],
    ['', 'v1beta4', 'InitConfiguration', []],
    ['', '', '', []],
  ])('a JSON 6902 patch for group "%s", version "%s", kind "%s"', (group, version, kind, expected) => {
    const patch = '[{"op":"add","path":"/mark","value":1}]';
    expect(marked([], [{ group, version, kind, patch }])).toEqual(expected);
  });

  it('documents that no patch matches stay as they are', () => {
    expect(patchKubeadmDocuments(documents, ['kind: Nope'], [])).toEqual(documents);
  });
});

describe('order', () => {
  it('merge patches apply in turn, JSON 6902 patches after them', () => {
    const target = { group: '', version: '', kind: 'KubeletConfiguration' };
    const result = patchKubeadmDocuments(
      [{ kind: 'KubeletConfiguration', apiVersion: 'x/v1', a: 1, evictionHard: { m: '1%', n: '2%' } }],
      ['kind: KubeletConfiguration\na: 2\nb: 2', 'kind: KubeletConfiguration\nb: 3\nevictionHard: {m: null}'],
      [{ ...target, patch: '[{"op":"test","path":"/b","value":3},{"op":"replace","path":"/b","value":4}]' }],
    );
    expect(result).toEqual([
      { kind: 'KubeletConfiguration', apiVersion: 'x/v1', a: 2, b: 4, evictionHard: { n: '2%' } },
    ]);
  });

  it('the given documents are not changed', () => {
    const document = { kind: 'K', apiVersion: 'v1', certSANs: ['a'], extraArgs: [{ name: 'v', value: '1' }] };
    const before = structuredClone(document);
    patchKubeadmDocuments([document], ['kind: K\ncertSANs: [b]\nextraArgs: {v: "2"}'], []);
    expect(document).toEqual(before);
  });
});

describe('arguments in v1beta4', () => {
  const v = { name: 'v', value: '4' };
  const a = { name: 'a', value: 'b' };
  it.each([
    ['are set by name', 'extraArgs: [{name: v, value: "5"}]', [{ name: 'v', value: '5' }, a]],
    ['are added', 'extraArgs: [{name: x, value: z}]', [v, a, { name: 'x', value: 'z' }]],
    ['are removed by null', 'extraArgs: [{name: v, value: null}]', [a]],
    ['are removed by no value', 'extraArgs: [{name: v}]', [a]],
    ['that are not there are not removed', 'extraArgs: [{name: x, value: null}]', [v, a]],
    ['may be empty', 'extraArgs: [{name: v, value: ""}]', [{ name: 'v', value: '' }, a]],
    [
      'come as the mapping of older versions',
      'extraArgs: {v: "5", a: null, x: z}',
      [
        { name: 'v', value: '5' },
        { name: 'x', value: 'z' },
      ],
    ],
    ['stay where the patch has none', 'extraArgs: []', [v, a]],
    ['stay where the patch has null', 'extraArgs: null', [v, a]],
    ['without a name are passed over', 'extraArgs: [text, {value: x}, {name: 1, value: x}]', [v, a]],
  ])('%s', (_, patch, extraArgs) => {
    expect(patched(V1BETA4, { extraArgs: [v, a], timeout: '1m' }, `apiServer: {${patch}}`)).toEqual({
      extraArgs,
      timeout: '1m',
    });
  });

  it('as a mapping in a patch with apiVersion are passed over, as kind does it', () => {
    const patch = `apiVersion: ${V1BETA4}\napiServer: {extraArgs: {v: "5"}, timeout: 1m}`;
    expect(patched(V1BETA4, { extraArgs: [v] }, patch)).toEqual({ extraArgs: [v], timeout: '1m' });
  });

  it('are made where there were none, at any depth', () => {
    const patch = 'etcd: {local: {extraArgs: {x: z}}}\nscheduler: {extraArgs: [{name: x, value: z}]}';
    const [document] = patchKubeadmDocuments([cluster(V1BETA4, {})], [`kind: ClusterConfiguration\n${patch}`], []);
    expect(document).toMatchObject({
      etcd: { local: { extraArgs: [{ name: 'x', value: 'z' }] } },
      scheduler: { extraArgs: [{ name: 'x', value: 'z' }] },
    });
  });

  it('of the kubelet are merged too', () => {
    const nodeRegistration = { kubeletExtraArgs: [{ name: 'node-ip', value: '1.2.3.4' }], criSocket: 's' };
    const patch = 'kind: InitConfiguration\nnodeRegistration: {kubeletExtraArgs: {node-labels: a=b}, taints: []}';
    expect(
      patchKubeadmDocuments([{ apiVersion: V1BETA4, kind: 'InitConfiguration', nodeRegistration }], [patch], []),
    ).toEqual([
      {
        apiVersion: V1BETA4,
        kind: 'InitConfiguration',
        nodeRegistration: {
          kubeletExtraArgs: [
            { name: 'node-ip', value: '1.2.3.4' },
            { name: 'node-labels', value: 'a=b' },
          ],
          criSocket: 's',
          taints: [],
        },
      },
    ]);
  });
});

describe('arguments in v1beta3', () => {
  it('are merged as the mapping that they are', () => {
    const patch = 'apiServer: {extraArgs: {v: null, x: z}}';
    expect(patched(V1BETA3, { extraArgs: { v: '4', a: 'b' } }, patch)).toEqual({ extraArgs: { a: 'b', x: 'z' } });
  });
});

describe('certSANs', () => {
  it.each([
    ['are united', V1BETA4, '[localhost, me]', ['localhost', '::1', 'me']],
    ['are united in older versions', V1BETA3, '[me]', ['localhost', '::1', 'me']],
    ['are not removed by null', V1BETA4, 'null', ['localhost', '::1']],
    ['are not replaced by none', V1BETA4, '[]', ['localhost', '::1']],
  ])('%s', (_, version, sans, expected) => {
    const patch = `apiServer: {certSANs: ${sans}}`;
    expect(patched(version, { certSANs: ['localhost', '::1'] }, patch)).toEqual({ certSANs: expected });
  });
});

describe('what is merged plainly', () => {
  it.each([
    ['null removes', 'apiServer: null', undefined],
    ['a value replaces a mapping', 'apiServer: text', 'text'],
    ['a list replaces a list', 'apiServer: {list: [c]}', { list: ['c'] }],
    [
      'values are typed as in YAML 1.1',
      'apiServer: {list: [yes, off, 0777, 1_000, 2001-01-01, 10:20]}',
      { list: [true, false, 511, 1000, '2001-01-01', '10:20'] },
    ],
    [
      'anchors and merge keys',
      'apiServer: {list: &l [1], b: &b {x: 1}, c: {<<: *b, w: *l}}',
      { list: [1], b: { x: 1 }, c: { x: 1, w: [1] } },
    ],
  ])('%s', (_, patch, expected) => {
    expect(patched(V1BETA4, { list: ['a', 'b'] }, patch)).toEqual(expected);
  });

  it('the name that kind once needed for matching does not reach kubeadm; another does', () => {
    const named = (name: string) =>
      patchKubeadmDocuments([{ kind: 'K', apiVersion: 'v1' }], [`kind: K\nmetadata: {name: ${name}}`], []);
    expect(named('config')).toEqual([{ kind: 'K', apiVersion: 'v1' }]);
    expect(named('other')).toEqual([{ kind: 'K', apiVersion: 'v1', metadata: { name: 'other' } }]);
  });
});

describe('refused', () => {
  it.each([
    ['b o g u s', 'a kubeadm configuration patch must be a mapping'],
    ['[a]', 'a kubeadm configuration patch must be a mapping'],
    [
      'a: b: c',
      'the patch is not valid YAML: Nested mappings are not allowed in compact mappings at line 1, column 4:',
    ],
  ])('the patch %s', (patch, message) => {
    expect(() => patchKubeadmDocuments([], [patch], [])).toThrow(
      expect.objectContaining({ code: 'invalid-patch', message, details: `the patch:\n${patch}` }),
    );
  });

  it('a JSON 6902 patch that does not apply, with the kind of the document', () => {
    const patch = { group: '', version: '', kind: 'K', patch: '[{"op":"remove","path":"/x"}]' };
    expect(() => patchKubeadmDocuments([{ kind: 'K' }], [], [patch])).toThrow(
      'cannot apply the JSON 6902 patch to K: remove /x: there is nothing at this path',
    );
  });
});

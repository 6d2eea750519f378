import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  hasEntry,
  mergeKubeconfig,
  namespaceOfContext,
  outerOfCurrentContext,
  readUserKubeconfig,
  removeKubeconfig,
  renderKubeconfig,
} from './kubeconfig.ts';

const entry = {
  name: 'kind-a',
  server: 'https://127.0.0.1:36443',
  caPem: 'CA PEM\n',
  clientCertPem: 'CERT PEM\n',
  clientKeyPem: 'KEY PEM\n',
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** As a user keeps it, with comments in every place, a quoted name, a long line, an exec plugin and an unknown field. */
const handMade = `# mine
apiVersion: v1
kind: Config # a comment
clusters:
# production, careful
- cluster:
    certificate-authority-data: ${'QUJD'.repeat(60)}
    server: https://prod.example.com # behind the VPN
  name: prod

- name: "stage"
  cluster: {server: 'http://stage:8080'}
contexts:
- context:
    cluster: prod
    namespace: kube-system
    user: me
  name: prod
# after the contexts
current-context: prod
preferences: {}
users:
- name: me
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      args:
      - --region
      - "007" # a string
      command: aws
extensions:
- name: other.tool
  extension: {a: 1}
# the end
`;

let dir: string;
let config: string;
const read = (path = config) => readFileSync(path, 'utf8');
const write = (name: string, text: string) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  config = join(dir, 'config');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('merge', () => {
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['null', '---\n'],
    ['empty but for its type', 'apiVersion: v1\nkind: Config\nclusters: null\ncontexts: []\nusers:\n'],
  ])('into a file that is %s makes one that has just the entry', async (_, before) => {
    if (before !== undefined) write('config', before);
    expect(await mergeKubeconfig(entry, config, {})).toBe(config);
    expect(parse(read())).toEqual(parse(renderKubeconfig(entry)));
    expect(readUserKubeconfig(read())).toEqual(entry);
  });

  it('makes the missing directory and a file for its owner only, and leaves no lock', async () => {
    await mergeKubeconfig(entry, undefined, { HOME: dir });
    expect(statSync(join(dir, '.kube')).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, '.kube', 'config')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dir, '.kube'))).toEqual(['config']);
  });

  it('leaves every other line as it is', async () => {
    write('config', handMade);
    await mergeKubeconfig(entry, config, {});
    const lines = read().split('\n');
    const lost = handMade.split('\n').filter((line) => !lines.includes(line));
    expect(lost).toEqual([
      "  cluster: {server: 'http://stage:8080'}", // now with spaces inside of the braces
      'current-context: prod',
      '  extension: {a: 1}',
    ]);
    const { clusters, contexts, users, ...others } = parse(read());
    const before = parse(handMade);
    expect(clusters).toEqual([...before.clusters, expect.objectContaining({ name: 'kind-a' })]);
    expect(contexts).toEqual([...before.contexts, { name: 'kind-a', context: { cluster: 'kind-a', user: 'kind-a' } }]);
    expect(users).toEqual([...before.users, expect.objectContaining({ name: 'kind-a' })]);
    expect(others).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'kind-a',
      preferences: {},
      extensions: before.extensions,
    });
  });

  it('puts the entry in the place of the older one of its name, and keeps the comment on it', async () => {
    await mergeKubeconfig({ ...entry, name: 'kind-b' }, config, {});
    await mergeKubeconfig(entry, config, {});
    await mergeKubeconfig({ ...entry, name: 'kind-c' }, config, {});
    write(
      'config',
      read().replace('    server', '    # its address\n    server').replaceAll('- cluster:', '# a cluster\n- cluster:'),
    );
    await mergeKubeconfig({ ...entry, server: 'https://127.0.0.1:1' }, config, {});
    const { clusters } = parse(read());
    expect(clusters.map((c: { name: string; cluster: { server: string } }) => [c.name, c.cluster.server])).toEqual([
      ['kind-b', entry.server],
      ['kind-a', 'https://127.0.0.1:1'],
      ['kind-c', entry.server],
    ]);
    expect(read().match(/# a cluster/g)).toHaveLength(3);
    expect(read()).toContain('# its address');
  });

  it('keeps the indentation of lists', async () => {
    write('config', 'apiVersion: v1\nclusters:\n    - name: x\n      cluster:\n          server: y\n');
    await mergeKubeconfig(entry, config, {});
    expect(read()).toContain('clusters:\n    - name: x\n      cluster:\n          server: y\n    - cluster:\n');
  });

  it('keeps JSON JSON', async () => {
    const before = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'x', cluster: { server: 'y' } }],
      users: null,
    };
    write('config', JSON.stringify(before, null, '\t'));
    await mergeKubeconfig(entry, config, {});
    expect(JSON.parse(read())).toMatchObject({
      'current-context': 'kind-a',
      clusters: [{ name: 'x' }, { name: 'kind-a' }],
    });
    expect(read()).toMatch(/^\{\n\t"apiVersion": "v1",\n/);
  });

  it.each([
    ['clusters: [', ':1:12: '],
    ['apiVersion: v1\n  kind: Config\n', ':1:13: Nested mappings are not allowed'],
    ['a: 1\na: 2\n', ':2:1: Map keys must be unique'],
    ['just text', ':1:1: expected a mapping'],
    ['a: 1\nusers: {}\n', ':2:8: users: expected a list'],
  ])('refuses %j, says where, and leaves file and directory as they are', async (text, where) => {
    write('config', text);
    await expect(mergeKubeconfig(entry, config, {})).rejects.toMatchObject({
      code: 'invalid-kubeconfig',
      message: `${config} is not a valid kubeconfig`,
      details: expect.stringContaining(config + where),
    });
    expect(read()).toBe(text);
    expect(readdirSync(dir)).toEqual(['config']);
  });

  it('keeps the mode of the file', async () => {
    write('config', '');
    chmodSync(config, 0o640);
    await mergeKubeconfig(entry, config, {});
    expect(statSync(config).mode & 0o777).toBe(0o640);
  });

  it('into /dev/null does nothing, without a lock', async () => {
    expect(await mergeKubeconfig(entry, '/dev/null', {})).toBe('/dev/null');
    expect(existsSync('/dev/null.lock')).toBe(false);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('of many clusters at the same time loses none', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `kind-${i}`);
    await Promise.all(names.map((name) => mergeKubeconfig({ ...entry, name }, config, {})));
    expect(
      parse(read())
        .users.map((u: { name: string }) => u.name)
        .sort(),
    ).toEqual(names);
  });
});

describe('with a list of files in $KUBECONFIG', () => {
  const list = (...paths: string[]) => ({ KUBECONFIG: paths.join(':') });

  it('merges into the first that exists', async () => {
    const [a, b, c] = [join(dir, 'a'), write('b', 'apiVersion: v1\n'), write('c', '')];
    expect(await mergeKubeconfig(entry, undefined, list(a, b, c))).toBe(b);
    expect(existsSync(a)).toBe(false);
    expect(read(c)).toBe('');
  });

  it('makes the last where none exists', async () => {
    const [a, b] = [join(dir, 'a'), join(dir, 'b')];
    expect(await mergeKubeconfig(entry, undefined, list(a, b))).toBe(b);
    expect(existsSync(a)).toBe(false);
  });

  it('merges into the file that has the entry, and sets the current context where it counts', async () => {
    const [a, b, c] = [write('a', 'apiVersion: v1\n'), write('b', handMade), write('c', renderKubeconfig(entry))];
    expect(await mergeKubeconfig({ ...entry, server: 'https://new' }, undefined, list(a, b, c))).toBe(c);
    expect(read(a)).toBe('apiVersion: v1\n');
    expect(parse(read(b))['current-context']).toBe('kind-a');
    expect(parse(read(b)).users).toHaveLength(1);
    expect(readUserKubeconfig(read(c)).server).toBe('https://new');
  });

  it('removes from all', async () => {
    const [a, b, c] = [write('a', renderKubeconfig(entry)), write('b', handMade), write('c', renderKubeconfig(entry))];
    expect(await removeKubeconfig('kind-a', undefined, list(a, b, join(dir, 'missing'), c))).toEqual([a, c]);
    expect(read(b)).toBe(handMade);
    expect(readdirSync(dir).sort()).toEqual(['a', 'b', 'c']);
    expect(parse(read(c)).contexts).toEqual([]);
  });
});

describe('remove', () => {
  it('takes back what merge did, except for the current context', async () => {
    write('config', handMade);
    await mergeKubeconfig(entry, config, {});
    expect(await removeKubeconfig('kind-a', config, {})).toEqual([config]);
    expect(parse(read())).toEqual({ ...parse(handMade), 'current-context': '' });
    for (const comment of handMade.match(/#.*/g) ?? []) expect(read()).toContain(comment);
  });

  it('leaves a current context that is another one', async () => {
    await mergeKubeconfig(entry, config, {});
    await mergeKubeconfig({ ...entry, name: 'kind-ab' }, config, {});
    await removeKubeconfig('kind-a', config, {});
    expect(parse(read())).toEqual(parse(renderKubeconfig({ ...entry, name: 'kind-ab' })));
  });

  it.each([
    ['a file without the entry', handMade.replaceAll('prod', 'kind-ab')],
    ['a broken file that does not mention it', 'clusters: ['],
  ])('does not touch %s', async (_, text) => {
    write('config', text);
    expect(await removeKubeconfig('kind-a', config, {})).toEqual([]);
    expect(read()).toBe(text);
  });

  it('makes nothing where there is no file', async () => {
    expect(await removeKubeconfig('kind-a', undefined, { HOME: join(dir, 'home') })).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('finds an entry of which only a part is left', async () => {
    write('config', 'users:\n- name: kind-a\n  user: {}\n');
    expect(await removeKubeconfig('kind-a', config, {})).toEqual([config]);
    expect(parse(read()).users).toEqual([]);
  });
});

it('has the entries of whole names', async () => {
  await mergeKubeconfig({ ...entry, name: 'kind-ab' }, config, {});
  expect([hasEntry('kind-ab', config, {}), hasEntry('kind-a', config, {})]).toEqual([true, false]);
  expect(hasEntry('kind-a', join(dir, 'none'), {})).toBe(false);
});

describe('read and render', () => {
  it('render writes what kubectl reads', () => {
    expect(renderKubeconfig(entry)).toBe(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64('CA PEM\n')}
    server: https://127.0.0.1:36443
  name: kind-a
contexts:
- context:
    cluster: kind-a
    user: kind-a
  name: kind-a
current-context: kind-a
kind: Config
users:
- name: kind-a
  user:
    client-certificate-data: ${base64('CERT PEM\n')}
    client-key-data: ${base64('KEY PEM\n')}
`);
  });

  it('read follows the context to a cluster and a user of other names', () => {
    const text = renderKubeconfig(entry)
      .replace('    cluster: kind-a', '    cluster: kubernetes')
      .replace('server: https://127.0.0.1:36443\n  name: kind-a', 'server: https://x:1\n  name: kubernetes')
      .replace('current-context: kind-a', 'current-context: other');
    expect(readUserKubeconfig(text, 'kind-a')).toEqual({ ...entry, server: 'https://x:1' });
  });

  it.each([
    ['kind-b', renderKubeconfig(entry), 'no context "kind-b"'],
    [undefined, 'apiVersion: v1\n', 'no context ""'],
    ['kind-a', renderKubeconfig(entry).replace('    user: kind-a', '    user: x'), 'no user "x"'],
    [
      'kind-a',
      renderKubeconfig(entry).replace('client-key-data', 'client-key'),
      'no client-key-data in its user "kind-a"',
    ],
  ])('read of %s says what is missing', (name, text, what) => {
    expect(() => readUserKubeconfig(text, name)).toThrow(
      expect.objectContaining({ code: 'kubeconfig-entry-missing', message: `the kubeconfig has ${what}` }),
    );
  });
});

describe('the namespace of a context', () => {
  it.each([
    ['context: {cluster: a, namespace: ci}', 'ci'],
    ['context: {cluster: a}', 'default'],
    ['context: {cluster: a, namespace: ""}', 'default'],
  ])('of %s is %s', async (context, namespace) => {
    writeFileSync(config, `contexts:\n- name: prod\n  ${context}\n`);
    expect(namespaceOfContext('prod', config, {})).toBe(namespace);
    expect(namespaceOfContext('staging', config, {})).toBeUndefined();
  });
});

describe('a cluster whose nodes are Pods', () => {
  const inner = { ...entry, tlsServerName: 'localhost', outer: { context: 'prod', namespace: 'ci' } };

  it('tells by what its certificate is known and where its nodes are', async () => {
    await mergeKubeconfig(inner, config, {});
    expect(parse(read()).clusters[0].cluster['tls-server-name']).toBe('localhost');
    expect(outerOfCurrentContext(config, {})).toEqual({ context: 'prod', namespace: 'ci' });
  });

  it('keeps its entry where one of its name in another place is deleted', async () => {
    await mergeKubeconfig(inner, config, {});
    const elsewhere = [undefined, { context: 'prod', namespace: 'other' }, { context: 'test', namespace: 'ci' }];
    for (const outer of elsewhere) expect(await removeKubeconfig('kind-a', config, {}, { of: { outer } })).toEqual([]);
    expect(await removeKubeconfig('kind-a', config, {}, { of: { outer: inner.outer } })).toEqual([config]);
  });

  it('does not take the entry of a cluster of containers with it', async () => {
    await mergeKubeconfig(entry, config, {});
    expect(await removeKubeconfig('kind-a', config, {}, { of: { outer: inner.outer } })).toEqual([]);
    expect(await removeKubeconfig('kind-a', config, {}, { of: { outer: undefined } })).toEqual([config]);
  });

  it('is not the one around another current context', async () => {
    await mergeKubeconfig(inner, config, {});
    await mergeKubeconfig({ ...entry, name: 'kind-b' }, config, {});
    expect(outerOfCurrentContext(config, {})).toBeUndefined();
    expect(outerOfCurrentContext(join(dir, 'none'), {})).toBeUndefined();
  });
});

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CalledAsKind, withoutKindsOwn } from '../support/called-as-kind.ts';
import { useHome } from '../support/cluster.ts';
import { added, engineState } from '../support/engine-state.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { type Kind, prepareKind, whyNoKind } from '../support/kind.ts';
import { unless } from '../support/unless.ts';

const reason = await whyNoKind();
const home = useHome();
let kind: Kind;
let kinpod: CalledAsKind;

beforeAll(async () => {
  kinpod = await CalledAsKind.make(home);
  kind = await prepareKind(home.path('.'), home.kubeconfig);
  return async () => kind?.dispose();
});

const NONE = 'kpt-e2e-none';
const OPEN = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';

/** Command lines that are wrong in themselves. */
const usage = [
  'foo',
  'gat',
  'GET',
  'ver',
  '-x',
  '--nmae',
  '--',
  '-h get clusters',
  '-v',
  '-qv',
  '-vx',
  '-v x get clusters',
  '-v=x get clusters',
  '-v 99999999999 get clusters',
  '--verbosity=one version',
  '--quiet=maybe version',
  '--version=no',
  'check',
  'quickstart',
  'config validate x',
  'create',
  'create foo',
  'create -x',
  'create cluster foo',
  'create cluster --nmae x',
  'create cluster --name',
  'create cluster -n',
  'create cluster --config',
  'create cluster --wait soon',
  'create cluster --wait 5',
  'create cluster --wait 5x',
  'create cluster --wait 1m30',
  'create cluster --wait=',
  'create cluster --wait 99999999h',
  'create cluster --retain=maybe',
  'create cluster --dry-run',
  'create cluster -o json',
  'create cluster --=x',
  'create cluster ---x',
  'delete',
  'delete cluster foo',
  'delete cluster --all',
  'delete clusters',
  'delete clusters --name x',
  'delete clusters -An x',
  'get',
  'get foo',
  'get clusters foo',
  'get clusters --retain',
  'get clusters --version',
  'get nodes foo',
  'get nodes -- foo',
  'get nodes -o json',
  'get kubeconfig foo',
  'get kubeconfig --internal=x',
  'export',
  'export foo',
  'export kubeconfig foo',
  'export logs a b',
  'load',
  'load foo',
  'load docker-image',
  'load image-archive',
  'build',
  'build foo',
  'build node-image a b',
  'completion',
  'completion tcsh',
  'completion bash foo',
  '-q foo',
  '-q create',
  'create cluster --nmae -q',
  'create cluster --name -q --retain=maybe',
];

/** Node images that cannot be built. What is asked of servers elsewhere is not asked here. */
const builds = [
  'build node-image',
  'build node-image --type nonsense',
  'build node-image --type=',
  'build node-image --type source',
  'build node-image --type source /nonexistent',
  'build node-image --type nonsense /nonexistent',
  'build node-image /nonexistent',
  "build node-image /it's-not-there",
  'build node-image /etc',
  'build node-image --type file',
  'build node-image --type file /nonexistent',
  'build node-image --type file /etc/hostname',
  'build node-image /etc/passwd',
  'build node-image --type url',
  'build node-image --type url x',
  'build node-image --type url ftp://127.0.0.1/x',
  'build node-image http://127.0.0.1:1/kubernetes.tar.gz',
  'build node-image --type release',
  'build node-image --type release 1.36',
  'build node-image 1.36',
];

/** Command lines that ask for what is not there. */
const missing = [
  `get kubeconfig --name ${NONE}`,
  `export kubeconfig --name ${NONE}`,
  `export logs --name ${NONE}`,
  `get nodes --name ${NONE}`,
  `delete cluster --name ${NONE}`,
  `delete clusters ${NONE} ${NONE}-2`,
  `load docker-image --name ${NONE} localhost/kpt-e2e-none:1`,
  `load image-archive --name ${NONE} /nonexistent/archive.tar`,
  `load image-archive --name ${NONE} /etc/hostname`,
  `create cluster --name ${NONE} --config /nonexistent/cluster.yaml`,
  `create cluster --name ${NONE} --config /etc`,
  `create cluster --name Kpt_None`,
  `create cluster --name kpt/none`,
  // The name is so long that it is warned of.
  `create cluster --name ${NONE}${'x'.repeat(40)} --image localhost:1/kpt-e2e-none:1`,
  `create cluster --name ${NONE} --image NoName`,
];

/** Configurations that kind refuses, with what it says beside the line of what is wrong. */
const configs: Record<string, string> = {
  nothing: '',
  'no YAML': 'a: [\n',
  'an unknown field': `${OPEN}networking:\n  apiServrPort: 1\n`,
  'two unknown fields': `${OPEN}nodez: []\nnetworking:\n  apiServrPort: 1\n`,
  'a value of another type': `${OPEN}networking:\n  apiServerPort: many\n`,
  'another kind': 'kind: Pod\napiVersion: kind.x-k8s.io/v1alpha4\n',
  'another version': 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha1\n',
  'no version': 'kind: Cluster\n',
  'a name that cannot be': `${OPEN}name: Not_A_Name\n`,
  'no control plane': `${OPEN}nodes:\n- role: worker\n`,
  'an unknown role': `${OPEN}nodes:\n- role: boss\n`,
  'a subnet that is none': `${OPEN}networking:\n  podSubnet: 10.0.0.0\n`,
  'two subnets of one family': `${OPEN}networking:\n  ipFamily: dual\n  serviceSubnet: 10.1.0.0/16,10.2.0.0/16\n`,
  'an unknown family': `${OPEN}networking:\n  ipFamily: ipv5\n`,
  'a port out of range': `${OPEN}networking:\n  apiServerPort: 70000\n`,
  'an unknown proxy mode': `${OPEN}networking:\n  kubeProxyMode: magic\n`,
  'a port twice': `${OPEN}nodes:\n- extraPortMappings:\n  - {containerPort: 1, hostPort: 80}\n  - {containerPort: 2, hostPort: 80}\n`,
  'an unknown protocol': `${OPEN}nodes:\n- extraPortMappings:\n  - {containerPort: 1, protocol: QUIC}\n`,
  'several at once': `${OPEN}name: A\nnodes:\n- role: worker\nnetworking:\n  podSubnet: x\n  apiServerPort: -5\n`,
};

/** Podman's own words on the way have the time. */
function withoutTimes(stderr: string): string {
  return stderr.replaceAll(/time="[^"]*"/g, 'time=""');
}

/** Both on the same command line; what they print on stdout, where that is help, has each its own words. */
async function both(args: readonly string[], input?: string) {
  const [oracle, own] = await Promise.all([kind.run(args, { input }), kinpod.run(args, { input })]);
  return {
    expected: { exitCode: oracle.exitCode, stderr: withoutKindsOwn(oracle.stderr) },
    actual: { exitCode: own.exitCode, stderr: own.stderr },
    stdout: { oracle: oracle.stdout, own: own.stdout },
  };
}

describe('called as kind, kinpod says what kind says', unless(reason), () => {
  test.each(usage)('kind %s', async (line) => {
    const { actual, expected, stdout } = await both(line.split(' '));
    expect(actual).toEqual(expected);
    // Help is on stdout in both, or in none.
    expect(stdout.own === '').toBe(stdout.oracle === '');
  });

  test.each(builds)('kind %s', async (line) => {
    const { actual, expected, stdout } = await both(line.split(' '));
    expect(expected.exitCode).toBe(1);
    // One build at a time: ours may wait for another.
    expect({ ...actual, stderr: actual.stderr.replace(/^Another build .*\n/m, '') }).toEqual(expected);
    expect(stdout).toEqual({ oracle: '', own: '' });
  });

  test.each(missing)('kind %s', async (line) => {
    const before = await engineState();
    const { actual, expected, stdout } = await both(line.split(' '));
    expect({ ...actual, stderr: withoutTimes(actual.stderr) }).toEqual({
      ...expected,
      stderr: withoutTimes(expected.stderr),
    });
    expect(stdout.own).toBe(stdout.oracle);
    expect(added(before, await engineState())).toEqual([]);
  });

  test.each(Object.entries(configs))('to a configuration with %s', async (_, config) => {
    const { actual, expected } = await both(['create', 'cluster', '--config', '-'], config);
    expect(expected.exitCode).toBe(1);
    expect(actual).toEqual(expected);
  });

  test('to a port that is taken: what the engine says, and no more of its command', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const config = `${OPEN}name: ${NONE}\nnetworking: {apiServerPort: ${port}}\nnodes: [{image: "${NODE_IMAGE}"}]\n`;
    const run = (program: Pick<Kind, 'run'>) => program.run(['create', 'cluster', '--config', '-'], { input: config });
    const [oracle, own] = [await run(kind), await run(kinpod)];
    server.close();
    const words = `listen tcp4 127.0.0.1:${port}: bind: address already in use`;
    expect(oracle.stderr).toContain(words);
    expect(own).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/ERROR: failed to create cluster: cannot listen on the TCP port: .*$/),
    });
    expect(own.stderr).toContain(words);
  });

  test('to an address that is not here', async () => {
    const config = `${OPEN}name: ${NONE}\nnetworking: {apiServerAddress: 203.0.113.7}\nnodes: [{image: "${NODE_IMAGE}"}]\n`;
    const { actual, expected } = await both(['create', 'cluster', '--config', '-'], config);
    expect(expected.stderr).toContain('cannot assign requested address');
    expect(lastLine(actual.stderr)).toBe(lastLine(expected.stderr));
  });

  test('to a patch of containerd that is YAML', async () => {
    const config = `${OPEN}name: ${NONE}\ncontainerdConfigPatchesJSON6902: ["- op: remove"]\nnodes: [{image: "${NODE_IMAGE}"}]\n`;
    const own = await kinpod.run(['create', 'cluster', '--config', '-'], { input: config });
    expect(own).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('must be JSON') });
  });

  describe('of a kubeconfig', () => {
    const file = () => home.path('other-kubeconfig');
    afterEach(() => Promise.all([file(), `${file()}.lock`].map((path) => rm(path, { recursive: true, force: true }))));

    test.each(['delete cluster --name', 'delete clusters'])('that is broken, to kind %s', async (line) => {
      await writeFile(file(), 'clusters: [\n');
      const { actual, expected } = await both([...line.split(' '), NONE, '--kubeconfig', file()]);
      expect(expected.stderr).toContain('failed to update kubeconfig');
      expect(actual).toEqual(expected);
    });

    test('that is a directory', async () => {
      await mkdir(file());
      const { actual, expected } = await both(['delete', 'cluster', '--name', NONE, '--kubeconfig', file()]);
      expect(expected.exitCode).toBe(1);
      expect(actual).toEqual(expected);
    });

    test('that is locked', { timeout: 60_000 }, async () => {
      await writeFile(`${file()}.lock`, '');
      const { actual, expected } = await both(['delete', 'cluster', '--name', NONE, '--kubeconfig', file()]);
      expect(expected.stderr).toContain('file exists');
      expect(actual).toEqual(expected);
    });
  });
});

function lastLine(text: string): string | undefined {
  return text.trimEnd().split('\n').at(-1);
}

test('a provider that kind does not know is warned of, and another is chosen', unless(reason), async () => {
  const env = { KIND_EXPERIMENTAL_PROVIDER: 'lxc' };
  const [oracle, own] = await Promise.all([
    kind.run(['get', 'nodes', '--name', NONE], { env }),
    kinpod.run(['get', 'nodes', '--name', NONE], { env }),
  ]);
  const [warning] = own.stderr.split('\n');
  expect(warning).toBe('ignoring unknown value "lxc" for KIND_EXPERIMENTAL_PROVIDER');
  expect(oracle.stderr.split('\n')).toContain(warning);
  // Where kind takes a Docker whose daemon does not answer, kinpod takes Podman.
  expect(own).toMatchObject({ exitCode: 0, stdout: '' });
  expect(own.stderr).toContain(`No kind nodes found for cluster "${NONE}".`);
});

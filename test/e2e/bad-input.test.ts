import { describe, expect, test } from 'vitest';
import { useHome } from '../support/cluster.ts';
import { added, engineState } from '../support/engine-state.ts';

const home = useHome();

/** Commands that are wrong in themselves: what is wrong is said, with the nearest right thing, and nothing is done. */
const wrong: Record<string, { args: string[]; config?: string; says: (string | RegExp)[] }> = {
  'an unknown flag': {
    args: ['create', 'cluster', '--nmae', 'kpt-e2e-x'],
    says: ['ERROR: unknown flag: --nmae', 'did you mean --name?'],
  },
  'an unknown command': {
    args: ['creat', 'cluster'],
    says: ['ERROR: unknown command "creat" for "kinpod"', 'did you mean create?'],
  },
  'an unknown subcommand': {
    args: ['get', 'cluster'],
    says: ['ERROR: unknown command "cluster" for "kinpod get"', 'did you mean clusters?'],
  },
  'a flag without its value': {
    args: ['create', 'cluster', '--name'],
    says: ['ERROR: flag needs a value: --name'],
  },
  'a duration that is none': { args: ['create', 'cluster', '--wait', 'soon'], says: ['ERROR: ', '"soon"'] },
  'a name that cannot be': {
    args: ['create', 'cluster', '--name', 'My_Cluster'],
    says: ['ERROR: failed to create cluster: ', 'My_Cluster'],
  },
  'a configuration that is not there': {
    args: ['create', 'cluster', '--config', '/nonexistent/cluster.yaml'],
    says: [
      'ERROR: failed to create cluster: cannot read the configuration /nonexistent/cluster.yaml: there is no such file',
    ],
  },
  'broken YAML': {
    args: ['create', 'cluster', '--config', '-'],
    config: 'kind: Cluster\nnodes:\n- role: "control-plane\n',
    says: ['ERROR: failed to create cluster: ', /<stdin>:\d+:\d+: /],
  },
  'an unknown field': {
    args: ['create', 'cluster', '--config', '-'],
    config:
      'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking:\n  apiServrPort: 1\nnodes:\n- rol: worker\n',
    says: [
      '<stdin>:4:3: networking: unknown field "apiServrPort"; did you mean "apiServerPort"?',
      '<stdin>:6:3: nodes[0]: unknown field "rol"; did you mean "role"?',
    ],
  },
  'a value of the wrong type': {
    args: ['create', 'cluster', '--config', '-'],
    config: 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking:\n  apiServerPort: many\n',
    says: [/<stdin>:4:\d+: networking\.apiServerPort: /],
  },
  'another kind of document': {
    args: ['create', 'cluster', '--config', '-'],
    config: 'kind: Pod\napiVersion: v1\n',
    says: [/<stdin>:\d+:\d+: .*Cluster/],
  },
  'an image that is not here': {
    args: ['create', 'cluster', '--name', 'kpt-e2e-x', '--image', 'localhost/kpt-e2e-none:1'],
    says: ['the node image "localhost/kpt-e2e-none:1" is not here and cannot be pulled', 'kinpod build node-image'],
  },
  'a name that no image can have': {
    args: ['create', 'cluster', '--name', 'kpt-e2e-x', '--image', 'not an image'],
    says: ['ERROR: failed to create cluster: ', 'not an image'],
  },
  'no cluster to delete': { args: ['delete', 'clusters'], says: ['ERROR: no cluster names provided'] },
  'a Kubernetes release that is none': {
    args: ['build', 'node-image', '--k8s-version', 'latest'],
    says: ['ERROR: failed to build node image: ', '"latest" is not a release of Kubernetes'],
  },
};

describe('kinpod refuses', () => {
  test.each(Object.entries(wrong))('%s', async (_, { args, config, says }) => {
    const before = await engineState();
    const { exitCode, stdout, stderr } = await home.kinpod(args, { input: config });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    for (const text of says) expect(stderr).toMatch(text);
    // What the user can mend is no bug: no stack.
    expect(stderr).not.toContain('    at ');
    expect(added(before, await engineState())).toEqual([]);
  });
});

describe('without an engine', () => {
  const PATH = '/nonexistent';
  const commands = [
    ['create', 'cluster', '--name', 'kpt-e2e-x'],
    ['delete', 'cluster', '--name', 'kpt-e2e-x'],
    ['get', 'clusters'],
    ['get', 'nodes', '--name', 'kpt-e2e-x'],
    ['get', 'kubeconfig', '--name', 'kpt-e2e-x'],
    ['build', 'node-image'],
  ];
  test.each(commands)('kinpod %s %s says what is missing and what installs it', async (...args) => {
    const { exitCode, stdout, stderr } = await home.kinpod(args, { env: { PATH } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('podman: not installed: there is no podman on the PATH');
    expect(stderr).toContain('docker: not installed: there is no docker on the PATH');
    expect(stderr).toContain('kinpod check --fix');
    expect(stderr).not.toContain('    at ');
  });

  test('kinpod check finds it, and --version needs none', async () => {
    const { exitCode, stdout } = await home.kinpod(['check', '--for', 'run', '-o', 'json'], { env: { PATH } });
    expect(exitCode).toBe(1);
    const podman = JSON.parse(stdout).results.find((r: { id: string }) => r.id === 'podman');
    expect(podman).toMatchObject({ status: 'error' });
    expect((await home.kinpod(['--version'], { env: { PATH } })).exitCode).toBe(0);
  });
});

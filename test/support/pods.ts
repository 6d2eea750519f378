import { afterAll, beforeAll } from 'vitest';
import { type RunOptions, type RunResult, run } from '../../src/exec/run.ts';
import type { CliOptions } from './cli.ts';
import { TestCluster, type TestHome, type UseClusterOptions, useHome } from './cluster.ts';
import { eventually } from './eventually.ts';
import { NODE_IMAGE } from './global-setup.ts';
import { podman, removeTestObjects } from './podman.ts';

/** A cluster for nodes that are Pods, with their image, there while the tests of a file run. */
export function useOuterCluster(name: string): TestCluster {
  const home = useHome();
  const outer = new TestCluster(name, home);
  beforeAll(async () => {
    await outer.create();
    const { exitCode, stderr } = await outer.kinpod(['load', 'docker-image', NODE_IMAGE]);
    if (exitCode !== 0) throw new Error(`the node image is not in the outer cluster:\n${stderr}`);
  });
  afterAll(() => removeTestObjects(outer.name));
  return outer;
}

/** A cluster whose nodes are Pods of another one. */
export class PodCluster extends TestCluster {
  readonly #outer: TestCluster;

  constructor(name: string, home: TestHome, outer: TestCluster) {
    super(name, home);
    this.#outer = outer;
  }

  /** By which the program finds the outer cluster, whatever the current context is. */
  get flags(): string[] {
    return ['--provider', 'kubernetes', '--context', `kind-${this.#outer.name}`];
  }

  /** Have the outer cluster in the kubeconfig, and no other. */
  async knowOuter(): Promise<void> {
    await this.home.write('kubeconfig', await this.#outer.home.read('kubeconfig'));
  }

  override async create(options: UseClusterOptions = {}): Promise<void> {
    await this.knowOuter();
    const config = typeof options.config === 'function' ? await options.config() : (options.config ?? '');
    await this.home.write('cluster.yaml', config);
    const args = ['create', 'cluster', '--config', this.home.path('cluster.yaml'), '--wait', '2m'];
    const { exitCode, stderr } = await this.kinpod(args);
    if (exitCode !== 0) throw new Error(`no cluster:\n${stderr}`);
  }

  override kinpod(args: readonly string[], options: CliOptions = {}): Promise<RunResult> {
    return super.kinpod([...args, ...this.flags], options);
  }

  /** The outer cluster's kubectl. Whatever address the API server is reached at, its certificate names this one too. */
  override async kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { stdout } = await run(this.#outer.home.path('kubectl'), ['--tls-server-name=localhost', ...args], {
      timeoutMs: 120_000,
      ...options,
      env: { ...this.home.env, ...options.env },
    });
    return stdout;
  }

  /** Run a program in a node. */
  override async exec(...argv: string[]): Promise<string> {
    return this.execIn(this.node, ...argv);
  }

  execIn(node: string, ...argv: string[]): Promise<string> {
    return this.#outer.kubectl(['exec', `${node}-0`, '--', ...argv]);
  }

  /** Take a node's Pod away, and wait until the next one is there. */
  async replacePod(node: string): Promise<void> {
    const uid = async () => this.#outer.kubectl(['get', 'pod', `${node}-0`, '-o', 'jsonpath={.metadata.uid}']);
    const before = await uid();
    await this.#outer.kubectl(['delete', 'pod', `${node}-0`, '--wait=false']);
    await eventually(async () => (await uid()) !== before, { withinMs: 60_000, what: `another Pod of ${node}` });
  }
}

/** Objects of the outer cluster that kinpod makes, or has made for it. */
const KINDS = 'statefulsets,pods,services,endpointslices,secrets,configmaps,persistentvolumeclaims,persistentvolumes';

/** All that Pods could leave in the outer cluster and its node, a line each. */
export async function outerState(outer: TestCluster): Promise<string[]> {
  const inNode = (...argv: string[]) => podman(['exec', outer.node, ...argv]);
  const [objects, mounts, cgroups, links, programs] = await Promise.all([
    outer.kubectl(['get', KINDS, '--all-namespaces', '-o', 'name']),
    inNode('sed', '-E', 's/^([^ ]+ ){4}([^ ]+) .*/mount \\2/', '/proc/self/mountinfo'),
    inNode('find', '/sys/fs/cgroup', '-type', 'd', '-name', '*kubepods*'),
    inNode('ls', '/sys/class/net'),
    // Not containers: the kubelet collects those that have ended once a minute.
    inNode('ctr', '--namespace', 'k8s.io', 'tasks', 'list', '--quiet'),
  ]);
  return [objects, mounts, cgroups, links, programs].flatMap((text) => text.split('\n').filter(Boolean)).sort();
}

/** What waits for the kubelet to have tidied up. */
export async function untilAsBefore(outer: TestCluster, before: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const left = (await outerState(outer)).filter((one) => !before.includes(one));
      if (left.length > 0) throw new Error(left.join('\n'));
      return true;
    },
    { withinMs: 90_000, everyMs: 1_000, what: 'the outer cluster to be as it was' },
  );
}

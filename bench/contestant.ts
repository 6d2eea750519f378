import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../src/exec/run.ts';
import { prepareKind } from '../test/support/kind.ts';
import { diskBytes, ENGINE, type Place, PREFIX } from './engine.ts';
import type { Expectation } from './milestones.ts';
import { Observer, type Points } from './observer.ts';
import { OuterCluster } from './outer-cluster.ts';

/** A program that makes clusters. */
export interface Contestant {
  name: 'kinpod' | 'kinpod-cri-o' | 'kinpod-pods' | 'kind';
  /** What a complete cluster of it has. */
  expected: Omit<Expectation, 'userPod'>;
  /** Where its nodes are found. */
  place: Place;
  create(cluster: string, signal: AbortSignal): Promise<unknown>;
  delete(cluster: string): Promise<unknown>;
}

export interface Measured extends Points {
  /** The command has returned. */
  returned: number;
  delete: number;
  /** Of each node, the control plane first. */
  diskMegabytes: number[];
}

/** Contestants; `dispose` takes back what they needed. */
export interface Field {
  all: Contestant[];
  dispose(): Promise<void>;
}

const KINPOD = fileURLToPath(new URL('../dist/kinpod.js', import.meta.url));

export interface ContestantOptions {
  /** Node image by the program's name. */
  images: Readonly<Record<'kinpod' | 'kinpod-cri-o' | 'kind', string>>;
  /** One control plane, the others workers. */
  nodes: number;
  /**
   * kinpod's clusters have three control planes behind a load balancer, and the others are workers. kind's have one: for more it needs
   * an image that only a registry has, and it would take longer still.
   */
  ha: boolean;
}

/** Control planes of a cluster that bears the loss of any one. */
const HA_CONTROL_PLANES = 3;

/** kinpod's commands, with files of their own. */
async function kinpodIn(dir: string, { nodes, ha }: ContestantOptions) {
  const env = { KUBECONFIG: join(dir, 'kubeconfig') };
  const config = join(dir, 'kinpod.yaml');
  const controlPlanes = ha ? HA_CONTROL_PLANES : 1;
  const roles = Array.from({ length: nodes }, (_, i) => `- role: ${i < controlPlanes ? 'control-plane' : 'worker'}\n`);
  await writeFile(config, `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n${roles.join('')}`);
  const kinpod = (args: readonly string[], signal?: AbortSignal) =>
    run(process.execPath, [KINPOD, ...args], { env, signal });
  interface Way {
    image: string;
    place: Place;
    flags?: readonly string[];
    createFlags?: readonly string[];
  }
  const contestant = (name: Contestant['name'], { image, place, flags = [], createFlags = [] }: Way): Contestant => ({
    name,
    expected: { nodes, controlPlanes, onEveryNode: ['kube-proxy-'] },
    place,
    create: (c, signal) =>
      kinpod(
        ['create', 'cluster', '--name', c, '--image', image, '--config', config, ...flags, ...createFlags],
        signal,
      ),
    delete: (c) => kinpod(['delete', 'cluster', '--name', c, ...flags]),
  });
  return { kinpod, contestant, kubeconfig: env.KUBECONFIG };
}

/** Both programs, each with the same content in the layout that its users have. */
export async function againstKind(options: ContestantOptions): Promise<Field> {
  const { images, nodes } = options;
  const dir = await mkdtemp(join(tmpdir(), 'kinpod-bench-'));
  const { contestant, kubeconfig } = await kinpodIn(dir, options);
  const kind = await prepareKind(dir, kubeconfig, nodes);
  const kindRun = async (args: string[], signal?: AbortSignal) => {
    const { exitCode, stderr } = await kind.run(args, { signal });
    if (exitCode !== 0) throw new Error(`kind ${args.join(' ')}: ${stderr}`);
  };
  return {
    all: [
      contestant('kinpod', { image: images.kinpod, place: ENGINE }),
      contestant('kinpod-cri-o', { image: images['kinpod-cri-o'], place: ENGINE }),
      {
        name: 'kind',
        expected: { nodes, controlPlanes: 1, onEveryNode: ['kube-proxy-', 'kindnet-'] },
        place: ENGINE,
        create: (c, signal) =>
          kindRun(['create', 'cluster', '--name', c, '--image', images.kind, '--config', kind.configPath], signal),
        delete: (c) => kindRun(['delete', 'cluster', '--name', c]),
      },
    ],
    async dispose() {
      await kind.dispose();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The same clusters with nodes that are Pods of another cluster, which is there all the time, and with nodes that are containers. */
export async function podsAgainstContainers(options: ContestantOptions): Promise<Field> {
  const image = options.images.kinpod;
  const dir = await mkdtemp(join(tmpdir(), 'kinpod-bench-'));
  const { kinpod, contestant, kubeconfig } = await kinpodIn(dir, options);
  const name = `${PREFIX}outer`;
  await kinpod(['create', 'cluster', '--name', name, '--image', image, '--wait', '2m']);
  await kinpod(['load', 'docker-image', image, '--name', name]);
  const outer = await OuterCluster.open(name, kubeconfig);
  const flags = ['--provider', 'kubernetes', '--context', `kind-${name}`];
  return {
    all: [
      contestant('kinpod-pods', { image, place: outer, flags, createFlags: ['--expose', 'nodeport'] }),
      contestant('kinpod', { image, place: ENGINE }),
    ],
    async dispose() {
      outer.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export interface MeasureOptions {
  signal: AbortSignal;
  onPoint(point: string, seconds: number): void;
}

/** Create a cluster, look at it, delete it. */
export async function measure(contestant: Contestant, { signal, onPoint }: MeasureOptions): Promise<Measured> {
  const cluster = `${PREFIX}${contestant.name}`;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const started = performance.now();
  const seconds = (since: number) => (performance.now() - since) / 1000;
  const { expected, place } = contestant;
  const observer = new Observer({ cluster, place, expected, started, signal: either, onPoint });
  try {
    const [points, returned] = await Promise.all([
      observer.watch(),
      contestant.create(cluster, either).then(async () => {
        const returned = seconds(started);
        onPoint('returned', returned);
        await observer.startFirstPod();
        return returned;
      }),
    ]);
    const disks = await Promise.all(observer.containers.map(diskBytes));
    observer.close();
    const deleting = performance.now();
    await contestant.delete(cluster);
    const deleted = seconds(deleting);
    onPoint('delete', deleted);
    return { ...points, returned, diskMegabytes: disks.map((bytes) => bytes / 1e6), delete: deleted };
  } catch (error) {
    failed.abort(error);
    throw error;
  } finally {
    observer.close();
  }
}

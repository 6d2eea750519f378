import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../src/exec/run.ts';
import { prepareKind } from '../test/support/kind.ts';
import { diskBytes, PREFIX } from './engine.ts';
import type { Expectation } from './milestones.ts';
import { Observer, type Points } from './observer.ts';

/** A program that makes clusters. */
export interface Contestant {
  name: 'kinpod' | 'kinpod-cri-o' | 'kind';
  /** What a complete cluster of it has. */
  expected: Omit<Expectation, 'userPod'>;
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

const KINPOD = fileURLToPath(new URL('../dist/kinpod.js', import.meta.url));

export interface ContestantOptions {
  /** Node image by the program's name. */
  images: Readonly<Record<Contestant['name'], string>>;
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

/** Both programs, each with the same content in the layout that its users have; `dispose` takes back what kind needed. */
export async function contestants({
  images,
  nodes,
  ha,
}: ContestantOptions): Promise<{ all: Contestant[]; dispose(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'kinpod-bench-'));
  const kubeconfig = join(dir, 'kubeconfig');
  const kind = await prepareKind(dir, kubeconfig, nodes);
  const kindRun = async (args: string[], signal?: AbortSignal) => {
    const { exitCode, stderr } = await kind.run(args, { signal });
    if (exitCode !== 0) throw new Error(`kind ${args.join(' ')}: ${stderr}`);
  };
  const config = join(dir, 'kinpod.yaml');
  const controlPlanes = ha ? HA_CONTROL_PLANES : 1;
  const roles = Array.from({ length: nodes }, (_, i) => `- role: ${i < controlPlanes ? 'control-plane' : 'worker'}\n`);
  await writeFile(config, `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n${roles.join('')}`);
  const kinpodRun = (args: string[], signal?: AbortSignal) =>
    run(process.execPath, [KINPOD, ...args], { env: { KUBECONFIG: kubeconfig }, signal });
  const kinpod = (name: 'kinpod' | 'kinpod-cri-o'): Contestant => ({
    name,
    expected: { nodes, controlPlanes, onEveryNode: ['kube-proxy-'] },
    create: (c, signal) =>
      kinpodRun(['create', 'cluster', '--name', c, '--image', images[name], '--config', config], signal),
    delete: (c) => kinpodRun(['delete', 'cluster', '--name', c]),
  });
  return {
    all: [
      kinpod('kinpod'),
      kinpod('kinpod-cri-o'),
      {
        name: 'kind',
        expected: { nodes, controlPlanes: 1, onEveryNode: ['kube-proxy-', 'kindnet-'] },
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
  const { expected } = contestant;
  const observer = new Observer({ cluster, expected, started, signal: either, onPoint });
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

import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../src/exec/run.ts';
import { prepareKind } from '../test/support/kind.ts';
import { diskBytes, Observer, type Points } from './observer.ts';

/** A program that makes clusters. */
export interface Contestant {
  name: 'kinpod' | 'kind';
  create(cluster: string, signal: AbortSignal): Promise<unknown>;
  delete(cluster: string): Promise<unknown>;
}

export interface Measured extends Points {
  /** The command has returned. */
  returned: number;
  /** A pod that was started right then runs. */
  firstPod: number;
  delete: number;
  diskMegabytes: number;
}

const KINPOD = fileURLToPath(new URL('../dist/kinpod.js', import.meta.url));

export interface Images {
  kinpod: string;
  kind: string;
}

/** Both programs, each with the same content in the layout that its users have; `dispose` takes back what kind needed. */
export async function contestants(images: Images): Promise<{ all: Contestant[]; dispose(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'kinpod-bench-'));
  const kubeconfig = join(dir, 'kubeconfig');
  const kind = await prepareKind(dir, kubeconfig);
  const kindRun = async (args: string[], signal?: AbortSignal) => {
    const { exitCode, stderr } = await kind.run(args, { signal });
    if (exitCode !== 0) throw new Error(`kind ${args.join(' ')}: ${stderr}`);
  };
  const kinpodRun = (args: string[], signal?: AbortSignal) =>
    run(process.execPath, [KINPOD, ...args], { env: { KUBECONFIG: kubeconfig }, signal });
  return {
    all: [
      {
        name: 'kinpod',
        create: (c, signal) => kinpodRun(['create', 'cluster', '--name', c, '--image', images.kinpod], signal),
        delete: (c) => kinpodRun(['delete', 'cluster', '--name', c]),
      },
      {
        name: 'kind',
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

/** Create a cluster, look at it, delete it. It is gone afterwards, whatever happened. */
export async function measure(contestant: Contestant, signal: AbortSignal): Promise<Measured> {
  const cluster = `kpt-bench-${contestant.name}`;
  const node = `${cluster}-control-plane`;
  await contestant.delete(cluster);
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const started = performance.now();
  const seconds = (since: number) => (performance.now() - since) / 1000;
  const observer = new Observer(node, started, either);
  try {
    const [points, { returned, firstPod }] = await Promise.all([
      observer.watch(),
      contestant.create(cluster, either).then(async () => {
        const returned = seconds(started);
        return { returned, firstPod: await observer.firstPod() };
      }),
    ]);
    const diskMegabytes = (await diskBytes(node)) / 1e6;
    const deleting = performance.now();
    await contestant.delete(cluster);
    return { ...points, returned, firstPod, diskMegabytes, delete: seconds(deleting) };
  } catch (error) {
    failed.abort(error);
    throw error;
  } finally {
    observer.close();
    await contestant.delete(cluster);
  }
}

/** `2 cores (Intel …), 24 GiB` */
export function machine(): string {
  const processors = cpus();
  return `${processors.length} cores (${processors[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goQuote } from '../../errors/go-quote.ts';
import { KinpodError, messageOf } from '../../errors/kinpod-error.ts';
import { goArch } from '../../image/build/oci-layout.ts';
import { isMachine } from '../../provider/provider.ts';
import { version } from '../../version.ts';
import { type CommonOptions, openSession } from '../session.ts';
import { type ClusterState, clusterState } from './cluster-state.ts';
import { Collection, type Gap } from './collect.ts';
import { logErrors } from './log-errors.ts';
import { summaryText } from './summary.ts';

export interface ExportLogsOptions extends CommonOptions {
  /** Made if it is not there. Default: a new directory for temporary files. */
  dir?: string | undefined;
  /** Told the directory when the cluster was found, before anything is collected. */
  onDirectory?: ((dir: string) => void) | undefined;
}

export interface ExportedLogs {
  dir: string;
  /** What could not be collected, and why. */
  gaps: Gap[];
}

/**
 * Write all logs of a cluster into a directory, laid out as kind lays them out, and a summary.txt of what is wrong.
 * Stopped nodes and failing commands leave gaps, which the summary names.
 * @throws {KinpodError} `no-such-cluster`; `invalid-directory` if the directory cannot be made
 */
export async function exportLogs(cluster: string, options: ExportLogsOptions = {}): Promise<ExportedLogs> {
  const { provider, progress, signal } = await openSession(options);
  const all = await provider.listNodes(cluster);
  if (all.length === 0) {
    throw new KinpodError(`unknown cluster ${goQuote(cluster)}`, {
      code: 'no-such-cluster',
      hint: 'kinpod get clusters',
    });
  }
  const dir = await makeDirectory(options.dir);
  progress.info(`Exporting logs for cluster ${goQuote(cluster)} to:`);
  options.onDirectory?.(dir);

  const collection = new Collection(dir, signal);
  // A load balancer runs nothing of Kubernetes'; kind leaves it out too.
  const nodes = all.filter(isMachine);
  const { version: own } = version();
  const [state] = await Promise.all([
    clusterState(provider, nodes, signal).catch(asError),
    writeFile(join(dir, 'kind-version.txt'), `kinpod v${own} node${process.version} ${process.platform}/${goArch()}`),
    collection.file(`${provider.name}-info.txt`, (run) => provider.engineInfo(run)),
    ...nodes.map((node) => collection.node(provider, node)),
  ]);
  signal?.throwIfAborted();
  const errors = await Promise.all(
    collection.programLogs.map(async (log) => [log, await logErrors(join(dir, log))] as const),
  );
  const { gaps } = collection;
  for (const gap of gaps) progress.warn(`not collected: ${gap.file}: ${gap.reason}`);
  await writeFile(
    join(dir, 'summary.txt'),
    summaryText({
      cluster,
      provider: provider.name,
      version: own,
      at: new Date(),
      nodes: all,
      state,
      errors: new Map(errors),
      gaps,
    }),
  );
  return { dir, gaps };
}

async function makeDirectory(dir: string | undefined): Promise<string> {
  if (dir === undefined) return mkdtemp(join(tmpdir(), 'kinpod-logs-'));
  try {
    await mkdir(dir, { recursive: true });
    return dir;
  } catch (error) {
    throw new KinpodError(`failed to create logs directory: ${messageOf(error)}`, {
      code: 'invalid-directory',
      cause: error,
    });
  }
}

function asError(error: unknown): Error | ClusterState {
  const details = error instanceof KinpodError ? error.details?.trim().split('\n').at(-1) : undefined;
  return new Error(details || messageOf(error));
}

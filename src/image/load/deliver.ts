import { PassThrough, type Readable } from 'node:stream';
import { KinpodError, messageOf } from '../../errors/kinpod-error.ts';
import { CommandError } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import { until } from '../../exec/until.ts';
import type { Target } from './targets.ts';
import { lackOf, type WantedImage } from './wanted.ts';

/** Milliseconds that CRI has to notice an imported image: containerd tells it by an event. */
const NOTICE_LIMIT_MS = 30_000;

/** How much a node may fall behind the fastest one. */
const BUFFER_BYTES = 4 * 1024 * 1024;

export interface Delivery {
  targets: readonly Target[];
  images: readonly WantedImage[];
  signal?: AbortSignal | undefined;
}

/**
 * Send an archive to several nodes at once, and wait until pods there can use its images.
 * @param copy passes the archive on to all nodes
 * @throws {KinpodError} `load-failed` with every node's reason, when all nodes have ended
 */
export async function deliver(
  copy: (sinks: readonly PassThrough[]) => Promise<void>,
  { targets, images, signal }: Delivery,
): Promise<void> {
  const sinks = targets.map(() => new PassThrough({ highWaterMark: BUFFER_BYTES }));
  const imports = targets.map(async (target, i) => {
    const sink = sinks[i] as PassThrough;
    try {
      await importInto(target, sink, images, signal);
    } finally {
      // The other nodes do not wait for one that takes no more.
      sink.destroy();
    }
  });
  const [copied, ...imported] = await Promise.allSettled([copy(sinks), ...imports]);
  signal?.throwIfAborted();
  if (copied.status === 'rejected') throw copied.reason;
  const failures = imported.flatMap((one, i) =>
    one.status === 'rejected' ? [{ node: targets[i]?.node ?? '', reason: one.reason as unknown }] : [],
  );
  if (failures.length > 0) throw loadFailed(failures, targets.length);
}

async function importInto(
  target: Target,
  archive: Readable,
  images: readonly WantedImage[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { runtime, node } = target;
  await runtime.importArchive(archive, {
    everyPlatform: images.some((one) => one.platform !== undefined && one.platform !== runtime.platform),
    unnamed: images.some((one) => one.names.length === 0 || one.names.some((name) => name.includes('@'))),
    signal,
  });
  await until(
    async () => {
      target.stored = await runtime.images(signal);
      for (const wanted of images) if (wanted.id && lackOf(wanted, target.stored).kind === 'image') return false;
      return true;
    },
    { withinMs: scaled(NOTICE_LIMIT_MS), what: `the container runtime of ${node} to notice the images`, signal },
  );
  await nameAll(target, images, signal);
}

/**
 * Give images that a node has the names that it lacks.
 * @returns the images that it does not have
 */
export async function nameAll(
  target: Target,
  images: readonly WantedImage[],
  signal: AbortSignal | undefined,
): Promise<WantedImage[]> {
  const absent: WantedImage[] = [];
  let changed = false;
  for (const wanted of images) {
    const lack = lackOf(wanted, target.stored);
    if (lack.kind === 'image') absent.push(wanted);
    if (lack.kind !== 'names') continue;
    for (const name of lack.names) await target.runtime.tag(lack.id, name, signal);
    changed = true;
  }
  if (!changed) return absent;
  await until(
    async () => {
      target.stored = await target.runtime.images(signal);
      return images.every((wanted) => lackOf(wanted, target.stored).kind !== 'names');
    },
    { withinMs: scaled(NOTICE_LIMIT_MS), what: `the container runtime of ${target.node} to notice new names`, signal },
  );
  return absent;
}

function loadFailed(failures: readonly { node: string; reason: unknown }[], nodes: number): KinpodError {
  const names = failures.map((one) => one.node).join(', ');
  const elsewhere = nodes > failures.length ? '; the other nodes have them' : '';
  return new KinpodError(`images were not loaded into ${names}${elsewhere}`, {
    code: 'load-failed',
    details: failures.map(({ node, reason }) => `${node}: ${reasonOf(reason)}`).join('\n'),
    cause: failures[0]?.reason,
  });
}

function reasonOf(reason: unknown): string {
  if (reason instanceof CommandError) return reason.details || reason.message;
  return reason instanceof KinpodError && reason.details ? `${reason.message}: ${reason.details}` : messageOf(reason);
}

import { type Check, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';
import type { Host } from '../host.ts';
import { gibibytes } from '../sizes.ts';

/** One node with its system pods takes about 0.4 GB; what runs in it comes on top. */
const COMFORTABLE = 1.5 * 1024 ** 3;

/** The limit of the container that kinpod itself runs in, as its own cgroup namespace shows it: v2, then v1. */
const LIMITS = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

export const memory: Check = {
  id: 'memory',
  title: 'Memory',
  scope: 'run',
  async look({ host }) {
    const available = /^MemAvailable:\s+(\d+) kB/m.exec((await host.readFile('/proc/meminfo')) ?? '')?.[1];
    if (available === undefined) return undefined;
    const free = Number(available) * 1024;
    const limit = await containerLimit(host);
    const reason = limit < free ? `this container is limited to ${gibibytes(limit)}` : `${gibibytes(free)} available`;
    if (Math.min(free, limit) >= COMFORTABLE) return ok(reason);
    return warning(`${reason}: little for a node with pods`, advice('end what is not needed, or raise the limit'));
  },
};

async function containerLimit(host: Host): Promise<number> {
  const texts = await Promise.all(LIMITS.map((path) => host.readFile(path)));
  // `max` in the file means no limit, and v1's "no limit" is a number larger than any memory.
  const limits = texts.map((text) => Number.parseInt(text ?? '', 10)).filter((limit) => !Number.isNaN(limit));
  return Math.min(Number.POSITIVE_INFINITY, ...limits);
}

import { hostname } from 'node:os';
import { existing } from '../../exec/existing.ts';
import { run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import type { EngineFacts } from './engine.ts';

/**
 * Where an engine is that is not on the machine, or in the container, that kinpod runs in:
 * `elsewhere`: a port that it publishes is none of this container's; `same network`: it is, for the container has its machine's network.
 */
export type Outside = 'elsewhere' | 'same network';

/** Marks of a container: Podman's and Docker's; in a Pod the kubelet sets the variable. */
const CONTAINER_MARKS = ['/run/.containerenv', '/.dockerenv'];

/** Where the pod image takes Podman's socket from, see images/pod/rootfs/usr/local/bin/podman. */
const PODMAN_SOCKET = '/run/podman/podman.sock';

/** Milliseconds that an engine may take to tell its machine's name. */
const LIMIT_MS = 10_000;

/**
 * Decide from the names that this container and the engine's machine have: they are the same only where the container uses the
 * machine's network, or was given its name. Taken for elsewhere by mistake costs nothing: nodes have addresses that the machine
 * itself reaches too.
 * @param bySocket the engine is reached by a socket, so may be outside
 */
export function outsideOf(
  inContainer: boolean,
  bySocket: boolean,
  ownName: string,
  engineName: string,
): Outside | undefined {
  if (!inContainer || !bySocket) return undefined;
  return engineName === ownName ? 'same network' : 'elsewhere';
}

/** Asks the engine only in a container; undefined: it is this machine's or this container's own. */
export async function lookOutside(engine: EngineFacts, env: NodeJS.ProcessEnv): Promise<Outside | undefined> {
  const inContainer = Boolean(env.KUBERNETES_SERVICE_HOST) || (await existing(CONTAINER_MARKS)).length > 0;
  if (!inContainer) return undefined;
  const bySocket =
    !engine.daemonless ||
    Boolean(env.CONTAINER_HOST) ||
    (Boolean(env.KINPOD_IN_POD) && (await existing([PODMAN_SOCKET])).length > 0);
  if (!bySocket) return undefined;
  const answer = await run(engine.command, ['info', '--format', engine.hostNameField], {
    allowFailure: true,
    timeoutMs: scaled(LIMIT_MS, env),
  });
  return outsideOf(inContainer, bySocket, hostname(), answer.stdout.trim());
}

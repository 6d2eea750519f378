import { hostname } from 'node:os';
import { run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import type { EngineFacts } from './engine.ts';
import { inContainer, podmanEndpoint } from './mounted-socket.ts';

/**
 * Where an engine is that is not on the machine, or in the container, that kinpod runs in:
 * `elsewhere`: a port that it publishes is none of this container's; `same network`: it is, for the container has its machine's network.
 */
export type Outside = 'elsewhere' | 'same network';

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
  if (!(await inContainer(env))) return undefined;
  const bySocket = !engine.daemonless || (await podmanEndpoint(env)) !== undefined;
  if (!bySocket) return undefined;
  const answer = await run(engine.command, ['info', '--format', engine.hostNameField], {
    allowFailure: true,
    timeoutMs: scaled(LIMIT_MS, env),
  });
  return outsideOf(true, bySocket, hostname(), answer.stdout.trim());
}

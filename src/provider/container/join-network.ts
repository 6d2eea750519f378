import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';

/** Milliseconds for each question. */
const LIMIT_MS = 20_000;

/**
 * Connect this container to the nodes' network, where the engine knows it: Docker leads nothing from one network to another. A Pod
 * is not the engine's, and reaches nodes, if at all, as its machine does.
 */
export async function joinNetwork(command: string, network: string): Promise<void> {
  const ask = (...args: string[]) => run(command, args, { allowFailure: true, timeoutMs: scaled(LIMIT_MS) });
  const own = await ownContainer();
  const found = await ask('inspect', '--type=container', '--format={{json .NetworkSettings.Networks}}', own);
  if (found.exitCode !== 0 || network in (JSON.parse(found.stdout || '{}') ?? {})) return;
  // That it cannot be connected shows when the node cannot be reached, with the address.
  await ask('network', 'connect', network, own);
}

/** By its ID from Podman, else by the name that engines give a container: the beginning of its ID. */
async function ownContainer(): Promise<string> {
  const text = await readFile('/run/.containerenv', 'utf8').catch(() => '');
  return /^id="(\w+)"$/m.exec(text)?.[1] ?? hostname();
}

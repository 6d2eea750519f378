import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assetsDir } from '../../exec/assets.ts';
import { run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import type { HostAllowances } from '../provider.ts';
import type { EngineFacts } from './engine.ts';

/** Milliseconds for a container that looks at some files: half a second on two busy cores. */
const LIMIT_MS = 30_000;

/** CAP_SYS_RESOURCE of linux/capability.h. */
const CAP_SYS_RESOURCE = 24n;

/**
 * What the machine of an engine allows, where that is outside of this container: of a container without privileges nothing follows
 * for nodes. A short-lived container looks there.
 * @param image one that the engine has, with a shell
 * @param host what this container may do: limits that an engine gave it, it can give again
 * @returns `host` where the engine does not let it look
 */
export async function lookAtMachine(engine: EngineFacts, image: string, host: HostAllowances): Promise<HostAllowances> {
  const script = await readFile(join(assetsDir(), 'images', 'engine', 'machine.sh'), 'utf8');
  const look = [
    ...['run', '--rm', '--network=none', '--pid=host', '--volume=/:/machine:ro', '--security-opt=label=disable'],
    ...engine.limits(host),
    ...['--entrypoint=sh', image, '-c', script],
  ];
  const { exitCode, stdout } = await run(engine.command, look, {
    allowFailure: true,
    timeoutMs: scaled(LIMIT_MS),
  });
  return exitCode === 0 ? machineFacts(stdout, host) : host;
}

/** @param text what images/engine/machine.sh prints */
export function machineFacts(text: string, host: HostAllowances): HostAllowances {
  const facts = text.split('\n').map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1).trim()]);
  const all = (name: string) => facts.filter(([one]) => one === name).map(([, value]) => value ?? '');
  const fact = (name: string) => all(name)[0] ?? '';
  // Only the machine's own user namespace maps all IDs onto themselves.
  const inUserNamespace = fact('uid_map') !== '0 0 4294967295';
  const boundSysResource = ((BigInt(`0x${fact('bounding') || '0'}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
  return {
    ...host,
    capSysResource: boundSysResource && !inUserNamespace,
    boundSysResource,
    oomScoreAdj: Number(fact('oom_score_adj')),
    inUserNamespace,
    // Root's engine, else there is a user namespace.
    uid: 0,
    cgroup: fact('cgroup') === 'cgroup2fs' ? 'v2' : host.cgroup === 'v2' ? 'v1' : host.cgroup,
    modulesDir: fact('modules') === 'yes',
    devices: all('device'),
  };
}

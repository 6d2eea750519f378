import type { HostAllowances } from '../provider.ts';

/**
 * What differs between engines, as data. The container provider reads this table; an engine's name is asked for nowhere else.
 */
export interface EngineFacts {
  name: 'podman';
  command: string;
  /** Variables under which kind and kinpod name another network than `kind`. */
  networkVariable: string;
  /** How a port is published whose host side the engine picks. Podman refuses `127.0.0.1::0`, it wants an empty port. */
  publishAnyPort: '' | '0';
  /**
   * How a port is published on every IPv6 address. Podman's network program takes the address :: literally (netavark 1.4), and
   * forwards from all addresses of both families where none is named.
   */
  publishOnAnyIPv6: '' | '[::]:';
  /**
   * Whether ports published on ::1 are reached. Without a proxy program they are not: the kernel routes no answer back to ::1
   * (for 127.0.0.1 there is the sysctl route_localnet).
   */
  forwardsFromIPv6Loopback: boolean;
  /** Without this the engine limits the processes of a node: Podman's default is 2048, of which systemd leaves each unit 15 %. */
  unlimitedPids: readonly string[];
}

export const podman: EngineFacts = {
  name: 'podman',
  command: 'podman',
  networkVariable: 'EXPERIMENTAL_PODMAN_NETWORK',
  publishAnyPort: '',
  publishOnAnyIPv6: '',
  forwardsFromIPv6Loopback: false,
  unlimitedPids: ['--pids-limit=-1'],
};

/** Limits that engines set by default (containers-common: nofile and nproc 1048576), which a host with lower hard limits refuses. */
const ENGINE_DEFAULT_LIMIT = 1_048_576;

/**
 * `--ulimit` arguments for hosts whose hard limits are lower than the engine's defaults: without them
 * the runtime fails in setrlimit before the node starts. Empty where the defaults can be had.
 */
export function ulimitArgs(facts: HostAllowances): string[] {
  if (facts.capSysResource) return [];
  const args: string[] = [];
  for (const [name, hard] of [
    ['nofile', facts.nofileHard],
    ['nproc', facts.nprocHard],
  ] as const) {
    if (hard !== 'unlimited' && hard < ENGINE_DEFAULT_LIMIT) args.push(`--ulimit=${name}=${hard}:${hard}`);
  }
  return args;
}

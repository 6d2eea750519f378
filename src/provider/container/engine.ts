import { run } from '../../exec/run.ts';
import type { HostAllowances, NodeAllowances } from '../provider.ts';

/**
 * What differs between engines, as data. The container provider reads this table; an engine's name is asked for nowhere else.
 */
export interface EngineFacts {
  name: 'podman' | 'docker';
  command: string;
  /** It is a program that does its work itself; else one that asks a daemon at a socket. */
  daemonless: boolean;
  /** Field of `info` with the name of the machine that it runs on. */
  hostNameField: string;
  /** Variables under which kind and kinpod name another network than `kind`. */
  networkVariable: string;
  /**
   * Second numbers of the subnets `10.N.0.0/16` that the nodes' network may get. No engine's are another's: an idle network
   * has no device by which the other engine could see that its subnet is taken.
   */
  subnets: { from: number; to: number };
  /** Docker gives a container the address that it asks for only in a network that was made with `--subnet`. */
  fixedAddress: 'any subnet' | 'explicit subnet';
  /** `--format` with which lists are JSON: one array, or an object a line. */
  listFormat: 'json' | '{{json .}}';
  /** `--format` of `ps` with which it shows nothing but a label. */
  labelFormat(label: string): string;
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
  /** Podman's DNS server has the network's gateway addresses of both families, Docker's 127.0.0.11 in each container alone. */
  answersDnsByIPv6: boolean;
  /**
   * Without this the engine limits the processes of a node: Podman's default is 2048, of which systemd leaves each unit 15 %.
   * Podman takes 0 and -1 for "no limit"; a client of version 5 makes of -1 a number that a server of version 4 refuses.
   */
  unlimitedPids: readonly string[];
  /** Limits of open files and processes that the engine would set higher than this host allows. */
  limits(host: HostAllowances): string[];
  /** What makes a container a machine for systemd, containerd and kubelet. */
  privileges(allowed: NodeAllowances): string[];
  /** What kind gives nodes besides. */
  machineFlags: readonly string[];
  /** The same for containers that run one program. */
  programFlags: readonly string[];
  /** `exec` with what the node itself may do. Docker's has that anyhow, and asks for more if it is told to be privileged. */
  execPrivileges: readonly string[];
  /** With `rm --force`: those that are gone are no error, and nothing is waited for. */
  removeAtOnce: readonly string[];
  /** How an image that lies in a directory as an OCI layout is read: by the engine, or as the archive that `docker save` writes. */
  reads: 'OCI layouts' | 'Docker archives';
  /** Field of `info` with the directory in which images are kept. */
  storageField: string;
  /** How the engine is asked what it allows its containers, where that may differ from what this process may do. */
  ask?: { args: readonly string[]; read(answer: string, host: HostAllowances): NodeAllowances };
}

/** Limits that Podman sets by default (containers-common: nofile and nproc 1048576), which a host with lower hard limits refuses. */
const PODMAN_DEFAULT_LIMIT = 1_048_576;

/**
 * `--ulimit` arguments for hosts whose hard limits are lower than Podman's defaults: without them
 * the runtime fails in setrlimit before the node starts. Empty where the defaults can be had.
 */
export function ulimitArgs(facts: HostAllowances): string[] {
  if (facts.capSysResource) return [];
  const args: string[] = [];
  for (const [name, hard] of [
    ['nofile', facts.nofileHard],
    ['nproc', facts.nprocHard],
  ] as const) {
    if (hard !== 'unlimited' && hard < PODMAN_DEFAULT_LIMIT) args.push(`--ulimit=${name}=${hard}:${hard}`);
  }
  return args;
}

export const podman: EngineFacts = {
  name: 'podman',
  command: 'podman',
  daemonless: true,
  hostNameField: '{{.Host.Hostname}}',
  networkVariable: 'EXPERIMENTAL_PODMAN_NETWORK',
  subnets: { from: 89, to: 152 },
  fixedAddress: 'any subnet',
  listFormat: 'json',
  labelFormat: (label) => `{{index .Labels "${label}"}}`,
  publishAnyPort: '',
  publishOnAnyIPv6: '',
  forwardsFromIPv6Loopback: false,
  answersDnsByIPv6: true,
  unlimitedPids: ['--pids-limit=0'],
  limits: ulimitArgs,
  // Every capability that Podman itself has: it asks for none that the host lacks.
  privileges: () => ['--privileged'],
  // containers.conf may say no_hosts, with which Podman takes no --add-host.
  machineFlags: ['--no-hosts=false'],
  programFlags: [],
  execPrivileges: ['--privileged'],
  removeAtOnce: ['--ignore', '--time', '0'],
  reads: 'OCI layouts',
  storageField: '{{.Store.GraphRoot}}',
};

/** What the engine allows nodes. */
export async function askAllowances({ command, ask }: EngineFacts, host: HostAllowances): Promise<NodeAllowances> {
  return ask ? ask.read((await run(command, ask.args)).stdout, host) : allowancesOfProcess(host);
}

/** What nodes may do where the engine has no daemon: what this process may. */
export function allowancesOfProcess(host: HostAllowances): NodeAllowances {
  return {
    ...host,
    userNamespace: host.inUserNamespace || host.uid !== 0,
    remapped: false,
    allCapabilities: true,
    deviceMapper: false,
  };
}

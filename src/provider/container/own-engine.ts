import { access, constants, readFile, statfs } from 'node:fs/promises';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { type Found, inPod, MOUNTED_SOCKETS, whatIsAt } from './mounted-socket.ts';

/** What decides whether nodes can be made inside this container. */
export interface ContainerFacts {
  /** Capabilities that it has not, of those by which file systems are mounted and networks made. */
  missing: readonly string[];
  /** The machine's devices are there, and so may be used: only a privileged container has them. */
  devices: boolean;
  /** This container is in a user namespace: its engine is rootless, or it was told to make one. */
  userNamespace: boolean;
  /** What images/nested/nest.sh said where it could not give this container cgroups of its own. */
  nestingFailed: string | undefined;
  /** File system of the volume; undefined: nothing is known of it. */
  volume: 'overlay' | 'tmpfs' | 'other' | undefined;
  /** It may be written to. */
  writable: boolean;
  /** Why an engine whose socket this container was to have is not used; undefined: it was to have none. */
  noSocket: string | undefined;
}

/** Where the pod image keeps all that lasts. */
const VOLUME = '/var/lib/containers';

const MAGIC: Readonly<Record<number, ContainerFacts['volume']>> = {
  // linux/magic.h
  2035054128: 'overlay',
  16914836: 'tmpfs',
};

/** Bits of linux/capability.h. */
const NEEDED: Readonly<Record<string, bigint>> = { CAP_SYS_ADMIN: 21n, CAP_NET_ADMIN: 12n };

/** The kernel's log, which kubelet reads. */
const A_DEVICE = '/dev/kmsg';

/** Each problem with what to do against it; none where nodes can be made. */
export function lacking(facts: ContainerFacts): { problem: string; todo: string }[] {
  const found: { problem: string; todo: string }[] = [];
  if (facts.noSocket !== undefined) {
    found.push({
      problem: `the engine of its machine cannot be used: ${facts.noSocket}`,
      todo: 'see on the machine that the engine listens there (systemctl enable --now podman.socket), then make the container anew',
    });
  }
  if (facts.missing.length > 0 || !facts.devices) {
    const lack = [...facts.missing, ...(facts.devices ? [] : ['the devices of the machine'])];
    found.push({
      problem: `this container may not make machines: it lacks ${lack.join(', ')}`,
      todo: [
        'run it privileged: podman run --privileged …, or securityContext: {privileged: true} of the Pod',
        ...(facts.noSocket === undefined
          ? [`or let it use the engine of its machine: --volume ${MOUNTED_SOCKETS[0]}:${MOUNTED_SOCKETS[0]}`]
          : []),
      ].join('\n'),
    });
  } else if (facts.nestingFailed !== undefined) {
    found.push({
      problem: `this container cannot be given cgroups of its own: ${facts.nestingFailed}`,
      todo: facts.userNamespace
        ? 'in a user namespace (rootless Podman, hostUsers: false) this takes cgroup v2 with delegation; else run it by root’s engine'
        : 'run it privileged: podman run --privileged --cgroupns=private …',
    });
  }
  if (facts.volume === 'overlay') {
    found.push({
      problem: `${VOLUME} is on the container's own overlay, and nodes cannot lie on that`,
      todo: `mount a volume there: --volume kinpod:${VOLUME}, or an emptyDir or PVC of the Pod`,
    });
  } else if (!facts.writable) {
    found.push({
      problem: `${VOLUME} cannot be written to: it belongs to another user`,
      todo: 'give it a volume of its own; in a user namespace of Podman’s, one that is given to it: --volume NAME:PATH:U',
    });
  }
  return found;
}

/**
 * Before nodes are made in a container of the pod image, by its own engine.
 * @throws {KinpodError} `container-unfit` with all that is missing
 */
export async function checkContainer(env: NodeJS.ProcessEnv): Promise<void> {
  if (!inPod(env)) return;
  const problems = lacking(await containerFacts(env));
  if (problems.length === 0) return;
  throw new KinpodError('no cluster can be made inside this container', {
    code: 'container-unfit',
    details: problems.map((one) => one.problem).join('\n'),
    hint: problems.map((one) => one.todo).join('\n'),
  });
}

async function containerFacts(env: NodeJS.ProcessEnv): Promise<ContainerFacts> {
  const allowed = (path: string, mode: number) =>
    access(path, mode).then(
      () => true,
      () => false,
    );
  const [status, uidMap, devices, writable, volume, noSocket] = await Promise.all([
    readFile('/proc/self/status', 'utf8'),
    readFile('/proc/self/uid_map', 'utf8'),
    allowed(A_DEVICE, constants.F_OK),
    allowed(VOLUME, constants.W_OK),
    statfs(VOLUME).then(
      ({ type }) => MAGIC[type] ?? 'other',
      () => undefined,
    ),
    Promise.all(MOUNTED_SOCKETS.map(whatIsAt)).then(mistakenMount),
  ]);
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return {
    missing: Object.entries(NEEDED).flatMap(([name, bit]) => ((BigInt(`0x${effective}`) >> bit) & 1n ? [] : [name])),
    devices,
    writable,
    // Only the machine's own namespace maps all ids onto themselves.
    userNamespace: uidMap.trim().split(/\s+/).join(' ') !== '0 0 4294967295',
    nestingFailed: env.KINPOD_NESTING_FAILED,
    volume,
    noSocket,
  };
}

/**
 * Where nodes are to be made by this container's own engine, a socket was not found, so this is known to be a mistake.
 * @param found what is at each of {@link MOUNTED_SOCKETS}
 */
export function mistakenMount(found: readonly (Found | undefined)[]): string | undefined {
  const [path] = MOUNTED_SOCKETS.filter((_, i) => found[i] === 'directory' || found[i] === 'other');
  return path && `${path} is no socket: there was none on the machine when this container was made`;
}

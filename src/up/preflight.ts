import { readFile, statfs } from 'node:fs/promises';
import { KinpodError } from '../errors/kinpod-error.ts';

/** What decides whether nodes can be made inside this container. */
export interface ContainerFacts {
  /** CAP_SYS_ADMIN, by which file systems are mounted. */
  sysAdmin: boolean;
  /** This container is in a user namespace: its engine is rootless, or it was told to make one. */
  userNamespace: boolean;
  /** What images/nested/nest.sh said where it could not give this container cgroups of its own. */
  nestingFailed: string | undefined;
  /** File system of the volume; undefined: nothing is known of it. */
  volume: 'overlay' | 'tmpfs' | 'other' | undefined;
}

/** Where the pod image keeps all that lasts. */
const VOLUME = '/var/lib/containers';

const MAGIC: Readonly<Record<number, ContainerFacts['volume']>> = {
  // linux/magic.h
  2035054128: 'overlay',
  16914836: 'tmpfs',
};

/** Bit of CAP_SYS_ADMIN in linux/capability.h. */
const CAP_SYS_ADMIN = 21n;

/** Each problem with what to do against it; none where nodes can be made. */
export function lacking(facts: ContainerFacts): { problem: string; todo: string }[] {
  const found: { problem: string; todo: string }[] = [];
  if (!facts.sysAdmin) {
    found.push({
      problem: 'this container may not mount anything (it has no CAP_SYS_ADMIN)',
      todo: 'run it privileged: podman run --privileged …, or securityContext: {privileged: true} of the Pod',
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
  }
  return found;
}

/** @throws {KinpodError} `container-unfit` with all that is missing */
export async function checkContainer(env: NodeJS.ProcessEnv): Promise<void> {
  const problems = lacking(await containerFacts(env));
  if (problems.length === 0) return;
  throw new KinpodError('no cluster can be made inside this container', {
    code: 'container-unfit',
    details: problems.map((one) => one.problem).join('\n'),
    hint: problems.map((one) => one.todo).join('\n'),
  });
}

async function containerFacts(env: NodeJS.ProcessEnv): Promise<ContainerFacts> {
  const [status, uidMap, volume] = await Promise.all([
    readFile('/proc/self/status', 'utf8'),
    readFile('/proc/self/uid_map', 'utf8'),
    statfs(VOLUME).then(
      ({ type }) => MAGIC[type] ?? 'other',
      () => undefined,
    ),
  ]);
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return {
    sysAdmin: ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n,
    // Only the machine's own namespace maps all ids onto themselves.
    userNamespace: uidMap.trim().split(/\s+/).join(' ') !== '0 0 4294967295',
    nestingFailed: env.KINPOD_NESTING_FAILED,
    volume,
  };
}

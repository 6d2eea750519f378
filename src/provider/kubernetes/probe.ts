import { randomBytes } from 'node:crypto';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { type RuntimeName, runtimeOf } from '../../node/runtime/runtimes.ts';
import type { NodeAllowances } from '../provider.ts';
import { removeAbandoned, removePods } from './abandoned.ts';
import { awaitPod } from './await-pod.ts';
import { script } from './commands.ts';
import type { Kubectl } from './kubectl.ts';
import { CONTAINER, PROBE_LABEL } from './names.ts';
import type { KubernetesObject, Pod } from './objects.ts';

/** Milliseconds for a Pod that runs one short program; one that has to pull its image gets more. */
const RUN_LIMIT_MS = 60_000;
const PULL_LIMIT_MS = 10 * 60_000;

export interface RunOnceOptions {
  argv: readonly string[];
  /** `Never` asks no registry. Default: one is asked where the image is not there. */
  pull?: 'Never' | 'IfNotPresent';
  /** Node of the outer cluster. Default: wherever its scheduler puts the Pod. */
  onNode?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface RunOnceResult {
  exitCode: number;
  /** Both streams. */
  output: string;
  /** Digest of the image, `sha256:…`. */
  imageId: string;
  /** Node of the outer cluster that it ran on. */
  node: string;
}

/**
 * Run one program in a Pod of an image, as privileged as a node is, and remove the Pod, with those that others have left who were
 * killed.
 * @throws {KinpodError} as {@link awaitPod}: `image-not-found` where the image is not there
 */
export async function runOnce(
  kubectl: Kubectl,
  image: string,
  { argv, pull = 'IfNotPresent', onNode, signal }: RunOnceOptions,
): Promise<RunOnceResult> {
  const id = randomBytes(5).toString('hex');
  const name = `kinpod-probe-${id}`;
  const withinMs = kubectl.scaled(pull === 'Never' ? RUN_LIMIT_MS : PULL_LIMIT_MS);
  // Beside the look: nobody waits for it, and where it fails the next one does it.
  const tidied = removeAbandoned(kubectl).catch(() => {});
  try {
    await kubectl.create([probePod({ name, id, image, argv, pull, onNode, withinMs })], signal);
    const label = { name: PROBE_LABEL, value: id };
    const ended = (state: { phase: string }) => state.phase === 'Succeeded' || state.phase === 'Failed';
    await awaitPod(kubectl, label, { withinMs, signal, until: ended });
    const [pod, { stdout }] = await Promise.all([
      kubectl.find<Pod>('pod', name, signal),
      kubectl.request(['logs', name], { signal }),
    ]);
    const status = pod?.status?.containerStatuses?.[0];
    return {
      exitCode: status?.state?.terminated?.exitCode ?? -1,
      output: stdout,
      imageId: /sha256:[0-9a-f]{64}/.exec(status?.imageID ?? '')?.[0] ?? '',
      node: pod?.spec?.nodeName ?? '',
    };
  } finally {
    // Also where it is not known whether the Pod was made. Where it cannot be removed, what was learnt or has failed counts.
    await Promise.all([removePods(kubectl, [name]), tidied]);
  }
}

interface ProbePodInput {
  name: string;
  id: string;
  image: string;
  argv: readonly string[];
  pull: string;
  onNode: string | undefined;
  /** Milliseconds. */
  withinMs: number;
}

function probePod({
  name,
  id,
  image,
  argv,
  pull,
  onNode,
  withinMs,
}: ProbePodInput): KubernetesObject & { spec: object } {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { [PROBE_LABEL]: id } },
    spec: {
      restartPolicy: 'Never',
      ...(onNode !== undefined && { affinity: affinityTo(onNode) }),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      // Where kinpod is killed, the Pod ends all the same. It tells others from when on nobody waits for it, too.
      activeDeadlineSeconds: Math.ceil(withinMs / 1000),
      containers: [
        {
          name: CONTAINER,
          image,
          imagePullPolicy: pull,
          command: argv.map((text) => text.replaceAll('$', () => '$$')),
          securityContext: { privileged: true },
        },
      ],
    },
  };
}

/** By the scheduler, which then says where there is no room; spec.nodeName would go past it. */
function affinityTo(node: string): object {
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
}

/** What an image is, and what nodes made of it may do. */
export interface ImageFacts {
  id: string;
  /** Of the Kubernetes programs in it. */
  version: string;
  /** Container runtime of its nodes. */
  runtime: RuntimeName;
  /** kinpod's own. */
  own: boolean;
  allowances: NodeAllowances;
  /** Pods have IPv6. */
  ipv6: boolean;
}

/** @throws {KinpodError} `image-not-found`, `not-a-node-image` */
export async function probeImage(
  kubectl: Kubectl,
  image: string,
  options: Omit<RunOnceOptions, 'argv'>,
): Promise<ImageFacts> {
  const argv = ['sh', '-c', await script('nested', 'facts.sh')];
  const { exitCode, output, imageId } = await runOnce(kubectl, image, { ...options, argv });
  if (exitCode !== 0) {
    throw new KinpodError(`"${image}" is not a node image: its /kind/version cannot be read`, {
      code: 'not-a-node-image',
      details: output,
      hint: 'leave out --image for the default one, or build one: kinpod build node-image',
    });
  }
  return parseFacts(imageId, output);
}

/** CAP_SYS_RESOURCE of linux/capability.h. */
const CAP_SYS_RESOURCE = 24n;

/** @param text what facts.sh prints */
export function parseFacts(id: string, text: string): ImageFacts {
  const facts = new Map(
    text.split('\n').map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
  const fact = (name: string) => facts.get(name)?.trim() ?? '';
  const limit = (name: string) => (fact(name) === 'unlimited' ? ('unlimited' as const) : Number(fact(name)));
  const capSysResource = ((BigInt(`0x${fact('capabilities') || '0'}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
  // Only the machine's own user namespace maps all IDs onto themselves.
  const userNamespace = fact('uid_map').replaceAll(/\s+/g, ' ') !== '0 0 4294967295';
  return {
    id,
    version: fact('version'),
    runtime: runtimeOf(`runtime-endpoint: ${fact('crictl')}`),
    own: fact('haproxy') !== '',
    ipv6: fact('ipv6') === 'yes',
    allowances: {
      capSysResource,
      boundSysResource: capSysResource,
      oomScoreAdj: Number(fact('oom_score_adj')),
      inUserNamespace: userNamespace,
      userNamespace,
      uid: 0,
      cgroup: fact('cgroup') === 'cgroup2fs' ? 'v2' : 'v1',
      nofileHard: limit('nofile'),
      nprocHard: limit('nproc'),
      modulesDir: false,
      devices: [],
      remapped: false,
      allCapabilities: true,
      deviceMapper: false,
      machine: { cpus: Number(fact('cpus')), memoryBytes: Number.parseInt(fact('memory'), 10) * 1024 },
    },
  };
}

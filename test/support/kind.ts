import { access, mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cheapFacts, realHost } from '../../src/check/index.ts';
import { cacheDir } from '../../src/exec/directories.ts';
import { onPath } from '../../src/exec/on-path.ts';
import { type RunResult, run } from '../../src/exec/run.ts';
import { ulimitArgs } from '../../src/provider/container/engine.ts';

/** What kinpod promises to be compatible with, built from its module. */
const KIND_VERSION = 'v0.33.0';

/** Milliseconds that the build may take, from an empty module cache on a small machine. */
const BUILD_LIMIT_MS = 6 * 60_000;

/** kind mounts it into nodes without looking whether it is there. */
const MODULES = '/lib/modules';

/** Stock kind, unchanged: the oracle of what kind does. */
export class Kind {
  readonly #command: string;
  readonly #env: Readonly<Record<string, string>>;
  /** A configuration with which kind creates clusters on this machine. */
  readonly configPath: string;

  readonly #undo: () => Promise<void>;

  constructor(
    command: string,
    env: Readonly<Record<string, string>>,
    configPath: string,
    undo: () => Promise<void> = async () => {},
  ) {
    this.#command = command;
    this.#env = env;
    this.configPath = configPath;
    this.#undo = undo;
  }

  /** Take back what was changed on this machine for kind's sake. */
  dispose(): Promise<void> {
    return this.#undo();
  }

  /** Run it to its end, whatever its exit code. */
  run(
    args: readonly string[],
    options: {
      signal?: AbortSignal | undefined;
      input?: string | undefined;
      env?: Record<string, string> | undefined;
    } = {},
  ): Promise<RunResult> {
    const limit = AbortSignal.timeout(300_000);
    return run(this.#command, args, {
      env: { ...this.#env, ...options.env },
      input: options.input,
      signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
      allowFailure: true,
    });
  }
}

/** Why kind cannot be had on this machine, undefined where it can. */
export async function whyNoKind(): Promise<string | undefined> {
  if (await exists(binaryPath())) return undefined;
  if (await onPath('go', process.env)) return undefined;
  return `go is not installed, and kind ${KIND_VERSION}, to compare with, is built with it`;
}

/**
 * kind, and the help that it needs on machines where kinpod helps itself: limits that the engine may set, an existing
 * /lib/modules, and kubelet settings for cgroup v1 and for a missing CAP_SYS_RESOURCE.
 * @param dir for its configuration files
 */
export async function prepareKind(dir: string, kubeconfig: string, nodes = 1): Promise<Kind> {
  const command = await kindBinary();
  const facts = await cheapFacts(realHost());
  if (!facts.modulesDir) await mkdir(MODULES, { recursive: true });
  const ulimits = ulimitArgs(facts).map((a) => JSON.stringify(a.replace('--ulimit=', '')));
  const containersConf = join(dir, 'containers.conf');
  await writeFile(containersConf, `[containers]\ndefault_ulimits = [${ulimits.join(', ')}]\n`);
  const configPath = join(dir, 'kind.yaml');
  const roles = ['control-plane', ...Array(nodes - 1).fill('worker')];
  await writeFile(
    configPath,
    [
      'kind: Cluster',
      'apiVersion: kind.x-k8s.io/v1alpha4',
      'nodes:',
      ...roles.map((role) => `- role: ${role}`),
      'kubeadmConfigPatches:',
      '- |',
      '  kind: KubeletConfiguration',
      '  failSwapOn: false',
      ...(facts.cgroup === 'v2' ? [] : ['  failCgroupV1: false']),
      ...(facts.capSysResource ? [] : ['  featureGates:', '    KubeletInUserNamespace: true']),
      '',
    ].join('\n'),
  );
  const env = {
    KUBECONFIG: kubeconfig,
    KIND_EXPERIMENTAL_PROVIDER: 'podman',
    // Limits are only named where the engine's own cannot be had.
    ...(ulimits.length > 0 ? { CONTAINERS_CONF: containersConf } : {}),
  };
  return new Kind(command, env, configPath, async () => {
    if (!facts.modulesDir) await rmdir(MODULES);
  });
}

function binaryPath(): string {
  return join(cacheDir(), 'test', `kind-${KIND_VERSION}`, 'kind');
}

/** Path of the program itself, built where it is not there. */
export async function kindBinary(): Promise<string> {
  const path = binaryPath();
  if (await exists(path)) return path;
  const partial = join(dirname(path), `build-${process.pid}`);
  await mkdir(partial, { recursive: true });
  try {
    await run('go', ['install', `sigs.k8s.io/kind@${KIND_VERSION}`], {
      env: { GOBIN: partial, GOFLAGS: '' },
      timeoutMs: BUILD_LIMIT_MS,
    });
    await rename(join(partial, 'kind'), path);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return path;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import semver from 'semver';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { cacheDir } from '../../exec/directories.ts';
import { onPath } from '../../exec/on-path.ts';
import { CommandError, type RunOptions, type RunResult, run } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import { namespaceOfContext } from '../../kubeconfig/kubeconfig.ts';
import type { KubernetesObject, ObjectList } from './objects.ts';

/** Which cluster has the Pods, and where in it. */
export interface OuterCluster {
  /** Context of the kubeconfig. Default: the current one; in a Pod without a kubeconfig, its service account. */
  context?: string | undefined;
  /** Default: the context's own; in a Pod, the Pod's; else `default`. */
  namespace?: string | undefined;
  /** Log in as the service account of the Pod that this process is in, whatever kubeconfigs there are. */
  serviceAccount?: boolean | undefined;
}

/** Milliseconds that the API server may take for one answer. Programs that are executed in Pods are not limited by it. */
const REQUEST_LIMIT_MS = 30_000;

/**
 * Milliseconds of a watch, after which kubectl ends it well. One that a killed kinpod leaves notices that nobody reads when it prints something,
 * and may have nothing more to print.
 */
const WATCH_LIMIT_MS = 20_000;

/** Where the kubelet tells a Pod its own namespace. */
const OWN_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/**
 * The edge to the outer cluster: the program kubectl, which knows every way to log in, and the streams of exec and port-forward.
 * Every method throws {@link CommandError} with what kubectl said.
 */
export class Kubectl {
  readonly #outer: OuterCluster;
  readonly #env: NodeJS.ProcessEnv;
  #command: Promise<string> | undefined;
  #namespace: Promise<string> | undefined;

  constructor(outer: OuterCluster, env: NodeJS.ProcessEnv) {
    this.#outer = outer;
    this.#env = env;
  }

  /** The namespace that all is in. */
  namespace(): Promise<string> {
    this.#namespace ??= this.#findNamespace();
    return this.#namespace;
  }

  /** Arguments that come before all others, for whoever runs kubectl himself. */
  async globalArgs(): Promise<string[]> {
    return [...this.#contextArgs, '--namespace', await this.namespace()];
  }

  /** Run a command of kubectl's that ends by itself, without a limit of time. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#execute([...(await this.globalArgs()), ...args], options);
  }

  /** A time limit in milliseconds, as this machine needs it. */
  scaled(ms: number): number {
    return scaled(ms, this.#env);
  }

  /** A request and its answer. */
  request(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const timeoutMs = this.scaled(REQUEST_LIMIT_MS);
    // With that flag kubectl does not look at the Pod that it is in (clientcmd takes the configuration for one of the user's own).
    if (this.#outer.serviceAccount) return this.run(args, { timeoutMs, ...options });
    return this.run([`--request-timeout=${Math.ceil(timeoutMs / 1000)}s`, ...args], options);
  }

  /** A watch that ends by itself after 20 s, if kinpod is not in a Pod as its service account. */
  watch(args: readonly string[], options: RunOptions): Promise<RunResult> {
    const limit = `--request-timeout=${WATCH_LIMIT_MS / 1000}s`;
    return this.run(this.#outer.serviceAccount ? args : [limit, ...args], options);
  }

  /** Objects by kind and label. @param kinds `pods,services` */
  async list<T extends KubernetesObject>(kinds: string, selector: string, signal?: AbortSignal): Promise<T[]> {
    const secret = kinds.includes('secrets');
    const { stdout } = await this.request(['get', kinds, '--selector', selector, '--output', 'json'], {
      signal,
      secret,
    });
    return (JSON.parse(stdout) as ObjectList<T>).items;
  }

  /** One object; undefined where there is none. */
  async find<T extends KubernetesObject>(kind: string, name: string, signal?: AbortSignal): Promise<T | undefined> {
    const { stdout } = await this.request(['get', kind, name, '--ignore-not-found', '--output', 'json'], { signal });
    return stdout === '' ? undefined : (JSON.parse(stdout) as T);
  }

  /**
   * Make objects, in their order. One that exists is an error.
   * @param field what is wanted of them as the server has them now. Default: nothing
   * @returns that of each, empty where it has no such field
   */
  async create(
    objects: readonly KubernetesObject[],
    signal?: AbortSignal,
    field: string = '.metadata.name',
  ): Promise<string[]> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    return (await this.#create(list, `jsonpath={${field}}{"\\n"}`, signal)).split('\n');
  }

  /** Make an object. @returns it as the server has it now */
  async createOne(object: KubernetesObject, signal?: AbortSignal): Promise<KubernetesObject> {
    return JSON.parse(await this.#create(object, 'json', signal)) as KubernetesObject;
  }

  async #create(input: object, output: string, signal: AbortSignal | undefined): Promise<string> {
    const create = ['create', '--validate=false', '--output', output, '--filename', '-'];
    return (await this.request(create, { input: JSON.stringify(input), signal })).stdout;
  }

  async #findNamespace(): Promise<string> {
    const { context, namespace } = this.#outer;
    if (namespace) return namespace;
    // Looked up here: everything waits for it, and kubectl would take a tenth of a second.
    const known = context === undefined ? undefined : namespaceOfContext(context, undefined, this.#env);
    if (known !== undefined) return known;
    const { stdout } = await this.#execute([...this.#contextArgs, 'config', 'view', '--minify', '--output', 'json'], {
      // Without a kubeconfig there is nothing to view.
      allowFailure: context === undefined,
    });
    const config = stdout ? (JSON.parse(stdout) as { contexts?: { context: { namespace?: string } }[] | null }) : {};
    const ofContext = config.contexts?.[0]?.context;
    if (ofContext) return ofContext.namespace || 'default';
    return (await readFile(OWN_NAMESPACE, 'utf8').catch(() => 'default')).trim();
  }

  get #contextArgs(): string[] {
    return this.#outer.context === undefined ? [] : ['--context', this.#outer.context];
  }

  async #execute(args: readonly string[], options: RunOptions): Promise<RunResult> {
    this.#command ??= findKubectl(this.#env);
    // With a kubeconfig of nothing, kubectl takes what the Pod has.
    const KUBECONFIG = this.#outer.serviceAccount ? '/dev/null' : this.#env.KUBECONFIG;
    try {
      return await run(await this.#command, args, {
        ...options,
        env: { ...(KUBECONFIG === undefined ? {} : { KUBECONFIG }), ...options.env },
      });
    } catch (error) {
      if (!(error instanceof CommandError) || !error.notStarted) throw error;
      throw kubectlMissing(error);
    }
  }
}

/** The user's kubectl, else the newest that kinpod has taken from a node. */
async function findKubectl(env: NodeJS.ProcessEnv): Promise<string> {
  if (await onPath('kubectl', env)) return 'kubectl';
  const dir = join(cacheDir(env), 'kubectl');
  const versions = (await readdir(dir).catch(() => [])).filter((version) => semver.valid(version));
  const [newest] = versions.sort(semver.rcompare);
  if (newest === undefined) throw kubectlMissing();
  return join(dir, newest, 'kubectl');
}

function kubectlMissing(cause?: unknown): KinpodError {
  return new KinpodError('nodes as Pods need kubectl, which is not on the PATH', {
    code: 'kubectl-missing',
    hint: 'install it: https://kubernetes.io/docs/tasks/tools/',
    cause,
  });
}

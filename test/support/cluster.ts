import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type RunOptions, type RunResult, run } from '../../src/exec/run.ts';
import { type CliOptions, kinpod } from './cli.ts';
import { eventually } from './eventually.ts';
import { PREFIX, podman, removeTestObjects } from './podman.ts';
import { RUNTIME_FLAGS } from './runtime.ts';

/** Image of the test server (Kubernetes' own e2e tests use it), which every node image of kinpod's has. */
export const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.63.0';

/** A directory of one test file's own, with the kubeconfig that its commands use. */
export class TestHome {
  #dir: string | undefined;

  async make(): Promise<void> {
    this.#dir = await mkdtemp(join(tmpdir(), PREFIX));
  }

  async remove(): Promise<void> {
    if (this.#dir) await rm(this.#dir, { recursive: true, force: true });
  }

  path(name: string): string {
    if (!this.#dir) throw new Error('the directory is made before the tests, not while they are collected');
    return join(this.#dir, name);
  }

  get kubeconfig(): string {
    return this.path('kubeconfig');
  }

  get env(): Record<string, string> {
    return { KUBECONFIG: this.kubeconfig };
  }

  async write(name: string, text: string): Promise<string> {
    await writeFile(this.path(name), text, { mode: 0o600 });
    return this.path(name);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  kinpod(args: readonly string[], options: CliOptions = {}): Promise<RunResult> {
    return kinpod(args, { ...options, env: { ...this.env, ...options.env } });
  }
}

/** The directory of a test file: there while its tests run. */
export function useHome(): TestHome {
  const home = new TestHome();
  beforeAll(() => home.make());
  afterAll(() => home.remove());
  return home;
}

export interface UseClusterOptions {
  /** `kind.x-k8s.io/v1alpha4` text. */
  config?: string | (() => string | Promise<string>) | undefined;
  /** What the kubeconfig holds before the cluster is made. */
  kubeconfig?: string | undefined;
  /** Default `2m`; `0s` for a cluster whose nodes do not become Ready by themselves. */
  wait?: string | undefined;
}

/** A cluster that one test file uses, made by the real program. */
export class TestCluster {
  readonly name: string;
  readonly node: string;
  readonly home: TestHome;
  #created: RunResult | undefined;

  constructor(name: string, home: TestHome) {
    this.name = `${PREFIX}${name}`;
    this.node = `${this.name}-control-plane`;
    this.home = home;
  }

  /** What `create cluster` printed. */
  get created(): RunResult {
    if (!this.#created) throw new Error('the cluster is made before the tests, not while they are collected');
    return this.#created;
  }

  async create(options: UseClusterOptions = {}): Promise<void> {
    if (options.kubeconfig !== undefined) await this.home.write('kubeconfig', options.kubeconfig);
    const args = ['create', 'cluster', '--name', this.name, '--wait', options.wait ?? '2m', ...RUNTIME_FLAGS];
    const config = typeof options.config === 'function' ? await options.config() : options.config;
    if (config !== undefined) args.push('--config', await this.home.write('cluster.yaml', config));
    this.#created = await this.home.kinpod(args);
    if (this.#created.exitCode !== 0) throw new Error(`no cluster:\n${this.#created.stderr}`);
    await this.takeKubectl();
  }

  /** `kinpod delete cluster`, which must succeed. */
  async delete(): Promise<void> {
    const { exitCode, stderr } = await this.kinpod(['delete', 'cluster']);
    if (exitCode !== 0) throw new Error(`the cluster was not deleted:\n${stderr}`);
  }

  /** The node's own kubectl, to be run here: the tests need none on the machine. */
  async takeKubectl(): Promise<void> {
    await podman(['cp', `${this.node}:/usr/bin/kubectl`, this.home.path('kubectl')]);
    await chmod(this.home.path('kubectl'), 0o755);
  }

  /** `kinpod ARGS --name CLUSTER` */
  kinpod(args: readonly string[], options: CliOptions = {}): Promise<RunResult> {
    return this.home.kinpod([...args, '--name', this.name], options);
  }

  /** Output of a kubectl command, which must succeed. */
  async kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { stdout } = await run(this.home.path('kubectl'), args, {
      timeoutMs: 120_000,
      ...options,
      env: { ...this.home.env, ...options.env },
    });
    return stdout;
  }

  /** URL of the API server, as the kubeconfig has it. */
  server(): Promise<string> {
    return this.kubectl(['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}']);
  }

  async get<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl(['get', ...args, '-o', 'json'])) as T;
  }

  async apply(manifest: string): Promise<void> {
    await this.kubectl(['apply', '-f', '-'], { input: manifest });
  }

  /** Wait as `kubectl wait` and `kubectl rollout status` do. */
  async waitFor(...args: string[]): Promise<void> {
    await this.kubectl([...args, '--timeout=90s']);
  }

  /** Run a program in the node. */
  async exec(...argv: string[]): Promise<string> {
    return podman(['exec', this.node, ...argv]);
  }

  /** Address of the node on the engine's network, which a rootful host can reach. */
  async nodeAddress(): Promise<string> {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    return (await podman(['inspect', '--format', format, this.node])).trim();
  }
}

/** A cluster of a test file, there while its tests run and removed whatever happened. */
export function useCluster(name: string, options: UseClusterOptions = {}): TestCluster {
  const home = useHome();
  const cluster = new TestCluster(name, home);
  beforeAll(() => cluster.create(options));
  afterAll(() => removeTestObjects(cluster.name));
  return cluster;
}

/** A pod as far as these tests look at it. */
export interface Pod {
  metadata: { name: string; namespace: string };
  status: {
    phase: string;
    podIP?: string;
    podIPs?: { ip: string }[];
    containerStatuses?: { ready: boolean; restartCount: number; name: string }[];
  };
}

/** Wait until every pod of every namespace is Running with all its containers ready, and return them. */
export function allPodsReady(cluster: TestCluster): Promise<Pod[]> {
  return eventually(
    async () => {
      const { items } = await cluster.get<{ items: Pod[] }>('pods', '--all-namespaces');
      const waiting = items.filter(
        (p) => p.status.phase !== 'Running' || !p.status.containerStatuses?.every((c) => c.ready),
      );
      if (items.length === 0 || waiting.length > 0) {
        throw new Error(`not ready: ${waiting.map((p) => p.metadata.name).join(', ') || 'no pods at all'}`);
      }
      return items;
    },
    { withinMs: 90_000, everyMs: 500, what: 'all pods to be ready' },
  );
}

/** The body of an HTTP answer, asked for until there is one. */
export function http(url: string, what: string): Promise<string> {
  return eventually(() => askOnce(url), { withinMs: 60_000, everyMs: 250, what: `${what} at ${url}` });
}

/** On a connection of its own: one that was kept from before a restart, or that hangs, must not stand for the next. */
function askOnce(url: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(limit);
        resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString() : undefined);
      });
    });
    request.on('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    const limit = setTimeout(() => request.destroy(new Error('no answer within 3 s')), 3_000);
  });
}

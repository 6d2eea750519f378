import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../src/exec/run.ts';
import { until } from '../src/exec/until.ts';
import { ApiClient } from '../src/kube/client.ts';
import { readUserKubeconfig } from '../src/kubeconfig/kubeconfig.ts';
import { pods, type State, systemPodsReady } from './state.ts';

/** Milliseconds between two looks. The same for both programs, which it costs a little of their machine. */
const EVERY_MS = 100;
/** Milliseconds after which a run has failed. */
const LIMIT_MS = 240_000;

/** Preloaded in both node images. */
const USER_IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.63.0';

/** Seconds from the start of the command to each point. */
export interface Points {
  /** The API server says that it is ready. */
  readyz: number;
  /** The node is Ready. */
  node: number;
  /** Both CoreDNS pods are Ready. */
  coredns: number;
  /** Every system pod is there and Ready. */
  systemPods: number;
  /** Processor seconds that the node has used until then. */
  cpuSeconds: number;
}

interface Container {
  pid: number;
  port: number;
  cgroup: string;
}

/** Looks at a cluster that is being made, from the moment its node exists; without a word to the program that makes it. */
export class Observer {
  readonly #node: string;
  readonly #started: number;
  readonly #signal: AbortSignal;
  #api: ApiClient | undefined;

  /** @param started as `performance.now()` tells it */
  constructor(node: string, started: number, signal: AbortSignal) {
    this.#node = node;
    this.#started = started;
    this.#signal = signal;
  }

  async watch(): Promise<Points> {
    const container = await this.#look('the node', () => inspect(this.#node));
    // The administrator's own file, in the node's file system: it is there before any command has finished.
    const access = await this.#look('super-admin.conf', async () => {
      const path = join('/proc', String(container.pid), 'root/etc/kubernetes/super-admin.conf');
      return readUserKubeconfig(await readFile(path, 'utf8'));
    });
    const api = new ApiClient(
      { host: '127.0.0.1', port: container.port },
      { ca: access.caPem, cert: access.clientCertPem, key: access.clientKeyPem },
    );
    this.#api = api;
    await this.#look('/readyz', () => api.get('/readyz', this.#signal));
    const points: Partial<Points> = { readyz: this.#seconds() };
    await this.#look('every system pod', async () => {
      const state = await this.#state(api);
      if (state.nodeReady) points.node ??= this.#seconds();
      if (state.corednsReady) points.coredns ??= this.#seconds();
      return state.nodeReady && state.corednsReady && systemPodsReady(state);
    });
    return { ...(points as Points), systemPods: this.#seconds(), cpuSeconds: await cpuSeconds(container.cgroup) };
  }

  /** Start a pod as a user would, now; @returns seconds from the start of the command until it runs. */
  async firstPod(): Promise<number> {
    const api = await this.#look('the API', async () => this.#api);
    const metadata = { name: 'first' };
    const containers = [{ name: 'first', image: USER_IMAGE, args: ['pause'], imagePullPolicy: 'IfNotPresent' }];
    const body = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } };
    // Refused until the controller manager has made the namespace's service account.
    await this.#look('a pod that is accepted', () => api.post('/api/v1/namespaces/default/pods', body, this.#signal));
    await this.#look('a pod that runs', async () => {
      const { status } = await api.get<{ status?: { phase?: string } }>('/api/v1/namespaces/default/pods/first');
      return status?.phase === 'Running';
    });
    return this.#seconds();
  }

  close(): void {
    this.#api?.close();
  }

  async #state(api: ApiClient): Promise<State> {
    const [nodes, list] = await Promise.all([
      api.get<{ items: { status: { conditions?: { type: string; status: string }[] } }[] }>('/api/v1/nodes'),
      api.get<Parameters<typeof pods>[0]>('/api/v1/pods'),
    ]);
    const conditions = nodes.items.flatMap((n) => n.status.conditions ?? []);
    return { nodeReady: conditions.some((c) => c.type === 'Ready' && c.status === 'True'), ...pods(list, this.#node) };
  }

  #look<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    return until(look, {
      what: `${what} of ${this.#node}`,
      withinMs: LIMIT_MS,
      everyMs: EVERY_MS,
      signal: this.#signal,
    });
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}

async function inspect(node: string): Promise<Container | undefined> {
  const format =
    '{{.State.Pid}} {{.State.CgroupPath}} {{(index (index .NetworkSettings.Ports "6443/tcp") 0).HostPort}}';
  const { stdout, exitCode } = await run('podman', ['inspect', '--format', format, node], { allowFailure: true });
  const [pid, cgroup, port] = stdout.split(' ');
  return exitCode === 0 && pid !== '0' && cgroup && port ? { pid: Number(pid), cgroup, port: Number(port) } : undefined;
}

/** Of the node's container and everything in it: cgroup v1 counts nanoseconds, v2 microseconds. */
async function cpuSeconds(cgroup: string): Promise<number> {
  try {
    return Number(await readFile(join('/sys/fs/cgroup/cpuacct', cgroup, 'cpuacct.usage'), 'utf8')) / 1e9;
  } catch {
    const text = await readFile(join('/sys/fs/cgroup', cgroup, 'cpu.stat'), 'utf8');
    return Number(/^usage_usec (\d+)/m.exec(text)?.[1]) / 1e6;
  }
}

/** Bytes on disk that a node has for itself: its writable layer and its volumes. What nodes share is not counted. */
export async function diskBytes(node: string): Promise<number> {
  const format = '{{.GraphDriver.Data.UpperDir}}{{range .Mounts}}{{if eq .Type "volume"}}\n{{.Source}}{{end}}{{end}}';
  const { stdout } = await run('podman', ['inspect', '--format', format, node]);
  const { stdout: sizes } = await run('du', ['-s', '-x', '-B1', ...stdout.split('\n').filter(Boolean)]);
  return sizes.split('\n').reduce((sum, line) => sum + Number(line.split('\t')[0]), 0);
}

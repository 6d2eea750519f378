import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../src/exec/until.ts';
import { ApiClient, type Credentials } from '../src/kube/client.ts';
import { readUserKubeconfig } from '../src/kubeconfig/kubeconfig.ts';
import { cpuSeconds, memoryBytes, type NodeContainer, type Place } from './engine.ts';
import { type Expectation, type Milestone, reached, type Watched } from './milestones.ts';

/** Milliseconds between two looks at what cannot be watched. The same for both programs. */
const LOOK_MS = 50;
/** Milliseconds after which a run has failed. */
const LIMIT_MS = 300_000;

const API_PORT = 6443;

/** Preloaded in both node images. */
const USER_IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.63.0';
const USER_POD = 'first';

/** Seconds from the start of the command to each point, and what the nodes have used when every system pod is Ready. */
export interface Points extends Record<Milestone, number> {
  /** The API server says that it is ready. */
  readyz: number;
  /** Processor seconds. */
  cpuSeconds: number;
  /** What the programs hold; what the kernel keeps of files is not counted. */
  memoryMegabytes: number;
}

export interface ObserverOptions {
  cluster: string;
  place: Place;
  /** What a complete cluster has, without the user's pod. */
  expected: Omit<Expectation, 'userPod'>;
  /** As `performance.now()` tells it. */
  started: number;
  signal: AbortSignal;
  onPoint(point: keyof Points, seconds: number): void;
}

/**
 * Looks at a cluster that is being made, without a word to the program that makes it: takes the administrator's kubeconfig from
 * the node's file system as soon as kubeadm has written it, waits for the API server, and from then on holds two watches open. That
 * costs the cluster next to nothing, and a change is seen within milliseconds.
 */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #expected: Expectation;
  readonly #signal: AbortSignal;
  readonly #stopping = new AbortController();
  readonly #points: Partial<Points> = {};
  readonly #nodes = new Map<string, Watched>();
  readonly #pods = new Map<string, Watched>();
  #containers: NodeContainer[] = [];
  #api: ApiClient | undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#expected = { ...options.expected, userPod: USER_POD };
    this.#signal = AbortSignal.any([options.signal, this.#stopping.signal]);
  }

  /** Nodes by name, once the API server is ready: the control plane comes first. */
  get containers(): readonly NodeContainer[] {
    return this.#containers;
  }

  /** Watch until every point is reached. */
  async watch(): Promise<Points> {
    const { cluster, place } = this.#options;
    const node = `${cluster}-control-plane`;
    const root = await this.#look('the node', () => place.rootOf(node));
    const credentials = await this.#look('super-admin.conf', () => administrator(root));
    this.#containers = await place.findNodes(cluster);
    const { address: host = '', port = API_PORT } = this.#containers.find((c) => c.name === node) ?? {};
    const api = new ApiClient({ host, port }, credentials);
    this.#api = api;
    await this.#look('the API server', () => api.get('/version', this.#signal));
    const agent = new Agent({ ...credentials, servername: 'localhost' });
    const follow = (path: string, objects: Map<string, Watched>) =>
      watch({ agent, host, port, path, signal: this.#signal, objects, onChange: () => this.#evaluate() });
    const watching = Promise.all([follow('/api/v1/nodes', this.#nodes), follow('/api/v1/pods', this.#pods)]);
    // It ends by being aborted.
    watching.catch(() => {});
    // Beside the watches: a node can be Ready before the API server calls itself so.
    await this.#look('/readyz', () => api.get('/readyz', this.#signal));
    this.#reach('readyz');
    return this.#look('every system pod, and the first pod of a user', async () => {
      const { nodesReady, corednsReady, systemPodsReady, firstPodRuns } = this.#points;
      const all = [nodesReady, corednsReady, systemPodsReady, firstPodRuns];
      return all.every((point) => point !== undefined) ? (this.#points as Points) : undefined;
    });
  }

  /** Start a pod as a user would, now; refused until the controller manager has made the namespace's service account. */
  async startFirstPod(): Promise<void> {
    const containers = [{ name: USER_POD, image: USER_IMAGE, args: ['pause'], imagePullPolicy: 'IfNotPresent' }];
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: USER_POD }, spec: { containers } };
    await this.#look('a pod that is accepted', () =>
      this.#api?.post('/api/v1/namespaces/default/pods', body, this.#signal),
    );
  }

  close(): void {
    this.#stopping.abort();
    this.#api?.close();
  }

  #evaluate(): void {
    const milestones = reached([...this.#nodes.values()], [...this.#pods.values()], this.#expected);
    for (const milestone of milestones) this.#reach(milestone);
  }

  #reach(point: Milestone | 'readyz'): void {
    if (this.#points[point] !== undefined) return;
    const seconds = (performance.now() - this.#options.started) / 1000;
    this.#points[point] = seconds;
    if (point === 'systemPodsReady') {
      this.#points.cpuSeconds = sum(this.#containers.map(cpuSeconds));
      this.#points.memoryMegabytes = sum(this.#containers.map(memoryBytes)) / 1e6;
    }
    this.#options.onPoint(point, seconds);
  }

  #look<T>(what: string, look: () => Promise<T | undefined> | undefined): Promise<T> {
    return until(async () => look(), {
      what: `${what} of ${this.#options.cluster}`,
      withinMs: LIMIT_MS,
      everyMs: LOOK_MS,
      signal: this.#signal,
    });
  }
}

/** Who needs no RBAC object. Undefined while the file is not there; it throws while it is half written. */
async function administrator(root: string): Promise<Credentials | undefined> {
  const text = await readFile(join(root, 'etc', 'kubernetes', 'super-admin.conf'), 'utf8').catch(() => undefined);
  if (!text) return undefined;
  const { caPem, clientCertPem, clientKeyPem } = readUserKubeconfig(text);
  return { ca: caPem, cert: clientCertPem, key: clientKeyPem };
}

interface WatchOptions {
  agent: Agent;
  host: string;
  port: number;
  path: string;
  signal: AbortSignal;
  /** Kept equal to what the API server has. */
  objects: Map<string, Watched>;
  onChange(): void;
}

/** Follow a list of objects until `signal` aborts; begun anew where the server ends it. */
async function watch(options: WatchOptions): Promise<void> {
  for (;;) {
    // A watch begins with everything that exists.
    options.objects.clear();
    await watchOnce(options).catch(() => {});
    await sleep(LOOK_MS, undefined, { signal: options.signal });
  }
}

function watchOnce({ agent, host, port, path, signal, objects, onChange }: WatchOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ agent, host, port, path: `${path}?watch=true`, signal }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        reject(new Error(`${path}: ${response.statusCode}`));
        return;
      }
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) apply(line, objects);
        onChange();
      });
      response.on('end', resolve).on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

/** One line of a watch. */
function apply(line: string, objects: Map<string, Watched>): void {
  const { type, object } = JSON.parse(line) as { type: string; object: Watched };
  const key = `${object.metadata.namespace}/${object.metadata.name}`;
  if (type === 'DELETED') objects.delete(key);
  else objects.set(key, object);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}

import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { assetsDir } from '../../exec/assets.ts';
import { processIdentity } from '../../exec/processes.ts';
import { Remembered } from '../../exec/remembered.ts';
import { CommandError } from '../../exec/run.ts';
import { scaled } from '../../exec/time-factor.ts';
import { until } from '../../exec/until.ts';
import type { OuterReference } from '../../kubeconfig/kubeconfig.ts';
import type { Endpoint } from '../../network/endpoint.ts';
import { CLUSTER_LABEL } from '../labels.ts';
import type { ForwardOptions } from '../provider.ts';
import {
  FORWARD_PORT_ANNOTATION,
  internalEndpoint,
  loadBalancerEndpoint,
  type NodeAddressList,
  nodePortEndpoint,
  reachedBy,
} from './expose.ts';
import { endForwarder, ensureForwarder } from './forward/background.ts';
import { findForwarder, forgetForwarder, forwarderFiles, recordForwarder } from './forward/record.ts';
import { type Relay, relay } from './forward/relay.ts';
import { KeptTunnel, type OpenTunnel } from './forward/tunnel.ts';
import type { Kubectl, OuterCluster } from './kubectl.ts';
import { API_PORT, NODE_LABEL, podName } from './names.ts';
import type { Pod, Service } from './objects.ts';

/** Milliseconds that a load balancer may take to get its address: the clouds' take one or two minutes. */
const LOAD_BALANCER_LIMIT_MS = 5 * 60_000;

export interface ApiAccessOptions {
  kubectl: Kubectl;
  outer: OuterCluster;
  env: NodeJS.ProcessEnv;
  /** The outer nodes' addresses; none where they may not be seen. */
  nodeAddresses(): Promise<NodeAddressList[]>;
}

/** The ways to the API servers of clusters in Pods. */
export class ApiAccess {
  readonly #options: ApiAccessOptions;
  readonly #endpoints = new Remembered<Endpoint | undefined>();

  constructor(options: ApiAccessOptions) {
    this.#options = options;
  }

  /** kinpod runs in a Pod of the outer cluster. */
  get inside(): boolean {
    return this.#options.outer.serviceAccount ?? false;
  }

  async outerCluster(): Promise<OuterReference> {
    const { outer, kubectl } = this.#options;
    return { context: outer.context, namespace: await kubectl.namespace() };
  }

  async internalEndpoint(node: string): Promise<Endpoint> {
    return internalEndpoint(node, await this.#options.kubectl.namespace());
  }

  /** Begin what {@link endpoint} will wait for. */
  prepare(node: string): void {
    this.endpoint(node).catch(() => {});
  }

  /**
   * Who asks while somebody else's question is not answered waits for that one.
   * @param signal of who asks first: it ends the question for all
   * @returns undefined where the node has no Service, or its port no address
   */
  async endpoint(node: string, signal?: AbortSignal): Promise<Endpoint | undefined> {
    const found = await this.#endpoints.get(node, () => this.#findEndpoint(node, signal));
    if (!found) this.#endpoints.delete(node);
    return found;
  }

  async #findEndpoint(node: string, signal: AbortSignal | undefined): Promise<Endpoint | undefined> {
    const { own, outside } = await this.#services(node, signal);
    if (!own) return undefined;
    const mode = reachedBy(outside ?? own, this.inside);
    if (mode === 'clusterip') return this.internalEndpoint(node);
    if (mode === 'port-forward') return this.#forwarded(own);
    if (mode === 'nodeport') return nodePortEndpoint(outside ?? own, await this.#addresses(node), undefined);
    return until(async () => loadBalancerEndpoint((await this.#services(node, signal)).outside ?? own), {
      withinMs: scaled(LOAD_BALANCER_LIMIT_MS, this.#options.env),
      everyMs: 1_000,
      what: `the load balancer of ${node} to have an address`,
      signal,
      hint: 'a cluster without a controller for load balancers never gives one: --expose nodeport or port-forward',
    });
  }

  /** See Provider. */
  async forward(node: string, { port, signal, onListening, onChange }: ForwardOptions): Promise<void> {
    const { own } = await this.#services(node);
    if (!own) throw new KinpodError(`${node} has no Service`, { code: 'no-such-cluster', hint: 'kinpod get clusters' });
    const files = forwarderFiles(own.metadata.uid ?? '', this.#options.env);
    const identity = await processIdentity();
    const other = await findForwarder(files);
    // Who forwards in the foreground wants to see it; the kubeconfigs that are about have the other's port.
    if (other) await endForwarder(own.metadata.uid ?? '', this.#options.env);
    const stop = new AbortController();
    const all = AbortSignal.any([signal, stop.signal]);
    const tunnel = new KeptTunnel({ open: this.#open(node), isGone, signal: all, onChange });
    const listener = await listen(port, [other?.port, preferredPort(own)], tunnel);
    try {
      await recordForwarder(files, { ...identity, port: listener.port });
      onListening?.({ host: '127.0.0.1', port: listener.port });
      await tunnel.keep();
    } finally {
      stop.abort();
      listener.close();
      await forgetForwarder(files, identity);
    }
  }

  /** End what forwards to nodes that are being deleted. @param services of theirs */
  async end(services: readonly Service[]): Promise<void> {
    this.#endpoints.clear();
    await Promise.all(services.map(({ metadata }) => endForwarder(metadata.uid ?? '', this.#options.env)));
  }

  async #services(
    node: string,
    signal?: AbortSignal,
  ): Promise<{ own: Service | undefined; outside: Service | undefined }> {
    const services = await this.#options.kubectl.list<Service>('services', `${NODE_LABEL}=${node}`, signal);
    return {
      own: services.find(({ metadata }) => metadata.name === node),
      outside: services.find(({ metadata }) => metadata.name !== node),
    };
  }

  /** Who may not see nodes still sees the one that the Pod is on. */
  async #addresses(node: string): Promise<NodeAddressList[]> {
    const seen = await this.#options.nodeAddresses();
    if (seen.length > 0) return seen;
    const address = (await this.#options.kubectl.find<Pod>('pod', podName(node)))?.status?.hostIP;
    return address === undefined ? [] : [[{ type: 'InternalIP', address }]];
  }

  async #forwarded(service: Service): Promise<Endpoint> {
    const { env, outer, kubectl } = this.#options;
    const command: [string, ...string[]] = [
      process.execPath,
      join(assetsDir(), 'dist', 'kinpod.js'),
      'proxy',
      '--name',
      service.metadata.labels?.[CLUSTER_LABEL] ?? '',
      '--provider',
      'kubernetes',
      ...(outer.context === undefined ? [] : ['--context', outer.context]),
      '--namespace',
      await kubectl.namespace(),
    ];
    const { port } = await ensureForwarder({ id: service.metadata.uid ?? '', command, env });
    return { host: '127.0.0.1', port };
  }

  /** By the Service: it stays when the Pod is made anew, so that it is known whether there will be another. */
  #open(node: string): OpenTunnel {
    return async (onPort, signal) => {
      await this.#options.kubectl.run(['port-forward', `service/${node}`, `:${API_PORT}`, '--address=127.0.0.1'], {
        signal,
        onLine(line) {
          const port = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line)?.[1];
          if (port !== undefined) onPort(Number(port));
        },
      });
    };
  }
}

function preferredPort({ metadata }: Service): number | undefined {
  return Number(metadata.annotations?.[FORWARD_PORT_ANNOTATION]) || undefined;
}

/** The port that was asked for; else the first that can be had of those that kubeconfigs may have, and at last any. */
async function listen(
  asked: number | undefined,
  preferred: readonly (number | undefined)[],
  upstream: KeptTunnel,
): Promise<Relay> {
  if (asked !== undefined) return relay({ port: asked, upstream });
  for (const port of preferred) {
    if (port === undefined) continue;
    try {
      return await relay({ port, upstream });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  return relay({ port: 0, upstream });
}

/** `Error from server (NotFound): services "x" not found` */
function isGone(error: unknown): boolean {
  return error instanceof CommandError && /\(NotFound\): (services|namespaces) /.test(error.details ?? '');
}

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { createCluster } from '../cluster/create-cluster.ts';
import { deleteCluster } from '../cluster/delete-cluster.ts';
import { administrator, findApiNodes } from '../cluster/existing.ts';
import { exportKubeconfig } from '../cluster/export-kubeconfig.ts';
import { contextName } from '../cluster/names.ts';
import { startNodes, stopNodes } from '../cluster/power.ts';
import { type CommonOptions, openSession, type Session } from '../cluster/session.ts';
import { type ConfigSource, loadClusterConfig } from '../config/load.ts';
import { KinpodError, messageOf } from '../errors/kinpod-error.ts';
import { scaled } from '../exec/time-factor.ts';
import { variable } from '../exec/variables.ts';
import { ApiClient } from '../kube/client.ts';
import { hasEntry, kubeconfigPaths } from '../kubeconfig/kubeconfig.ts';
import { httpsUrl } from '../network/endpoint.ts';
import { inPod } from '../provider/container/mounted-socket.ts';
import { checkContainer } from '../provider/container/own-engine.ts';
import { UP_LABEL } from '../provider/labels.ts';
import type { Provider } from '../provider/provider.ts';
import type { UpActions } from './actions.ts';
import { runCommand } from './run-command.ts';
import { apiServerOptions, configPlace } from './settings.ts';
import { up } from './up.ts';

export interface UpClusterOptions extends CommonOptions {
  /** Default: the configuration's name, else `kind`. */
  name?: string | undefined;
  /** Default `KINPOD_CONFIG`, a path or the configuration itself. */
  config?: ConfigSource | undefined;
  image?: string | undefined;
  /** Run against a fresh cluster. Default: the cluster stays until `signal` aborts. */
  command?: readonly string[] | undefined;
  /** Milliseconds within which the nodes are stopped at the end. Default 8 s: engines give a container 10 s. */
  graceMs?: number | undefined;
  /** Leave the cluster of a command as it is. */
  retain?: boolean | undefined;
  /** File that exists while the cluster takes requests. */
  readyFile?: string | undefined;
}

/** Milliseconds by default: engines give a container 10 s to end. */
const GRACE_MS = 8_000;

/** Where a configuration is mounted, if KINPOD_CONFIG says nothing. */
const MOUNTED_CONFIG = '/etc/kinpod/cluster.yaml';

/** Milliseconds for the nodes of a new cluster to become Ready. */
const WAIT_MS = 180_000;

const WILDCARDS = ['0.0.0.0', '::'];

/** Bind {@link up} to this machine and engine. */
export async function bringUp(options: UpClusterOptions): Promise<number> {
  const { name, image, command = [], graceMs = GRACE_MS, retain = false, env = process.env } = options;
  const signal = options.signal ?? new AbortController().signal;
  const config = options.config ?? (await configOf(env));
  const loaded = loadClusterConfig(config, { name, image }).config;
  const session = await openSession({ ...options, signal });
  if (session.provider.nodesArePods && command.length === 0) {
    throw new KinpodError('nodes that are Pods are kept up by the cluster that they run in, not by kinpod', {
      code: 'unsupported',
      hint: 'kinpod create cluster --provider kubernetes, or give a command that a fresh cluster is for: kinpod up -- COMMAND',
    });
  }
  // Not with an engine outside, nor where nodes are Pods: there are clusters of others, and addresses that are not this container's.
  const alone = inPod(env) && !session.provider.outside && !session.provider.nodesArePods;
  const apiServer = apiServerOptions(env, loaded, alone, hostname());
  if (alone) await checkContainer(env);
  const { provider, progress } = session;
  const readiness = new Readiness(provider);
  // What has to be done after the signal is not ended by it.
  const lasting = { ...options, env, signal: undefined };
  const actions: UpActions = {
    nodes: (cluster) => provider.listNodes(cluster),
    isFinished: async (cluster) => hasEntry(contextName(cluster), undefined, env),
    create: async (cluster, within) => {
      const labels = { [UP_LABEL]: 'true' };
      const create = { ...options, env, signal: within, name: cluster, config, image, apiServer, labels };
      await createCluster({ ...create, waitMs: scaled(WAIT_MS, env) });
      await actions.writeKubeconfig(cluster);
    },
    remove: async (cluster) => {
      readiness.forget();
      await deleteCluster(cluster, lasting);
    },
    start: (nodes, within) => startNodes(provider, nodes, within),
    stop: (nodes, seconds) => stopNodes(provider, nodes, seconds),
    writeKubeconfig: (cluster) => writeKubeconfig(cluster, session, lasting),
    reach: async (cluster) => void (await provider.endpoint((await findApiNodes(provider, cluster)).server.name)),
    isReady: (cluster) => readiness.of(cluster),
    publishReady: (ready) => publishReady(options.readyFile, ready),
    runCommand: (argv, within) =>
      runCommand(argv, { ...env, KUBECONFIG: kubeconfigPaths(undefined, env).join(delimiter) }, within),
  };
  const graceSeconds = graceMs / 1000;
  const ownOnly = Boolean(provider.outside);
  return up(actions, { cluster: loaded.name, command, alone, ownOnly, graceSeconds, retain, progress, signal });
}

/** The configuration that the environment names. @throws {KinpodError} `config-unreadable` */
async function configOf(env: NodeJS.ProcessEnv): Promise<ConfigSource | undefined> {
  const value = variable(env, 'CONFIG');
  if (value === undefined) {
    if (!inPod(env)) return undefined;
    const text = await readFile(MOUNTED_CONFIG).catch(() => undefined);
    return text && { text, path: MOUNTED_CONFIG };
  }
  const place = configPlace(value);
  if ('text' in place) return { text: Buffer.from(place.text), path: 'KINPOD_CONFIG' };
  try {
    return { text: await readFile(place.path), path: place.path };
  } catch (error) {
    throw new KinpodError(
      `cannot read the configuration ${place.path}, which KINPOD_CONFIG names: ${messageOf(error)}`,
      {
        code: 'config-unreadable',
      },
    );
  }
}

/** Published on every address, the API server is reached on this machine by the loopback one, which is in its certificate. */
async function writeKubeconfig(cluster: string, { provider }: Session, options: CommonOptions): Promise<void> {
  const { server } = await findApiNodes(provider, cluster);
  const endpoint = await provider.endpoint(server.name);
  const loopback =
    endpoint && WILDCARDS.includes(endpoint.host) ? httpsUrl({ ...endpoint, host: '127.0.0.1' }) : undefined;
  await exportKubeconfig(cluster, { ...options, server: loopback });
}

async function publishReady(file: string | undefined, ready: boolean): Promise<void> {
  if (file === undefined) return;
  if (!ready) return rm(file, { force: true });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, '');
}

/** Asks one API server over one connection, with the credentials of its administrator. */
class Readiness {
  readonly #provider: Provider;
  #client: ApiClient | undefined;

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  async of(cluster: string): Promise<boolean> {
    try {
      this.#client ??= await this.#connect(cluster);
      return (await this.#client.get<string>('/readyz')) === 'ok';
    } catch {
      return false;
    }
  }

  forget(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  async #connect(cluster: string): Promise<ApiClient> {
    const nodes = await findApiNodes(this.#provider, cluster);
    const { caPem, clientCertPem, clientKeyPem } = await administrator(this.#provider, nodes, false);
    const endpoint = await this.#provider.endpoint(nodes.server.name);
    if (!endpoint) throw new KinpodError('the API server is not published', { code: 'no-endpoint' });
    return new ApiClient(endpoint, { ca: caPem, cert: clientCertPem, key: clientKeyPem });
  }
}

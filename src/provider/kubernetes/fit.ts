import { readFile } from 'node:fs/promises';
import { DEFAULT_DNS_DOMAIN } from '../../config/kube-names.ts';
import type { ClusterConfig, GivenNetworking } from '../../config/types.ts';
import type { OuterNode } from '../provider.ts';
import { certificateNames, type ExposeMode } from './expose.ts';
import type { Kubectl } from './kubectl.ts';
import { chooseNetworks } from './networking-choice.ts';
import { networksOf, type OuterAnswers } from './outer-facts.ts';

export interface Fitting {
  kubectl: Kubectl;
  /** The outer cluster's nodes, which are being looked up; none where they may not be seen. */
  nodes: Promise<readonly OuterNode[]>;
  /** kinpod runs in a Pod of the outer cluster. */
  inside: boolean;
  /** The node by which the API server is reached. */
  server: string;
}

/** Addresses of outer nodes that a certificate takes at most. */
const MOST_ADDRESSES = 64;

/** An address for documentation (RFC 5737), which no cluster gives its Services. */
const NOBODYS_ADDRESS = '192.0.2.1';

/**
 * A configuration for a cluster in the outer one: networks apart from that one's, names by which it is reached there, and the way
 * to it from outside.
 * @throws {KinpodError} `networking-clash`, `no-free-subnet`
 */
export async function fitConfig(
  config: ClusterConfig,
  given: GivenNetworking,
  fitting: Fitting,
): Promise<ClusterConfig> {
  const { kubectl, inside, server } = fitting;
  const [answers, namespace] = await Promise.all([askOuter(fitting), kubectl.namespace()]);
  const outer = networksOf(answers);
  const { ipFamily } = config.networking;
  const networks = chooseNetworks(outer, { ...given, ipFamily });
  const expose: ExposeMode = config.pods.expose ?? (inside ? 'clusterip' : 'port-forward');
  const addresses = expose === 'nodeport' ? outer.nodes.slice(0, MOST_ADDRESSES) : [];
  const domain = outer.dnsDomain ?? DEFAULT_DNS_DOMAIN;
  return {
    ...config,
    networking: {
      ...config.networking,
      ...networks,
      // The outer cluster's would lead names that are not found in this one to Services of that one.
      dnsSearch: given.dnsSearch ?? [],
    },
    pods: { ...config.pods, expose },
    apiServerNames: certificateNames({ name: server, namespace }, domain, addresses),
  };
}

/** What the outer cluster tells of its networks: what it says itself, else what shows in the namespace. */
async function askOuter({ kubectl, nodes, inside }: Fitting): Promise<OuterAnswers> {
  const get = async <T>(...args: string[]): Promise<T | undefined> => {
    const { exitCode, stdout } = await kubectl.request(['get', ...args, '--output', 'json'], { allowFailure: true });
    return exitCode === 0 ? (JSON.parse(stdout) as T) : undefined;
  };
  const [items, serviceCidrs, kubeadmConfig, resolvConf] = await Promise.all([
    nodes,
    get<NonNullable<OuterAnswers['serviceCidrs']>>('servicecidrs'),
    get<NonNullable<OuterAnswers['kubeadmConfig']>>('configmap', 'kubeadm-config', '--namespace', 'kube-system'),
    inside ? readFile('/etc/resolv.conf', 'utf8').catch(() => undefined) : undefined,
  ]);
  const told = { nodes: { items }, serviceCidrs, kubeadmConfig, resolvConf };
  const known = networksOf({ ...told, services: undefined, refusedService: undefined, pods: undefined });
  const [tried, pods] = await Promise.all([
    known.services.length > 0 ? undefined : tryService(kubectl),
    known.pods.length > 0 ? undefined : get<NonNullable<OuterAnswers['pods']>>('pods'),
  ]);
  return { ...told, pods, services: tried?.services, refusedService: tried?.refused };
}

/** Ask for a Service, and for one with an address that cannot be had, without making them. */
async function tryService(
  kubectl: Kubectl,
): Promise<{ services: OuterAnswers['services']; refused: string | undefined }> {
  const dryRun = async (spec: object) => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { generateName: 'kinpod-' },
      spec: { ports: [{ port: 443 }], ...spec },
    };
    return kubectl.request(['create', '--dry-run=server', '--validate=false', '--output', 'json', '--filename', '-'], {
      input: JSON.stringify(service),
      allowFailure: true,
    });
  };
  const [made, refused] = await Promise.all([dryRun({}), dryRun({ clusterIP: NOBODYS_ADDRESS })]);
  const services = made.exitCode === 0 ? { items: [JSON.parse(made.stdout)] } : undefined;
  return { services, refused: refused.exitCode === 0 ? undefined : refused.stderr };
}

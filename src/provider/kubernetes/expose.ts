import type { Endpoint } from '../../network/endpoint.ts';

/** How an API server in Pods is reached. */
export const EXPOSE_MODES = ['port-forward', 'nodeport', 'loadbalancer', 'clusterip'] as const;
export type ExposeMode = (typeof EXPOSE_MODES)[number];

/** Port of the API server, in its Pod and at its Service. */
export const API_PORT = 6443;

/** A cluster's Service for its API server, as the outer cluster tells it. */
export interface ApiService {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    annotations?: Readonly<Record<string, string>>;
  };
  spec: {
    type?: string;
    clusterIP?: string;
    ports?: readonly { port: number; nodePort?: number }[];
  };
  status?: { loadBalancer?: { ingress?: readonly { ip?: string; hostname?: string }[] } };
}

/** Port on this host that `port-forward` prefers, so that a kubeconfig stays right after a restart of the host. */
export const FORWARD_PORT_ANNOTATION = 'dev.kinpod.forward-port';

/** The type that the Service has to have. */
export function serviceType(mode: ExposeMode): 'ClusterIP' | 'NodePort' | 'LoadBalancer' {
  if (mode === 'nodeport') return 'NodePort';
  return mode === 'loadbalancer' ? 'LoadBalancer' : 'ClusterIP';
}

/**
 * By what an API server is reached from here. A Service that is open to the outside is used from everywhere. Of the other kind
 * what works depends on where kinpod runs, not on where the cluster was made.
 * @param inside kinpod runs in a Pod of the outer cluster
 */
export function reachedBy(service: ApiService, inside: boolean): ExposeMode {
  if (service.spec.type === 'NodePort') return 'nodeport';
  if (service.spec.type === 'LoadBalancer') return 'loadbalancer';
  return inside ? 'clusterip' : 'port-forward';
}

/** The Service's name for Pods of every namespace of the outer cluster, whatever its domain is. */
export function internalEndpoint({ metadata }: Pick<ApiService, 'metadata'>): Endpoint {
  return { host: `${metadata.name}.${metadata.namespace}.svc`, port: API_PORT };
}

/** The addresses of an outer node by type, `ExternalIP` and the like. */
export type NodeAddressList = readonly { type: string; address: string }[];

/**
 * Where a NodePort is reached: at the address that the user chose, else at a node's, the one for the outside where there is one.
 * @returns undefined where no address is known, or the port has not been given yet
 */
export function nodePortEndpoint(
  { spec }: ApiService,
  nodes: readonly NodeAddressList[],
  chosen: string | undefined,
): Endpoint | undefined {
  const port = spec.ports?.find((one) => one.port === API_PORT)?.nodePort;
  const of = (type: string) => nodes.flat().find((one) => one.type === type)?.address;
  const host = chosen ?? of('ExternalIP') ?? of('InternalIP');
  return port === undefined || host === undefined ? undefined : { host, port, serverName: CERTIFICATE_NAME };
}

/** Where a load balancer is reached, once it has an address. */
export function loadBalancerEndpoint({ status }: ApiService): Endpoint | undefined {
  const [first] = status?.loadBalancer?.ingress ?? [];
  const host = first?.ip ?? first?.hostname;
  return host === undefined ? undefined : { host, port: API_PORT, serverName: CERTIFICATE_NAME };
}

/**
 * Every API server's certificate has this name (kubeadm-config.ts). Clients are told to look for it where the address may not be in
 * there: outer nodes come and go, and a load balancer gets its address when the certificate has been made.
 */
const CERTIFICATE_NAME = 'localhost';

/**
 * Names and addresses that the API server's certificate should have beside kubeadm's own, so that clients that cannot be told
 * another name verify it too.
 * @param outerDomain DNS domain of the outer cluster
 */
export function certificateNames(
  service: Pick<ApiService, 'metadata'>,
  outerDomain: string,
  addresses: readonly string[],
): string[] {
  const { name, namespace } = service.metadata;
  const names = [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.${outerDomain}`];
  return [...new Set([...names, ...addresses])];
}

import type { PodExpose } from '../../config/types.ts';
import type { Endpoint } from '../../network/endpoint.ts';
import { API_PORT } from './names.ts';

/** How an API server in Pods is reached. */
export type ExposeMode = PodExpose;

/** What tells how an API server is reached: a node's Service, or the one beside it that is open to the outside. */
export interface ApiService {
  spec: { type?: string; ports?: { port: number; nodePort?: number }[] };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

/** Port on this host that `port-forward` prefers, so that a kubeconfig stays right after a restart of the host. */
export const FORWARD_PORT_ANNOTATION = 'dev.kinpod.forward-port';

/** Type of the Service that opens a node to the outside; undefined where the node's own, of type ClusterIP, is enough. */
export function outsideServiceType(mode: ExposeMode | undefined): 'NodePort' | 'LoadBalancer' | undefined {
  if (mode === 'nodeport') return 'NodePort';
  return mode === 'loadbalancer' ? 'LoadBalancer' : undefined;
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

/** The name of a node's Service for Pods of every namespace of the outer cluster, whatever its domain is. */
export function internalEndpoint(node: string, namespace: string): Endpoint {
  return { host: `${node}.${namespace}.svc`, port: API_PORT };
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
 * @param service of the node that clients talk to
 * @param outerDomain DNS domain of the outer cluster
 */
export function certificateNames(
  { name, namespace }: { name: string; namespace: string },
  outerDomain: string,
  addresses: readonly string[],
): string[] {
  const names = [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.${outerDomain}`];
  return [...new Set([...names, ...addresses])];
}

import type { NodeFile } from './node-file.ts';
import type { Member } from './phase-config.ts';

const CONFIG = '/etc/haproxy/haproxy.cfg';

/**
 * What the load balancer's container runs in place of an init system. With a master process (`-W`), which handles SIGTERM: a first
 * process that does not is not ended by it.
 */
export const LOAD_BALANCER_COMMAND = ['haproxy', '-W', '-db', '-f', CONFIG] as const;

/**
 * Bytes go through as they are: the API server's certificate is what clients see.
 * @param listener an address of no family that the kernel has not would keep HAProxy from starting
 * @param patience factor of the limits within which a control plane has to answer
 */
const head = (listener: string, patience: number) => `global
  log stdout format raw daemon notice

defaults
  mode tcp
  log global
  option dontlognull
  # A control plane that does not answer is passed over for the next.
  timeout connect ${patience}s
  retries 3
  option redispatch 1
  # Watches are silent for long. Who is gone for good is found by the kernel.
  timeout client 24h
  timeout server 24h
  option clitcpka
  option srvtcpka

frontend control-plane
  bind ${listener}
  default_backend api-servers

backend api-servers
  balance roundrobin
  option httpchk GET /readyz
  # Refused to strangers where anonymous requests are turned off: an answer all the same.
  http-check expect rstatus ^(200|401|403)$
  timeout check ${3 * patience}s
  # Out after two failures, and clients that were connected are told; in again with one good answer.
  default-server check check-ssl verify none inter 1s fastinter 250ms downinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
`;

/**
 * The files of the node in front of several control planes: HAProxy's configuration, with addresses, for a node's name is
 * unknown while the node is stopped, and its address is the same afterwards.
 * @param addresses its own
 * @param timeoutFactor of this machine; one below 1 takes nothing from a control plane
 */
export function loadBalancerFiles(
  addresses: readonly string[],
  controlPlanes: readonly Member[],
  timeoutFactor = 1,
): NodeFile[] {
  const listener = addresses.some((a) => a.includes(':')) ? ':::6443 v4v6' : '0.0.0.0:6443';
  const servers = controlPlanes.map(({ name, address }) => `  server ${name} ${bracketed(address)}:6443\n`);
  return [{ path: CONFIG, content: `${head(listener, Math.max(1, Math.ceil(timeoutFactor)))}${servers.join('')}` }];
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

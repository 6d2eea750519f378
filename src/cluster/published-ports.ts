import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { ClusterConfig, PortMapping } from '../config/types.ts';
import { KinpodError } from '../errors/kinpod-error.ts';
import type { NodeAllowances, Provider } from '../provider/provider.ts';

/** What decides on which address of this host a port is published. */
export interface PublishRules {
  ipFamily: ClusterConfig['networking']['ipFamily'];
  /** See Provider. */
  forwardsFromIPv6Loopback: boolean;
  /** Ports are another machine's: which are free there only its engine knows. */
  elsewhere: boolean;
  /** Nodes are Pods: of their ports only the API server's has one of this host. */
  inPods: boolean;
  /** The engine is root's, so that it may listen where this process may not. */
  engineOfRoot: boolean;
}

export function publishRules(
  { forwardsFromIPv6Loopback, nodesArePods, outside }: Provider,
  { networking }: ClusterConfig,
  allowed: Pick<NodeAllowances, 'userNamespace'>,
): PublishRules {
  return {
    ipFamily: networking.ipFamily,
    forwardsFromIPv6Loopback,
    elsewhere: outside === 'elsewhere',
    inPods: nodesArePods,
    engineOfRoot: !allowed.userNamespace,
  };
}

/**
 * The address that a port is published on: the configured one, by default every address of the cluster's family (of IPv4 where
 * there are both, as kind has it). Nodes of IPv6 clusters have an IPv4 address on their network too, so that 127.0.0.1 can
 * stand in for a ::1 from which the engine cannot forward.
 */
export function listenAddress(
  port: PortMapping,
  { ipFamily, forwardsFromIPv6Loopback }: Pick<PublishRules, 'ipFamily' | 'forwardsFromIPv6Loopback'>,
): string {
  if (port.listenAddress === '') return ipFamily === 'ipv6' ? '::' : '0.0.0.0';
  return port.listenAddress === '::1' && !forwardsFromIPv6Loopback ? '127.0.0.1' : port.listenAddress;
}

/** What a user must know of the ports that are not published where the configuration says. */
export function publishWarnings(config: ClusterConfig, provider: Provider): string[] {
  if (provider.nodesArePods) {
    if (!config.nodes.some((node) => node.extraPortMappings.length > 0)) return [];
    return [
      'extraPortMappings: nodes that are Pods publish no ports on this host; they are ports of the nodes’ Services',
    ];
  }
  const { forwardsFromIPv6Loopback } = provider;
  const rules = { ipFamily: config.networking.ipFamily, forwardsFromIPv6Loopback };
  return config.nodes
    .flatMap((node) => node.extraPortMappings)
    .filter((port) => port.listenAddress !== '' && listenAddress(port, rules) !== port.listenAddress)
    .map(
      (port) =>
        `${provider.name} cannot forward from ${port.listenAddress}: port ${port.containerPort}/${port.protocol} of the node is published on ${listenAddress(port, rules)} instead, for programs of the node that listen there too (not NodePorts)`,
    );
}

/** A port of `extraPortMappings`. @throws {KinpodError} as {@link withHostPort} */
export async function withMappedPort(port: PortMapping, rules: PublishRules): Promise<PortMapping> {
  return withHostPort(rules.inPods ? { ...port, hostPort: -1 } : port, rules);
}

/**
 * A port as the engine is to publish it: a free one where the config leaves the choice to kinpod, and an early word where it is
 * taken: engines say it only when the node starts.
 * @throws {KinpodError} `port-in-use`, `port-privileged`, `port-unusable`
 */
export async function withHostPort(port: PortMapping, rules: PublishRules): Promise<PortMapping> {
  const address = listenAddress(port, rules);
  if (port.hostPort === -1) return { ...port, listenAddress: address };
  if (rules.elsewhere) return { ...port, listenAddress: address, hostPort: port.hostPort || -1 };
  // Node.js has no SCTP. A number that is free for TCP is as good as any, and whether one is taken the engine says.
  if (port.protocol === 'SCTP' && port.hostPort > 0) return { ...port, listenAddress: address };
  const bind = port.protocol === 'UDP' ? udpPort : tcpPort;
  try {
    return { ...port, listenAddress: address, hostPort: await bind(address, port.hostPort) };
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException;
    if (error.code !== 'EACCES') throw unusable(error, address, port);
    // A user of a daemon of root's: that will say what it cannot do.
    if (rules.engineOfRoot) return { ...port, listenAddress: address };
    throw privileged(error, address, port);
  }
}

/** The port that is bound and let go again: `wanted`, or a free one for 0. */
function tcpPort(host: string, wanted: number): Promise<number> {
  return new Promise((done, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port: wanted, exclusive: true }, () => {
      const address = server.address();
      server.close(() => done(address !== null && typeof address === 'object' ? address.port : wanted));
    });
  });
}

function udpPort(address: string, wanted: number): Promise<number> {
  return new Promise((done, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error) => socket.close(() => reject(error)));
    socket.bind({ address, port: wanted, exclusive: true }, () => {
      const { port } = socket.address();
      socket.close(() => done(port));
    });
  });
}

/** The words of Go's net, which kind has from itself where it looks for a free port, else from the engine. */
function kindsWords({ code, message }: NodeJS.ErrnoException, address: string, port: PortMapping): string {
  const words: Record<string, string> = {
    EADDRINUSE: 'address already in use',
    EADDRNOTAVAIL: 'cannot assign requested address',
  };
  const where = `${listener(address, port.hostPort)}: bind: ${words[code ?? ''] ?? message}`;
  if (port.hostPort === 0) return `failed to get random host port for port mapping: listen tcp ${where}`;
  const family = address.includes(':') ? '6' : '4';
  return `cannot listen on the ${port.protocol} port: listen ${port.protocol.toLowerCase()}${family} ${where}`;
}

/** The kernel keeps low ports to root, and a rootless engine has no root. */
function privileged(error: NodeJS.ErrnoException, address: string, { hostPort }: PortMapping): KinpodError {
  const hint = [
    `use a port from 1024 on in the config (hostPort, apiServerPort), such as ${hostPort + 8000}`,
    `or let users have low ports: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=${hostPort}`,
  ];
  return new KinpodError(
    `a rootless engine cannot listen on ${listener(address, hostPort)}: the port is below net.ipv4.ip_unprivileged_port_start`,
    { code: 'port-privileged', hint: hint.join('\n'), cause: error },
  );
}

function listener(address: string, hostPort: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${hostPort}`;
}

function unusable(error: NodeJS.ErrnoException, address: string, port: PortMapping): KinpodError {
  const { hostPort, protocol } = port;
  const inUse = error.code === 'EADDRINUSE';
  const ss = `ss -${protocol === 'UDP' ? 'lunp' : 'ltnp'} 'sport = :${hostPort}'`;
  return new KinpodError(
    `cannot listen on ${listener(address, hostPort)}: ${inUse ? 'the port is in use' : error.message}`,
    {
      code: inUse ? 'port-in-use' : 'port-unusable',
      hint: inUse
        ? `choose another port in the config, or end the program that listens there (${ss})`
        : 'check apiServerAddress, apiServerPort and extraPortMappings in the config',
      cause: error,
      kindMessage: kindsWords(error, address, port),
    },
  );
}

import type { Mount, PortMapping } from '../../config/types.ts';
import { ADDRESS_LABEL, CLUSTER_LABEL, ROLE_LABEL } from '../labels.ts';
import type { HostAllowances, NodeSpec } from '../provider.ts';
import { type EngineFacts, ulimitArgs } from './engine.ts';

/** Name of the volume that holds a node's /var. */
export function varVolume(node: string): string {
  return `${node}-var`;
}

/**
 * Labels of a node's volume. kind finds the volumes to delete by the node's name as the label's *key*
 * (it says that Podman could only filter by key).
 */
export function volumeArgs(spec: NodeSpec): string[] {
  return [
    'volume',
    'create',
    '--label',
    `${spec.name}=true`,
    '--label',
    `${CLUSTER_LABEL}=${spec.cluster}`,
    varVolume(spec.name),
  ];
}

/** Pods' packets are routed by their node. Engines leave both off where the host has them off. */
const IPV6_SYSCTLS = ['--sysctl=net.ipv6.conf.all.disable_ipv6=0', '--sysctl=net.ipv6.conf.all.forwarding=1'];

/** Arguments of `create` for a node: what kind gives, and what this host needs. */
export function createArgs(spec: NodeSpec, engine: EngineFacts, network: string, host: HostAllowances): string[] {
  const labels = {
    [CLUSTER_LABEL]: spec.cluster,
    [ROLE_LABEL]: spec.role,
    [ADDRESS_LABEL]: [spec.addresses.ipv4, spec.addresses.ipv6].filter(Boolean).join(','),
    ...spec.labels,
  };
  const env = { container: engine.name, ...spec.env };
  return [
    'create',
    '--name',
    spec.name,
    '--hostname',
    spec.name,
    '--privileged',
    '--tty',
    '--cgroupns=private',
    '--tmpfs',
    '/tmp',
    '--tmpfs',
    '/run',
    '--volume',
    `${varVolume(spec.name)}:/var:suid,exec,dev`,
    // Some Kubernetes components read it; hosts without loadable modules do not have it.
    ...(host.modulesDir ? ['--volume', '/lib/modules:/lib/modules:ro'] : []),
    '--net',
    network,
    '--ip',
    spec.addresses.ipv4,
    ...(spec.addresses.ipv6 === undefined ? [] : ['--ip6', spec.addresses.ipv6, ...IPV6_SYSCTLS]),
    ...engine.unlimitedPids,
    ...ulimitArgs(host),
    ...Object.entries(labels).flatMap(([k, v]) => ['--label', `${k}=${v}`]),
    ...Object.entries(env).flatMap(([k, v]) => ['--env', `${k}=${v}`]),
    ...spec.mounts.map(mountArg),
    ...spec.ports.map((p) => publishArg(p, engine)),
    spec.image,
  ];
}

function mountArg(mount: Mount): string {
  const options = [
    ...(mount.readOnly ? ['ro'] : []),
    ...(mount.selinuxRelabel ? ['Z'] : []),
    ...(mount.propagation === 'Bidirectional' ? ['rshared'] : []),
    ...(mount.propagation === 'HostToContainer' ? ['rslave'] : []),
  ];
  return `--volume=${[mount.hostPath, mount.containerPath, ...(options.length ? [options.join(',')] : [])].join(':')}`;
}

function publishArg(port: PortMapping, engine: EngineFacts): string {
  const address = port.listenAddress.includes(':') ? `[${port.listenAddress}]:` : `${port.listenAddress}:`;
  const hostPort = port.hostPort === -1 ? engine.publishAnyPort : String(port.hostPort);
  const listener = `${address === '[::]:' ? engine.publishOnAnyIPv6 : address}${hostPort}`;
  return `--publish=${listener ? `${listener}:` : ''}${port.containerPort}/${port.protocol.toLowerCase()}`;
}

import type { Mount, PortMapping } from '../../config/types.ts';
import { ADDRESS_LABEL, CLUSTER_LABEL, ROLE_LABEL } from '../labels.ts';
import { isMachine, type NodeAllowances, type NodeSpec } from '../provider.ts';
import type { EngineFacts } from './engine.ts';

/** Pods' packets are routed by their node. Engines leave both off where the host has them off. */
const IPV6_SYSCTLS = ['--sysctl=net.ipv6.conf.all.disable_ipv6=0', '--sysctl=net.ipv6.conf.all.forwarding=1'];

/**
 * Arguments of `run` for a node: what kind gives, and what this host needs.
 * @param command what the container runs
 */
export function runArgs(
  spec: NodeSpec,
  command: readonly string[],
  engine: EngineFacts,
  network: string,
  allowed: NodeAllowances,
): string[] {
  const [program = '', ...rest] = command;
  const labels = {
    [CLUSTER_LABEL]: spec.cluster,
    [ROLE_LABEL]: spec.role,
    [ADDRESS_LABEL]: [spec.addresses.ipv4, spec.addresses.ipv6].filter(Boolean).join(','),
    ...spec.labels,
  };
  const env = { container: engine.name, ...spec.env };
  return [
    'run',
    '--detach',
    '--name',
    spec.name,
    '--hostname',
    spec.name,
    ...(isMachine(spec) ? machineArgs(engine, allowed) : programArgs(engine)),
    '--net',
    network,
    '--ip',
    spec.addresses.ipv4,
    ...(spec.addresses.ipv6 === undefined ? [] : ['--ip6', spec.addresses.ipv6, ...IPV6_SYSCTLS]),
    ...hostArgs(spec),
    ...engine.unlimitedPids,
    ...engine.limits(allowed),
    ...Object.entries(labels).flatMap(([k, v]) => ['--label', `${k}=${v}`]),
    ...Object.entries(env).flatMap(([k, v]) => ['--env', `${k}=${v}`]),
    ...spec.mounts.map(mountArg),
    ...spec.ports.map((p) => publishArg(p, engine)),
    // Not every engine takes a list here: the arguments come after the image.
    '--entrypoint',
    program,
    spec.image,
    ...rest,
  ];
}

/**
 * What a node must find by its name in its first seconds, it has in /etc/hosts. Podman's DNS server (aardvark-dns 1.4) is made anew
 * with each container that starts or ends (SIGHUP, server/serve.rs), a question that comes meanwhile is lost, and a resolver asks again after 5 s.
 */
function hostArgs({ hosts = {} }: NodeSpec): string[] {
  return Object.entries(hosts).flatMap(([name, { ipv4, ipv6 }]) =>
    [ipv4, ipv6].flatMap((address) => (address === undefined ? [] : ['--add-host', `${name}:${address}`])),
  );
}

function machineArgs(engine: EngineFacts, allowed: NodeAllowances): string[] {
  return [
    ...engine.machineFlags,
    ...engine.privileges(allowed),
    '--tty',
    '--cgroupns=private',
    '--tmpfs',
    '/tmp',
    '--tmpfs',
    '/run',
    // Without a name: it goes with its container, and no command of its own makes or removes it.
    '--volume',
    '/var',
    // Some Kubernetes components read it; hosts without loadable modules do not have it.
    ...(allowed.modulesDir ? ['--volume', '/lib/modules:/lib/modules:ro'] : []),
  ];
}

/** The image's own stop signal is for its init system. */
function programArgs(engine: EngineFacts): string[] {
  return [...engine.programFlags, '--stop-signal', 'SIGTERM'];
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

import type { Mount, PortMapping } from '../../config/types.ts';
import { ADDRESS_LABEL, CLUSTER_LABEL, ROLE_LABEL } from '../labels.ts';
import type { NodeAllowances, NodeSpec } from '../provider.ts';
import type { EngineFacts } from './engine.ts';

/** Name of the volume that holds a node's /var. */
export function varVolume(node: string): string {
  return `${node}-var`;
}

/**
 * Labels of a node's volume. kind finds the volumes to delete by the node's name as the label's *key*
 * (it says that Podman could only filter by key).
 */
function volumeLabels(spec: NodeSpec): string[] {
  return [`${spec.name}=true`, `${CLUSTER_LABEL}=${spec.cluster}`];
}

/** Arguments that make a node's volume where the engine makes none with the node. */
export function volumeArgs(spec: NodeSpec): string[] {
  return ['volume', 'create', ...volumeLabels(spec).flatMap((label) => ['--label', label]), varVolume(spec.name)];
}

/** Arguments of `create` that give a node its /var. What Docker makes with the node it does not call by a name of ours. */
function varArgs(spec: NodeSpec, engine: EngineFacts): string[] {
  if (engine.nodeVolume === 'made before') return ['--volume', `${varVolume(spec.name)}:/var:suid,exec,dev`];
  const labels = volumeLabels(spec).map((label) => `volume-label=${label}`);
  return ['--mount', ['type=volume', 'destination=/var', ...labels].join(',')];
}

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
    [ADDRESS_LABEL]: spec.address,
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
    ...engine.privileges(allowed),
    ...engine.nodeFlags,
    '--tty',
    '--cgroupns=private',
    '--tmpfs',
    '/tmp',
    '--tmpfs',
    '/run',
    ...varArgs(spec, engine),
    // Some Kubernetes components read it; hosts without loadable modules do not have it.
    ...(allowed.modulesDir ? ['--volume', '/lib/modules:/lib/modules:ro'] : []),
    '--net',
    network,
    '--ip',
    spec.address,
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
  const address = port.listenAddress.includes(':') ? `[${port.listenAddress}]` : port.listenAddress;
  const hostPort = port.hostPort === -1 ? engine.publishAnyPort : String(port.hostPort);
  return `--publish=${address}:${hostPort}:${port.containerPort}/${port.protocol.toLowerCase()}`;
}

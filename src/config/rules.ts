import { goQuote } from '../errors/go-quote.ts';
import { familyOfCidr, normalAddress } from './addresses.ts';
import { describeUnknown } from './describe.ts';
import { goAggregate } from './go-text.ts';
import type { Path } from './problem.ts';
import { CLUSTER_NAME_PATTERN, type DecodedCluster, IP_FAMILIES, KUBE_PROXY_MODES, NODE_ROLES } from './schema.ts';

/** A rule that a cluster breaks. */
export interface Violation {
  path: Path;
  /** Undefined where that of another one says it already. */
  message: string | undefined;
  /** As kind words it. */
  kind: string;
}

type DecodedNode = NonNullable<DecodedCluster['nodes']>[number];
type DecodedMapping = NonNullable<DecodedNode['extraPortMappings']>[number];

/**
 * Which of kind's rules a cluster breaks (validate.go), in kind's order. Fields that are unset follow the rules, as their
 * defaults do.
 * @param name in effect: that of the file is not looked at where another one is given
 */
export function violations(cluster: DecodedCluster, name: string): Violation[] {
  const { networking = {}, nodes = [] } = cluster;
  const { ipFamily = 'ipv4', kubeProxyMode = 'iptables' } = networking;
  const hasControlPlane = nodes.length === 0 || nodes.some(({ role }) => (role ?? 'control-plane') === 'control-plane');
  return [
    ...(CLUSTER_NAME_PATTERN.test(name) ? [] : [nameViolation(name)]),
    ...port(['networking', 'apiServerPort'], 'apiServerPort', networking.apiServerPort),
    ...oneOf(['networking', 'ipFamily'], ipFamily, IP_FAMILIES, `invalid ipFamily: ${ipFamily}`),
    ...subnet(['networking', 'podSubnet'], 'invalid pod subnet', networking.podSubnet, ipFamily),
    ...subnet(['networking', 'serviceSubnet'], 'invalid service subnet', networking.serviceSubnet, ipFamily),
    ...oneOf(
      ['networking', 'kubeProxyMode'],
      kubeProxyMode,
      KUBE_PROXY_MODES,
      `invalid kubeProxyMode: ${kubeProxyMode}`,
    ),
    ...nodes.flatMap((node, index) => nodeViolations(node, index)),
    ...(hasControlPlane ? [] : [controlPlaneViolation(nodes.every(({ role }) => role === 'worker'))]),
  ];
}

/** All of them as kind prints them: those of a node together. */
export function kindValidationText(broken: readonly Violation[]): string {
  const texts: string[] = [];
  const nodes = new Map<string | number | undefined, string[]>();
  for (const { path, kind } of broken) {
    if (path[0] !== 'nodes' || path.length < 2) {
      for (const [index, own] of nodes) texts.push(`invalid configuration for node ${index}: ${goAggregate(own)}`);
      nodes.clear();
      texts.push(kind);
    } else nodes.set(path[1], [...(nodes.get(path[1]) ?? []), kind]);
  }
  for (const [index, own] of nodes) texts.push(`invalid configuration for node ${index}: ${goAggregate(own)}`);
  return goAggregate(texts);
}

function nodeViolations({ role = 'control-plane', extraPortMappings = [] }: DecodedNode, index: number): Violation[] {
  const path = ['nodes', index];
  return [
    ...oneOf([...path, 'role'], role, NODE_ROLES, `${goQuote(role)} is not a valid node role`),
    ...extraPortMappings.flatMap((mapping, n) => [
      ...port([...path, 'extraPortMappings', n, 'hostPort'], 'hostPort', mapping.hostPort),
      ...port([...path, 'extraPortMappings', n, 'containerPort'], 'containerPort', mapping.containerPort),
    ]),
    ...mappingConflicts(extraPortMappings, (mapping) => mapping.protocol ?? '')
      .slice(0, 1)
      .map(({ index: n, ...conflict }) => ({
        path: [...path, 'extraPortMappings', n],
        message: conflict.message,
        kind: `invalid portMapping: ${conflict.kind}`,
      })),
  ];
}

function nameViolation(name: string): Violation {
  const message = (shown: string) =>
    `'${shown}' is not a valid cluster name, cluster names must match \`${CLUSTER_NAME_PATTERN.source}\``;
  return { path: ['name'], message: message(JSON.stringify(name).slice(1, -1)), kind: message(name) };
}

/** @param areWorkers what is no worker and no control plane either was told of by its role */
function controlPlaneViolation(areWorkers: boolean): Violation {
  const text = 'must have at least one control-plane node';
  return { path: ['nodes'], message: areWorkers ? text : undefined, kind: text };
}

function port(path: Path, field: string, value = 0): Violation[] {
  if (value >= -1 && value <= 65535) return [];
  const message = `${value} is out of range; expected -1 to 65535`;
  return [{ path, message, kind: `invalid ${field}: invalid port number: ${value}` }];
}

function oneOf(path: Path, value: string, known: readonly string[], kind: string): Violation[] {
  if (known.includes(value)) return [];
  return [{ path, message: describeUnknown(value, known), kind }];
}

function subnet(path: Path, kindPrefix: string, value: string | undefined, family: string): Violation[] {
  const problem = value === undefined ? undefined : subnetProblem(value, family);
  return problem ? [{ path, message: problem.message, kind: `${kindPrefix} ${problem.kind}` }] : [];
}

/**
 * What is wrong with a subnet of the cluster: it has to be one CIDR of the family; where the family is dual, one of either or
 * two of different ones.
 */
export function subnetProblem(value: string, family: string): { message: string; kind: string } | undefined {
  const cidrs = value.split(',');
  const families = cidrs.map(familyOfCidr);
  const broken = cidrs[families.indexOf(undefined)];
  if (broken !== undefined) {
    return {
      message: `"${broken}" is not a CIDR such as ${family === 'ipv6' ? 'fd00:1::/56' : '10.1.0.0/16'}`,
      kind: `failed to parse cidr value:${goQuote(broken)} with error: invalid CIDR address: ${broken}`,
    };
  }
  if (family === 'dual') {
    if (cidrs.length === 1 || (cidrs.length === 2 && families[0] !== families[1])) return undefined;
    return {
      message: 'expected one CIDR, or an IPv4 and an IPv6 CIDR, where ipFamily is dual',
      kind: 'expected one (IPv4 or IPv6) CIDR or two CIDRs from each family for dual-stack networking',
    };
  }
  if (cidrs.length > 1) {
    return {
      message: `expected one CIDR where ipFamily is ${family}`,
      kind: 'only one CIDR allowed for single-stack networking',
    };
  }
  if ((family !== 'ipv4' && family !== 'ipv6') || families[0] === family) return undefined;
  const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
  return {
    message: `"${value}" is not of the cluster's ipFamily, which is ${family}`,
    kind: `expected ${name} CIDR for ${name} family`,
  };
}

const EVERY_ADDRESS = '0.0.0.0';

/**
 * The mappings of one node that cannot be published beside an earlier one: same port and protocol on the same address, where
 * 0.0.0.0, :: and an empty address mean every address. Ports that are picked later (0 and -1) are not looked at.
 * @param protocolOf kind does not know that one which is unset is TCP
 */
export function mappingConflicts(
  mappings: readonly DecodedMapping[],
  protocolOf: (mapping: DecodedMapping) => string,
): { index: number; message: string; kind: string }[] {
  const taken = new Map<string, Set<string>>();
  return mappings.flatMap((mapping, index) => {
    const { hostPort = 0, listenAddress = '' } = mapping;
    if (hostPort === 0 || hostPort === -1) return [];
    const shown = listenAddress === '' ? EVERY_ADDRESS : normalAddress(listenAddress);
    if (shown === undefined) {
      const kind = `invalid listen address: ${listenAddress}`;
      return [{ index, message: `"${listenAddress}" is not an IP address`, kind }];
    }
    const address = shown === '::' ? EVERY_ADDRESS : shown;
    const key = `${hostPort}/${protocolOf(mapping)}`;
    const others = taken.get(key) ?? new Set();
    taken.set(key, others);
    const clashes = address === EVERY_ADDRESS ? others.size > 0 : others.has(address) || others.has(EVERY_ADDRESS);
    others.add(address);
    if (!clashes) return [];
    const host = shown.includes(':') ? `[${shown}]` : shown;
    const kind = `port mapping with same listen address, port and protocol already configured: ${shown}:${key}`;
    return [{ index, message: `an earlier port mapping of the node takes ${host}:${key} already`, kind }];
  });
}

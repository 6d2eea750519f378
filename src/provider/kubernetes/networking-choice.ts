import type { Networking } from '../../config/types.ts';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { subnetAround, subnetsOverlap } from '../../network/addresses.ts';

/** What is known of the networks of the cluster that the nodes run in. */
export interface OuterNetworks {
  /** Subnets of its pods, or addresses of some of them. Empty where nothing of it may be read. */
  pods: readonly string[];
  /** Subnets of its Services, or addresses of some of them. */
  services: readonly string[];
  /** Addresses of its nodes. */
  nodes: readonly string[];
  /** Undefined where it cannot be found out: Kubernetes' own default is assumed. */
  dnsDomain: string | undefined;
}

/** What a configuration says of the networks of a cluster; what it leaves open is chosen. */
export interface NetworkingWishes {
  ipFamily: Networking['ipFamily'];
  podSubnet?: string | undefined;
  serviceSubnet?: string | undefined;
  dnsDomain?: string | undefined;
}

/** The networks of a cluster whose nodes are Pods. */
export interface NestedNetworks {
  /** One CIDR, or two separated by a comma where the family is dual. */
  podSubnet: string;
  serviceSubnet: string;
  dnsDomain: string;
}

type Family = 'ipv4' | 'ipv6';

/** Kubernetes' default, kubeadm's and everybody's. */
const USUAL_DOMAIN = 'cluster.local';

/**
 * What a subnet is chosen from, in this order. The first are kind's defaults; each next one is what the next level takes. None of
 * them overlaps another purpose's.
 */
const CANDIDATES: Readonly<Record<'pods' | 'services', Record<Family, readonly string[]>>> = {
  pods: { ipv4: range(244, 255, (n) => `10.${n}.0.0/16`), ipv6: range(244, 255, (n) => `fd00:10:${n}::/56`) },
  // kubeadm's own default is a /12, 10.96 to 10.111, so there have to be more.
  services: { ipv4: range(96, 127, (n) => `10.${n}.0.0/16`), ipv6: range(96, 127, (n) => `fd00:10:${n}::/112`) },
};

/**
 * Bits of the subnets that are left alone around what is known: a node's part of the pods' subnet is less than all of it, and of
 * Services there may be no more known than an address (kubeadm's default is a /12).
 */
const AROUND: Readonly<Record<keyof OuterRanges, Record<Family, number>>> = {
  pods: { ipv4: 16, ipv6: 48 },
  services: { ipv4: 12, ipv6: 108 },
  nodes: { ipv4: 16, ipv6: 64 },
};

/** Pod subnets that clusters have where nobody has chosen another: of kind and flannel, k3s, Calico, OpenShift. */
const USUAL_POD_SUBNETS = ['10.244.0.0/16', '10.42.0.0/16', '192.168.0.0/16', '10.128.0.0/14', 'fd00:10:244::/56'];

interface OuterRanges {
  pods: readonly string[];
  services: readonly string[];
  nodes: readonly string[];
}

const OWNER: Readonly<Record<keyof OuterRanges, string>> = {
  pods: 'the pods of the cluster around it',
  services: 'the Services of the cluster around it',
  nodes: 'the nodes of the cluster around it',
};

/**
 * The networks of a cluster inside another, apart from that one's: an inner kube-proxy takes all traffic to its own Services,
 * and inner routes that to its own pods, so what overlaps cannot be reached from inside, the outer DNS server first of all.
 * kind's defaults where they are free; else what follows the outer cluster's own in the list, so that clusters in clusters in
 * clusters have networks that none of them has, though each sees only the one around it.
 * @throws {KinpodError} `networking-clash` where the configuration asks for what the outer cluster has, with values that are free;
 * `no-free-subnet`
 */
export function chooseNetworks(outer: OuterNetworks, wishes: NetworkingWishes): NestedNetworks {
  const ranges: OuterRanges = {
    pods: outer.pods.length > 0 ? around(outer.pods, 'pods') : USUAL_POD_SUBNETS,
    // Whole subnets are what they are. Only of an address the subnet has to be guessed.
    services: outer.services.map((one) => (one.includes('/') ? one : (around([one], 'services')[0] ?? one))),
    nodes: around(outer.nodes, 'nodes'),
  };
  const families: Family[] = wishes.ipFamily === 'dual' ? ['ipv4', 'ipv6'] : [wishes.ipFamily];
  const given = [wishes.podSubnet, wishes.serviceSubnet].flatMap((list) => list?.split(',') ?? []);
  const free = (purpose: 'pods' | 'services', taken: readonly string[]) =>
    families.map((family) => pick(purpose, family, ranges, taken)).join(',');

  const freeServices = free('services', given);
  const freePods = free('pods', [...given, ...freeServices.split(',')]);
  const freeDomain = nextDomain(outer.dnsDomain ?? USUAL_DOMAIN);
  // What is only guessed keeps nobody from having what he asks for.
  const known: OuterRanges = { ...outer, pods: around(outer.pods, 'pods') };
  const clashes = [
    ...clashesOf('podSubnet', wishes.podSubnet, known, freePods),
    ...clashesOf('serviceSubnet', wishes.serviceSubnet, known, freeServices),
  ];
  if (clashes.length > 0) {
    throw new KinpodError('the networks of the cluster overlap those of the cluster that its nodes run in', {
      code: 'networking-clash',
      details: clashes.map((one) => one.problem).join('\n'),
      hint: [
        'under networking:, leave out what is said below for kinpod to choose, or use',
        ...clashes.map((one) => `  ${one.use}`),
      ].join('\n'),
    });
  }
  const podSubnet = wishes.podSubnet ?? freePods;
  const serviceSubnet = wishes.serviceSubnet ?? freeServices;
  return {
    podSubnet,
    serviceSubnet,
    // The outer one is no error: names of the outer cluster are then not to be had inside, and that is all.
    dnsDomain: wishes.dnsDomain ?? freeDomain,
  };
}

function around(known: readonly string[], whose: keyof OuterRanges): string[] {
  return [...new Set(known.map((one) => subnetAround(one, AROUND[whose][familyOf(one)])))];
}

/** The first candidate after those that the outer cluster uses for the same purpose, from the beginning again after the last. */
function pick(purpose: keyof typeof CANDIDATES, family: Family, outer: OuterRanges, taken: readonly string[]): string {
  const candidates = CANDIDATES[purpose][family];
  const last = candidates.findLastIndex((one) => outer[purpose].some((used) => subnetsOverlap(one, used)));
  const used = [...outer.pods, ...outer.services, ...outer.nodes, ...taken];
  const found = [...candidates.slice(last + 1), ...candidates.slice(0, last + 1)].find(
    (one) => !used.some((other) => subnetsOverlap(one, other)),
  );
  if (found !== undefined) return found;
  throw new KinpodError(`no subnet is free for the ${purpose} of the cluster`, {
    code: 'no-free-subnet',
    details: `tried ${candidates[0]} to ${candidates.at(-1)}; the cluster around it uses ${used.join(', ')}`,
    hint: 'choose networking.podSubnet and networking.serviceSubnet in the config',
  });
}

function clashesOf(
  field: 'podSubnet' | 'serviceSubnet',
  wish: string | undefined,
  outer: OuterRanges,
  free: string,
): { problem: string; use: string }[] {
  for (const subnet of wish?.split(',') ?? []) {
    for (const whose of ['pods', 'services', 'nodes'] as const) {
      const other = outer[whose].find((one) => subnetsOverlap(subnet, asSubnet(one)));
      if (other)
        return [{ problem: `${field} ${subnet} overlaps ${other}, ${OWNER[whose]}`, use: `${field}: ${free}` }];
    }
  }
  return [];
}

/**
 * `cluster.local`, unless the outer cluster has that; then `cluster2.local`, and in one of those `cluster3.local`: with the same
 * domain on both levels, names of the outer cluster could not be resolved inside.
 */
export function nextDomain(outer: string): string {
  const level = /^cluster(\d*)\.local$/.exec(outer);
  if (!level) return USUAL_DOMAIN;
  return `cluster${Number(level[1] || 1) + 1}.local`;
}

function asSubnet(addressOrSubnet: string): string {
  if (addressOrSubnet.includes('/')) return addressOrSubnet;
  return `${addressOrSubnet}/${familyOf(addressOrSubnet) === 'ipv4' ? 32 : 128}`;
}

function familyOf(addressOrSubnet: string): Family {
  return addressOrSubnet.includes(':') ? 'ipv6' : 'ipv4';
}

function range(from: number, to: number, text: (n: number) => string): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => text(from + i));
}

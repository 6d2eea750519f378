/** A network as `network inspect` tells it: Podman's fields are lower-case, Docker's are not. */
export interface EngineNetwork {
  subnets?: readonly { subnet: string }[] | null;
  IPAM?: { Config?: readonly { Subnet?: string; IPRange?: string; Gateway?: string }[] | null };
  Options?: Readonly<Record<string, string>> | null;
}

/** Subnets of both families, as CIDRs. */
export function subnetsOf({ subnets, IPAM }: EngineNetwork): string[] {
  return [...(subnets ?? []).map((s) => s.subnet), ...(IPAM?.Config ?? []).flatMap((c) => c.Subnet ?? [])];
}

/**
 * Whether a subnet of a Docker network was asked for with `--subnet`, which Docker does not tell. Where it has chosen one by
 * itself it shows the gateway that it chose too, and never a range. One that was asked for with its gateway looks alike (newer
 * versions always show one), and is not taken for explicit. kinpod's own networks have a range, of their IPv4 subnet.
 */
export function isExplicit({ IPAM }: EngineNetwork, subnet: string): boolean {
  const config = IPAM?.Config?.find((c) => c.Subnet === subnet);
  const ranges = IPAM?.Config?.some((c) => c.IPRange !== undefined) ?? false;
  return config !== undefined && (ranges || config.Gateway === undefined);
}

const DOCKER_MTU = 'com.docker.network.driver.mtu';

/** The option that gives a new network the MTU that the daemon was told for its default one. Undefined where there is none. */
export function mtuOf(networks: readonly EngineNetwork[]): string | undefined {
  const bridge = networks.find((n) => n.Options?.['com.docker.network.bridge.default_bridge'] === 'true');
  const mtu = bridge?.Options?.[DOCKER_MTU];
  return mtu && `${DOCKER_MTU}=${mtu}`;
}

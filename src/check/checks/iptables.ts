import { dirname } from 'node:path';
import semver from 'semver';
import { type Check, failure, ok, warning } from '../check.ts';
import { advice, installing } from '../fixes.ts';

/** The first netavark that may use nft by default (its release notes; a distribution chooses). */
const NETAVARK_WITH_NFT = '1.12.0';

export const iptables: Check = {
  id: 'iptables',
  title: 'iptables',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    const { host, podman, rootless } = context;
    if (podman.path === undefined) return undefined;
    const path = await host.which('iptables');
    if (path !== undefined) {
      const directory = dirname(path);
      if (!rootless && !(host.env.PATH ?? '').split(':').includes(directory)) {
        return failure(
          `${directory} is not in PATH: netavark does not find iptables, nodes do not start`,
          advice(`export PATH="$PATH:${directory}"`),
        );
      }
      const answer = await host.run(path, ['--version']);
      return ok(answer.stdout.trim() || 'installed');
    }
    const install = installing(context, ['iptables'], 'install iptables');
    const netavark = semver.coerce(podman.info?.host.networkBackendInfo?.version);
    if (netavark && semver.gte(netavark, NETAVARK_WITH_NFT) && (await host.which('nft'))) {
      return warning(`iptables is not installed; netavark ${netavark} may do with nft, if it was built so`, install);
    }
    return failure('iptables is not installed: starting a node ends in "netavark: No such file or directory"', install);
  },
};

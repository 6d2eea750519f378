import semver from 'semver';
import { type Check, failure, ok, warning } from '../check.ts';
import { installing } from '../fixes.ts';

/** The first netavark that may use nft by default (its release notes; a distribution chooses). */
const NETAVARK_WITH_NFT = '1.12.0';

export const iptables: Check = {
  id: 'iptables',
  title: 'iptables',
  scope: 'run',
  async look(context) {
    const { host, podman } = context;
    if (podman.path === undefined) return undefined;
    if (await host.which('iptables')) {
      const answer = await host.run('iptables', ['--version']);
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

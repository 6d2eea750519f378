import { type Check, failure, ok } from '../check.ts';
import { asRoot } from '../fix.ts';
import { fixBy, installing, writing } from '../fixes.ts';

export const rootlessNetwork: Check = {
  id: 'rootless-network',
  title: 'Rootless networking',
  scope: 'run',
  engines: ['podman'],
  async look(context) {
    const { host, rootless, podman } = context;
    if (!rootless) return undefined;
    if (!(await host.exists('/dev/net/tun'))) {
      return failure(
        '/dev/net/tun does not exist: a rootless engine cannot connect nodes with the host',
        fixBy(context, [asRoot('modprobe', 'tun'), ...writing('/etc/modules-load.d/kinpod-tun.conf', 'tun\n')]),
      );
    }
    if (podman.info === undefined) return ok('/dev/net/tun exists');
    const connector = podman.info.host.rootlessNetworkCmd ?? 'slirp4netns';
    if (await host.which(connector)) return ok(`${connector} and /dev/net/tun`);
    return failure(
      `${connector}, with which this podman connects nodes with the host, is not installed`,
      installing(context, ['rootless'], `install ${connector === 'pasta' ? 'passt' : connector}`),
    );
  },
};

import { asRoot, type Check, failure, ok } from '../check.ts';
import { fixBy, installing, writing } from '../fixes.ts';

/** Programs that connect a rootless network with the host: Podman 5 uses the first, Podman 4 the second. */
const CONNECTORS = ['pasta', 'slirp4netns'];

export const rootlessNetwork: Check = {
  id: 'rootless-network',
  title: 'Rootless networking',
  scope: 'run',
  async look(context) {
    const { host, rootless } = context;
    if (!rootless) return undefined;
    if (!(await host.exists('/dev/net/tun'))) {
      return failure(
        '/dev/net/tun does not exist: a rootless engine cannot connect nodes with the host',
        fixBy(context, [asRoot('modprobe', 'tun'), ...writing('/etc/modules-load.d/kinpod-tun.conf', 'tun\n')]),
      );
    }
    const found = await Promise.all(CONNECTORS.map((program) => host.which(program)));
    const first = CONNECTORS.find((_, i) => found[i] !== undefined);
    if (first !== undefined) return ok(`${first} and /dev/net/tun`);
    return failure(
      `neither ${CONNECTORS.join(' nor ')} is installed`,
      installing(context, ['rootless'], 'install passt or slirp4netns'),
    );
  },
};

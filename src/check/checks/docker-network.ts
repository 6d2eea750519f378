import { type EngineNetwork, isExplicit, subnetsOf } from '../../provider/container/networks.ts';
import { type Check, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';

export const dockerNetwork: Check = {
  id: 'docker-network',
  title: "Docker's network",
  scope: 'run',
  anywhere: true,
  engines: ['docker'],
  async look({ host, docker: { info } }) {
    if (info === undefined) return undefined;
    const { exitCode, stdout } = await host.run('docker', ['network', 'inspect', 'kind']);
    if (exitCode !== 0) return ok('the network kind is not there yet: kinpod makes it');
    const [network = {}] = JSON.parse(stdout) as EngineNetwork[];
    const subnet = subnetsOf(network).find((one) => !one.includes(':'));
    if (subnet !== undefined && isExplicit(network, subnet)) return ok(`kind, ${subnet}`);
    return warning(
      'the network kind was made by kind, and Docker fixes no addresses in it: nodes get one of their own, kinpod',
      advice('while no cluster uses it, docker network rm kind: kinpod makes it so that kind can use it too'),
    );
  },
};

import { cheapFacts, realHost } from '../../src/check/index.ts';
import { volumeArgs } from '../../src/provider/container/run-args.ts';
import { chooseProvider } from '../../src/provider/detect.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { PREFIX, podman, podmanLines, removeTestObjects } from '../support/podman.ts';
import { providerContract } from './provider.ts';

providerContract('podman', {
  provider: async () => chooseProvider('podman', await cheapFacts(realHost()), {}),
  image: NODE_IMAGE,
  version: 'v1.36.3',
  prefix: PREFIX,
  removeAll: () => removeTestObjects(`${PREFIX}contract`),
  halfNode: async (spec) => {
    const name = (await podman(volumeArgs(spec))).trim();
    return { isThere: async () => (await podmanLines('volume', 'ls', '--quiet')).includes(name) };
  },
});

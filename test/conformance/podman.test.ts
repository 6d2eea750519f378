import { afterAll, expect, test } from 'vitest';
import { cheapFacts, realHost } from '../../src/check/index.ts';
import { CommandError } from '../../src/exec/run.ts';
import { parcel, receiver } from '../../src/provider/container/entry.ts';
import { volumeArgs } from '../../src/provider/container/run-args.ts';
import { chooseProvider } from '../../src/provider/detect.ts';
import { eventually } from '../support/eventually.ts';
import { NODE_IMAGE } from '../support/global-setup.ts';
import { PREFIX, podman, podmanLines, removeTestObjects } from '../support/podman.ts';
import { providerContract } from './provider.ts';

const provider = async () => chooseProvider('podman', await cheapFacts(realHost()), {});

providerContract('podman', {
  provider,
  image: NODE_IMAGE,
  version: 'v1.36.3',
  prefix: PREFIX,
  removeAll: () => removeTestObjects(`${PREFIX}contract`),
  halfNode: async (spec) => {
    const name = (await podman(volumeArgs(spec))).trim();
    return { isThere: async () => (await podmanLines('volume', 'ls', '--quiet')).includes(name) };
  },
  restart: async (node) => {
    await podman(['stop', '--time', '0', node]);
    await podman(['start', node]);
  },
});

afterAll(() => removeTestObjects(`${PREFIX}parcel`));

test('a node does not begin where its files were cut off, wherever that was', async () => {
  const engine = await provider();
  const cluster = `${PREFIX}parcel`;
  const name = `${cluster}-worker`;
  const init = async () => (await engine.exec(name, ['cat', '/proc/1/comm'])).stdout;
  await engine.ensureNetwork();
  await engine.withAddresses(1, ([addresses = { ipv4: '', ipv6: undefined }]) =>
    engine.createNode({
      ...{ name, cluster, role: 'worker', image: NODE_IMAGE, command: ['sleep', '600'], addresses },
      ...{ ports: [], mounts: [], env: {}, labels: {} },
    }),
  );
  const whole = await parcel([{ path: '/kind/probe', content: 'x'.repeat(1024) }]);
  // In a header, in a file, and between two files (a header and two blocks), which tar takes for a whole archive.
  for (const length of [100, 1000, 3 * 512]) {
    const input = whole.subarray(0, length);
    await expect(engine.exec(name, await receiver(), { input })).rejects.toThrow(CommandError);
    expect(await init()).toBe('sh');
  }
  await engine.exec(name, await receiver(), { input: whole });
  await eventually(async () => (await init()) === 'sleep', { withinMs: 10_000, what: 'the node to begin' });
});

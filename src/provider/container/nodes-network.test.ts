import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { docker } from './docker.ts';
import type { EngineFacts } from './engine.ts';
import type { EngineNetwork } from './networks.ts';
import { NodesNetwork } from './nodes-network.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kinpod-network-'));
  // Its locks.
  vi.stubEnv('XDG_RUNTIME_DIR', dir);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

/** An engine on which somebody else makes the network `kind` in the moment before it is made. */
async function engineWhere(theirs: EngineNetwork): Promise<EngineFacts> {
  const command = join(dir, 'engine');
  await writeFile(join(dir, 'theirs'), JSON.stringify([theirs]));
  const script = `case "$1 $2" in
'network ls') ;;
'network inspect') cat ${dir}/$3 ;;
'network create')
  for name; do :; done
  [ $name = kind ] || exit 0
  cp ${dir}/theirs ${dir}/kind
  echo 'network with name kind already exists' >&2
  exit 1 ;;
esac`;
  await writeFile(command, `#!/bin/sh\n${script}\n`);
  await chmod(command, 0o755);
  return { ...docker, command };
}

async function addressIn(network: NodesNetwork): Promise<{ ipv4: string; ipv6: string | undefined }> {
  await network.ensure(undefined);
  const [first] = await network.withAddresses(
    1,
    async () => [],
    async (all) => all,
    undefined,
  );
  return { ipv4: first?.ipv4 ?? '', ipv6: first?.ipv6 };
}

test('a network that another has made first has the subnets that it has', async () => {
  const engine = await engineWhere({
    IPAM: { Config: [{ Subnet: '10.200.0.0/16', IPRange: '10.200.128.0/17' }] },
  });
  const network = new NodesNetwork(engine, { chosen: undefined, neighbours: [], outside: true });
  expect(await addressIn(network)).toEqual({ ipv4: expect.stringMatching(/^10\.200\./), ipv6: undefined });
  expect(network.name).toBe('kind');
});

test('where no node can keep an address in it, kinpod makes its own beside', async () => {
  const engine = await engineWhere({ IPAM: { Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] } });
  const network = new NodesNetwork(engine, { chosen: undefined, neighbours: [], outside: true });
  expect((await addressIn(network)).ipv4).toMatch(/^10\./);
  expect(network.name).toBe('kinpod');
});

test('one that is there by the engine’s word alone is an error', async () => {
  const engine = await engineWhere({});
  await writeFile(engine.command, '#!/bin/sh\n[ $2 = ls ] && exit\necho "kind already exists" >&2\nexit 1\n');
  const network = new NodesNetwork(engine, { chosen: undefined, neighbours: [], outside: true });
  await expect(network.ensure(undefined)).rejects.toMatchObject({
    code: 'engine-failed',
    details: 'kind already exists',
  });
});

import { expect, test } from 'vitest';
import { withApiServer } from './api-server.ts';
import { loadClusterConfig } from './load.ts';

const { config } = loadClusterConfig(undefined, {});

test('the API server’s address, port and names go into the configuration', () => {
  const changed = withApiServer(config, {
    address: '0.0.0.0',
    port: 6443,
    names: ['ci.example', '192.0.2.1', 'ci.example'],
  });
  expect(changed.networking).toMatchObject({ apiServerAddress: '0.0.0.0', apiServerPort: 6443 });
  expect(changed.kubeadmConfigPatches.map((patch) => JSON.parse(patch))).toEqual([
    { kind: 'ClusterConfiguration', apiServer: { certSANs: ['ci.example', '192.0.2.1'] } },
  ]);
});

test('what is left open stays as the configuration has it', () => {
  expect(withApiServer(config)).toEqual(config);
});

import { expect, test } from 'vitest';
import { checkNodeName } from './names.ts';
import { hardwareAddress, networkId, overlayFiles, overlaySubnets } from './overlay.ts';

test('the nodes of all clusters have the same subnets, but for those of nodes whose own cluster is of Pods too', () => {
  expect(overlaySubnets(['10.0.0.1'])).toEqual({ ipv4: '198.18.0.0/24', ipv6: 'fd00:198:18:0::/64' });
  expect(overlaySubnets(['198.18.0.129', '198.18.1.130']).ipv4).toBe('198.18.2.0/24');
});

test('a network has a number of its own, always the same', () => {
  const id = networkId('default', 'a');
  expect(id).toBe(networkId('default', 'a'));
  expect(new Set([id, networkId('default', 'b'), networkId('other', 'a')]).size).toBe(3);
  expect(id).toBeGreaterThan(0);
  expect(id).toBeLessThan(2 ** 24);
});

test('a hardware address is local, and follows from the address', () => {
  expect(hardwareAddress('198.18.0.129')).toBe('02:58:c6:12:00:81');
});

const nodes = [
  { name: 'c-control-plane', addresses: { ipv4: '198.18.0.129', ipv6: undefined }, serviceAddress: '10.96.0.7' },
  { name: 'c-worker', addresses: { ipv4: '198.18.0.130', ipv6: 'fd00::2' }, serviceAddress: '10.96.0.8' },
];

test('a node is told its own place in the network, and where all are', () => {
  const files = overlayFiles(7, { ipv4: '198.18.0.0/24', ipv6: 'fd00::/64' }, nodes, 'c-worker');
  expect(Object.fromEntries(files.map((file) => [file.path, 'content' in file && file.content]))).toEqual({
    '/kind/kinpod/overlay.env':
      "VNI='7'\nPORT='14789'\nOVERHEAD='50'\nHARDWARE_ADDRESS='02:58:c6:12:00:82'\nADDRESSES='198.18.0.130/24 fd00::2/64'\n",
    '/kind/kinpod/overlay.nodes':
      'c-control-plane 10.96.0.7 02:58:c6:12:00:81 198.18.0.129\nc-worker 10.96.0.8 02:58:c6:12:00:82 198.18.0.130 fd00::2\n',
  });
});

test('packets to IPv6 addresses take more room', () => {
  const ipv6 = nodes.map((node) => ({ ...node, serviceAddress: 'fd10::7' }));
  const [env] = overlayFiles(7, { ipv4: '198.18.0.0/24', ipv6: 'fd00::/64' }, ipv6, 'c-worker');
  expect(JSON.stringify(env)).toContain("OVERHEAD='70'");
});

test.each(['a', 'ci-worker', 'x'.repeat(52)])('a node may be called %s', (name) => {
  expect(() => checkNodeName(name)).not.toThrow();
});

test.each(['1a', 'a.b', 'a-', 'x'.repeat(53)])('a node may not be called %s, and the error says why', (name) => {
  expect(() => checkNodeName(name)).toThrow(
    expect.objectContaining({ code: 'name-unusable', hint: expect.any(String) }),
  );
});

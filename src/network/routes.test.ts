import { expect, test } from 'vitest';
import { routedSubnets } from './routes.ts';

test('routes are subnets in use, the default route is not', () => {
  const text = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'br-af5198e2e526\t0000990A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    '',
  ].join('\n');
  expect(routedSubnets(text)).toEqual(['10.153.0.0/16', '192.0.2.0/24']);
  expect(routedSubnets('')).toEqual([]);
});

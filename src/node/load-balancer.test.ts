import { expect, test } from 'vitest';
import { loadBalancerFiles } from './load-balancer.ts';

test('the load balancer knows every control plane by its address', () => {
  const [config] = loadBalancerFiles([
    { name: 'kind-control-plane', address: '10.89.128.1' },
    { name: 'kind-control-plane2', address: 'fc00::2' },
  ]);
  expect(config).toMatchObject({
    path: '/etc/haproxy/haproxy.cfg',
    content: expect.stringMatching(
      / {2}server kind-control-plane 10\.89\.128\.1:6443\n {2}server kind-control-plane2 \[fc00::2\]:6443\n$/,
    ),
  });
});

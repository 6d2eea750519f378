import { expect, test } from 'vitest';
import { loadBalancerFiles } from './load-balancer.ts';

test('the load balancer knows every control plane by its address', () => {
  const [config] = loadBalancerFiles(
    ['10.89.128.3'],
    [
      { name: 'kind-control-plane', address: '10.89.128.1' },
      { name: 'kind-control-plane2', address: 'fc00::2' },
    ],
  );
  expect(config).toMatchObject({
    path: '/etc/haproxy/haproxy.cfg',
    content: expect.stringMatching(
      / {2}server kind-control-plane 10\.89\.128\.1:6443\n {2}server kind-control-plane2 \[fc00::2\]:6443\n$/,
    ),
  });
});

test('it listens on addresses of both families where it has both', () => {
  const listeners = (addresses: string[]) => JSON.stringify(loadBalancerFiles(addresses, [])).match(/bind [^\\]*/)?.[0];
  expect(listeners(['10.89.128.3'])).toBe('bind 0.0.0.0:6443');
  expect(listeners(['10.89.128.3', 'fc00::3'])).toBe('bind :::6443 v4v6');
});

test('on a slow machine it gives a control plane more time to answer, and never less', () => {
  const limits = (factor?: number) =>
    JSON.stringify(loadBalancerFiles(['10.89.128.3'], [], factor)).match(/timeout (connect|check) [0-9]+s/g);
  expect(limits()).toEqual(['timeout connect 1s', 'timeout check 3s']);
  expect(limits(0.5)).toEqual(limits());
  expect(limits(9.5)).toEqual(['timeout connect 10s', 'timeout check 30s']);
});

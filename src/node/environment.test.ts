import { describe, expect, test } from 'vitest';
import { loadClusterConfig } from '../config/load.ts';
import { nodeEnvironment, proxySettings } from './environment.ts';

const HEADER = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';

function environment(env: NodeJS.ProcessEnv, config = '') {
  const { config: cluster } = loadClusterConfig({ text: `${HEADER}${config}`, path: 'x' });
  const nodeNames = ['kind-control-plane', 'kind-worker'];
  return nodeEnvironment({ cluster, nodeNames, networkSubnets: ['10.89.0.0/16', 'fc00::/64'], env });
}

describe('proxies', () => {
  test('nothing is set where the host has none', () => {
    expect(environment({ PATH: '/bin', HTTP_PROXY: '' })).toEqual({});
  });

  test.each([
    [{ HTTP_PROXY: 'a', http_proxy: 'b' }, { HTTP_PROXY: 'a' }],
    [{ https_proxy: 'b' }, { HTTPS_PROXY: 'b' }],
    [{ no_proxy: 'c' }, { NO_PROXY: 'c' }],
  ])('%j is %j', (env, expected) => {
    expect(proxySettings(env)).toEqual(expected);
  });

  test('nodes get them in both spellings, and all that is inside the cluster is exempt', () => {
    const exempt =
      'example.com,10.96.0.0/16,10.244.0.0/16,10.89.0.0/16,fc00::/64,kind-control-plane,kind-worker,.svc,.svc.cluster,.svc.cluster.local';
    expect(environment({ https_proxy: 'http://proxy:3128', NO_PROXY: 'example.com' })).toEqual({
      HTTPS_PROXY: 'http://proxy:3128',
      https_proxy: 'http://proxy:3128',
      NO_PROXY: exempt,
      no_proxy: exempt,
    });
  });

  test("so are Services under the configuration's own domain", () => {
    const { config } = loadClusterConfig({
      text: 'kind: Cluster\napiVersion: kinpod.dev/v1alpha1\nnetworking: {dnsDomain: inner.example}\n',
      path: 'x',
    });
    const env = { HTTPS_PROXY: 'http://proxy:3128' };
    expect(nodeEnvironment({ cluster: config, nodeNames: [], networkSubnets: [], env }).NO_PROXY).toMatch(
      /\.svc\.cluster\.local,\.svc\.inner\.example$/,
    );
  });
});

test.each([
  [{ KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER: 'native' }, 'native'],
  [{ KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER: 'native', KINPOD_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER: 'x' }, 'x'],
])('%j reaches the node under the name that its entrypoint reads', (env, snapshotter) => {
  expect(environment(env)).toEqual({ KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER: snapshotter });
});

test.each([
  ['networking:\n  dnsSearch: [a.example, b.example]\n', { KIND_DNS_SEARCH: 'a.example b.example' }],
  ['networking:\n  dnsSearch: []\n', { KIND_DNS_SEARCH: '' }],
  ['', {}],
])('search domains of %j are %j: none is not the same as not set', (config, expected) => {
  expect(environment({}, config)).toEqual(expected);
});

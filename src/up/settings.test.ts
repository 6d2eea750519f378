import { describe, expect, test } from 'vitest';
import { loadClusterConfig } from '../config/load.ts';
import { apiServerOptions, configPlace } from './settings.ts';

test.each<[string, object]>([
  ['/etc/kinpod/cluster.yaml', { path: '/etc/kinpod/cluster.yaml' }],
  ['cluster.yaml', { path: 'cluster.yaml' }],
  ['kind: Cluster', { text: 'kind: Cluster' }],
  ['nodes:\n- role: worker', { text: 'nodes:\n- role: worker' }],
  ['{"kind":"Cluster"}', { text: '{"kind":"Cluster"}' }],
])('KINPOD_CONFIG %j is a path or the configuration itself', (value, place) => {
  expect(configPlace(value)).toEqual(place);
});

describe('the API server is published', () => {
  const of = (env: NodeJS.ProcessEnv, networking = '') => {
    const text = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking: {${networking}}\n`;
    const { config } = loadClusterConfig({ text: Buffer.from(text), path: 'c.yaml' }, {});
    return apiServerOptions(env, config, Boolean(env.KINPOD_IN_POD), 'box');
  };
  const pod = { KINPOD_IN_POD: '1' };

  test.each<[string, NodeJS.ProcessEnv, string, object]>([
    ['as configured, on a machine', { API_SERVER_PORT: '1' }, '', { address: undefined, port: undefined, names: [] }],
    ['on every address of a container', pod, '', { address: '0.0.0.0', port: 6443, names: ['127.0.0.1', 'box'] }],
    ['on every IPv6 address', pod, 'ipFamily: ipv6', { address: '::', port: 6443 }],
    ['on the port of the configuration', pod, 'apiServerPort: 30001', { address: '0.0.0.0', port: undefined }],
    ['on its address, if others see it', pod, 'apiServerAddress: 10.0.0.7', { address: undefined, port: 6443 }],
    [
      'as the environment says, before all',
      { ...pod, API_SERVER_ADDRESS: '127.0.0.1', API_SERVER_PORT: '30001', API_SERVER_SANS: 'ci.example, 192.0.2.1' },
      'apiServerPort: 7000',
      { address: '127.0.0.1', port: 30_001, names: ['127.0.0.1', 'box', 'ci.example', '192.0.2.1'] },
    ],
    ['by the prefixed name, everywhere', { KINPOD_API_SERVER_PORT: '7001' }, '', { port: 7001 }],
  ])('%s', (_, env, networking, expected) => {
    expect(of(env, networking)).toMatchObject(expected);
  });

  test.each(['0', '65536', 'x', '1.5'])('not on port %s', (port) => {
    expect(() => of({ ...pod, API_SERVER_PORT: port })).toThrow(`API_SERVER_PORT is "${port}", which is not a port`);
  });
});

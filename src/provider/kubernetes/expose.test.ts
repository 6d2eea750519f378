import { expect, test } from 'vitest';
import {
  type ApiService,
  certificateNames,
  internalEndpoint,
  loadBalancerEndpoint,
  nodePortEndpoint,
  reachedBy,
} from './expose.ts';

const service = (spec: ApiService['spec'] = {}, status?: ApiService['status']): ApiService => ({
  spec,
  ...(status && { status }),
});

test.each([
  ['ClusterIP', false, 'port-forward'],
  ['ClusterIP', true, 'clusterip'],
  ['NodePort', false, 'nodeport'],
  ['NodePort', true, 'nodeport'],
  ['LoadBalancer', false, 'loadbalancer'],
] as const)('a %s is reached from inside (%s) by %s', (type, _inside, mode) => {
  expect(reachedBy(service({ type }), _inside)).toBe(mode);
});

test('inside it has the name of its Service', () => {
  expect(internalEndpoint('ci-control-plane', 'team')).toEqual({
    host: 'ci-control-plane.team.svc',
    port: 6443,
  });
});

const NODES = [
  [
    { type: 'InternalIP', address: '10.0.0.4' },
    { type: 'Hostname', address: 'a' },
  ],
  [
    { type: 'InternalIP', address: '10.0.0.5' },
    { type: 'ExternalIP', address: '203.0.113.7' },
  ],
];
const nodePort = service({ type: 'NodePort', ports: [{ port: 6443, nodePort: 31234 }] });

test('a NodePort is reached at the address for the outside, else at one of the inside, else at the chosen one', () => {
  expect(nodePortEndpoint(nodePort, NODES, undefined)).toMatchObject({ host: '203.0.113.7', port: 31234 });
  expect(nodePortEndpoint(nodePort, NODES.slice(0, 1), undefined)).toMatchObject({ host: '10.0.0.4' });
  expect(nodePortEndpoint(nodePort, NODES, '198.51.100.1')).toMatchObject({ host: '198.51.100.1' });
});

test('without a port or an address there is no way yet', () => {
  expect(nodePortEndpoint(service({ ports: [{ port: 6443 }] }), NODES, undefined)).toBeUndefined();
  expect(nodePortEndpoint(nodePort, [], undefined)).toBeUndefined();
  expect(loadBalancerEndpoint(service({}, { loadBalancer: {} }))).toBeUndefined();
});

test('a load balancer is reached at its address or name, and answers under a name that the certificate has', () => {
  const at = (one: { ip?: string; hostname?: string }) =>
    loadBalancerEndpoint(service({}, { loadBalancer: { ingress: [one] } }));
  expect(at({ ip: '203.0.113.9' })).toEqual({ host: '203.0.113.9', port: 6443, serverName: 'localhost' });
  expect(at({ hostname: 'lb.example' })).toMatchObject({ host: 'lb.example' });
});

test('the certificate has every name of the Service and every address that is known', () => {
  expect(certificateNames({ name: 'ci', namespace: 'team' }, 'cluster.local', ['10.0.0.4', '10.0.0.4'])).toEqual([
    'ci',
    'ci.team',
    'ci.team.svc',
    'ci.team.svc.cluster.local',
    '10.0.0.4',
  ]);
});

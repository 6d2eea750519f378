import { expect, test } from 'vitest';
import { loadClusterConfig } from '../../config/load.ts';
import type { RunResult } from '../../exec/run.ts';
import type { OuterNode } from '../provider.ts';
import { type Fitting, fitConfig } from './fit.ts';

const NODE: OuterNode = {
  metadata: { name: 'a' },
  spec: { podCIDRs: ['10.244.0.0/24'] },
  status: { addresses: [{ type: 'InternalIP', address: '10.0.0.4' }] },
};

/** An outer cluster that answers to what kubectl is asked, by its first words; all else is forbidden. */
function outer(
  answers: Record<string, object | string>,
  nodes: readonly OuterNode[] = [],
): Fitting & { asked: string[] } {
  const asked: string[] = [];
  const request = async (args: readonly string[], { input }: { input?: string } = {}): Promise<RunResult> => {
    const key = [...args.slice(0, 2), ...(input?.includes('clusterIP') ? ['with address'] : [])].join(' ');
    asked.push(key);
    const answer = answers[key];
    if (answer === undefined) return { stdout: '', stderr: 'Error from server (Forbidden)', exitCode: 1 };
    if (typeof answer === 'string') return { stdout: '', stderr: answer, exitCode: 1 };
    return { stdout: JSON.stringify(answer), stderr: '', exitCode: 0 };
  };
  const kubectl = { request, namespace: async () => 'ci' } as unknown as Fitting['kubectl'];
  return { kubectl, nodes: Promise.resolve(nodes), inside: false, server: 'kind-control-plane', asked };
}

const WHOLE = {
  'get servicecidrs': { items: [{ spec: { cidrs: ['10.96.0.0/16'] } }] },
  'get configmap': { data: { ClusterConfiguration: 'networking: {dnsDomain: cluster.local}' } },
};

async function fitted(fitting: Fitting, text = '') {
  const header = 'kind: Cluster\napiVersion: kinpod.dev/v1alpha1\n';
  const { config, given } = loadClusterConfig({ text: header + text, path: 'c.yaml' });
  return fitConfig(config, given, fitting);
}

test('what the configuration leaves open is chosen apart from the outer cluster', async () => {
  const config = await fitted(outer(WHOLE, [NODE]));
  expect(config.networking).toMatchObject({
    podSubnet: '10.245.0.0/16',
    serviceSubnet: '10.97.0.0/16',
    dnsDomain: 'cluster2.local',
    dnsSearch: [],
  });
  expect(config.pods.expose).toBe('port-forward');
  expect(config.apiServerNames).toContain('kind-control-plane.ci.svc.cluster.local');
  expect(config.apiServerNames).not.toContain('10.0.0.4');
});

test('what it says stays', async () => {
  const text =
    'networking: {podSubnet: 10.9.0.0/16, dnsDomain: cluster.local, dnsSearch: [example.test]}\npods: {expose: nodeport}\n';
  const config = await fitted(outer(WHOLE, [NODE]), text);
  expect(config.networking).toMatchObject({
    podSubnet: '10.9.0.0/16',
    dnsDomain: 'cluster.local',
    dnsSearch: ['example.test'],
  });
  expect(config.pods.expose).toBe('nodeport');
  expect(config.apiServerNames).toContain('10.0.0.4');
});

test('in a Pod of the outer cluster it is reached by its Service', async () => {
  expect((await fitted({ ...outer(WHOLE, [NODE]), inside: true })).pods.expose).toBe('clusterip');
});

test('with rights to one namespace only it goes by what a Service would get', async () => {
  const fitting = outer({
    'get pods': { items: [{ status: { podIPs: [{ ip: '10.12.3.4' }] } }] },
    'create --dry-run=server': { spec: { clusterIPs: ['10.97.4.4'] } },
    'create --dry-run=server with address': 'the provided network does not match the current range',
  });
  expect((await fitted(fitting)).networking).toMatchObject({
    podSubnet: '10.244.0.0/16',
    serviceSubnet: '10.112.0.0/16',
    dnsDomain: 'cluster2.local',
  });
});

test('nothing is tried where everything has been told', async () => {
  const fitting = outer(WHOLE, [NODE]);
  await fitted(fitting);
  expect(fitting.asked.sort()).toEqual(['get configmap', 'get servicecidrs']);
});

import { expect, test } from 'vitest';
import { ApiAccess } from './api-access.ts';
import type { Kubectl, OuterCluster } from './kubectl.ts';

test('who waits for the address of a load balancer, which takes minutes, can be interrupted, and can ask again', async () => {
  let asked = 0;
  let addresses: { ip: string }[] = [];
  const kubectl = {
    namespace: async () => 'ci',
    list: async () => {
      asked++;
      const service = { metadata: { name: 'a' }, spec: { type: 'LoadBalancer', ports: [{ port: 6443 }] } };
      return [{ ...service, status: { loadBalancer: { ingress: addresses } } }];
    },
  } as unknown as Kubectl;
  const outer = { context: 'out' } as OuterCluster;
  const access = new ApiAccess({ kubectl, outer, env: {}, nodeAddresses: async () => [] });
  const interrupt = new AbortController();
  const waiting = access.endpoint('a', interrupt.signal);
  // It has looked, and waits for its next look.
  await expect.poll(() => asked).toBeGreaterThan(1);
  interrupt.abort();
  await expect(waiting).rejects.toThrow('aborted');
  addresses = [{ ip: '10.0.0.7' }];
  expect(await access.endpoint('a')).toMatchObject({ host: '10.0.0.7', port: 6443 });
});

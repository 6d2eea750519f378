import { describe, expect, test } from 'vitest';
import type { NodeSpec } from '../provider.ts';
import { filesSecret, keepsFiles, nodeObjects, owner } from './manifest.ts';
import type { KubernetesObject, OwnerReference } from './objects.ts';

const OWNER: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'kinpod-c', uid: 'u-1' };

const spec = (change: Partial<NodeSpec> = {}): NodeSpec => ({
  name: 'c-worker',
  cluster: 'c',
  role: 'worker',
  image: 'node:1',
  addresses: { ipv4: '198.18.0.130', ipv6: 'fd00::2' },
  ports: [],
  mounts: [],
  env: { PRICE: '$(HOME) $5' },
  labels: { 'dev.kinpod.kubernetes-version': 'v1.36.3' },
  ...change,
});

const make = (change: Partial<NodeSpec> = {}) =>
  nodeObjects({ spec: spec(change), command: ['sh', '-c', 'echo $(nproc) $$'], owner: OWNER });
const only = (kind: string, objects: KubernetesObject[]) =>
  // biome-ignore lint/suspicious/noExplicitAny: the parts that a test looks at
  objects.filter((object) => object.kind === kind) as any[];
const podOf = (change: Partial<NodeSpec> = {}) => only('StatefulSet', make(change))[0].spec.template.spec;

describe('the objects of a node', () => {
  test('belong to the object of the cluster, and are found by its labels', () => {
    for (const { metadata } of make({
      ports: [{ containerPort: 6443, hostPort: 0, listenAddress: '', protocol: 'TCP' }],
    })) {
      expect(metadata.ownerReferences).toEqual([OWNER]);
      expect(metadata.labels).toMatchObject({
        'io.x-k8s.kind.cluster': 'c',
        'io.x-k8s.kind.role': 'worker',
        'dev.kinpod.node': 'c-worker',
      });
    }
    expect(owner('c').metadata.labels).toEqual({ 'io.x-k8s.kind.cluster': 'c' });
  });

  test('have a Service with an address of its own for the other nodes, whether the Pod is ready or not', () => {
    const [service] = only('Service', make());
    expect(service.metadata.annotations).toEqual({ 'dev.kinpod.address': '198.18.0.130,fd00::2' });
    expect(service.spec).toMatchObject({ selector: { 'dev.kinpod.node': 'c-worker' }, publishNotReadyAddresses: true });
    expect(service.spec.ports).toEqual([{ name: 'overlay', protocol: 'UDP', port: 14789 }]);
    expect(service.spec).not.toHaveProperty('type');
  });

  test('have a port of the Service for each of the node, also where that is mapped twice', () => {
    const to = (hostPort: number, protocol: 'TCP' | 'UDP' = 'TCP') =>
      ({ containerPort: 53, hostPort, listenAddress: '', protocol }) as const;
    const [service] = only('Service', make({ ports: [to(1), to(2), to(3, 'UDP')] }));
    expect(service.spec.ports.slice(1)).toEqual([
      { name: 'tcp-53', protocol: 'TCP', port: 53 },
      { name: 'udp-53', protocol: 'UDP', port: 53 },
    ]);
  });

  test('have arguments and values as they are meant, of which Kubernetes would replace parts', () => {
    const [container] = podOf().containers;
    expect(container.command).toEqual(['sh', '-c', 'echo $$(nproc) $$$$']);
    expect(container.env).toEqual([{ name: 'PRICE', value: '$$(HOME) $$5' }]);
  });

  test('keep the password of a proxy in a Secret, and all else where it can be seen', () => {
    const env = { HTTP_PROXY: 'http://me:$(x)@proxy:3128', NO_PROXY: '.svc' };
    const [set] = only('StatefulSet', make({ env }));
    const [secret] = only('Secret', make({ env }));
    expect(JSON.stringify(set)).not.toContain('me:');
    expect(set.spec.template.spec.containers[0].env).toEqual([
      { name: 'HTTP_PROXY', valueFrom: { secretKeyRef: { name: 'c-worker-env', key: 'HTTP_PROXY' } } },
      { name: 'NO_PROXY', value: '.svc' },
    ]);
    expect(secret).toMatchObject({
      metadata: { name: 'c-worker-env', labels: { 'io.x-k8s.kind.cluster': 'c' }, ownerReferences: [OWNER] },
      stringData: { HTTP_PROXY: 'http://me:$(x)@proxy:3128' },
    });
    expect(only('Secret', make())).toEqual([]);
  });

  test('get nothing of the outer cluster that they do not need', () => {
    expect(podOf()).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  });
});

describe('a Pod', () => {
  test('is a privileged machine, and a load balancer is none', () => {
    expect(podOf().containers[0]).toMatchObject({ tty: true, stdin: true, securityContext: { privileged: true } });
    const balancer = podOf({ role: 'external-load-balancer' }).containers[0];
    expect(balancer.securityContext).toEqual({ capabilities: { add: ['NET_ADMIN'] } });
    expect(balancer).not.toHaveProperty('tty');
  });

  const placement = {
    antiAffinity: 'preferred',
    resources: { requests: {}, limits: {} },
    nodeSelector: {},
    tolerations: [],
  } as const;

  test.each([
    [{}, {}, { cpu: '100m' }],
    [{ memory: '1Gi' }, {}, { cpu: '100m', memory: '1Gi' }],
    [{ cpu: '0' }, {}, { cpu: '0' }],
    [{}, { cpu: '50m' }, {}],
  ])('of which the configuration says %j and limits %j asks for %j', (requests, limits, asked) => {
    const pod = { ...placement, resources: { requests, limits } };
    expect(podOf({ pod }).containers[0].resources).toEqual({ requests: asked, limits });
  });

  test('without storage loses its volume, with it has the same one again', () => {
    expect(podOf().volumes[0]).toEqual({ name: 'data', emptyDir: {} });
    const pod = { ...placement, storage: { size: '5Gi', storageClassName: 'fast' } };
    const [set] = only('StatefulSet', make({ pod }));
    expect(set.spec.template.spec.volumes).toEqual([]);
    expect(set.spec.volumeClaimTemplates).toMatchObject([
      {
        metadata: { name: 'data', labels: { 'io.x-k8s.kind.cluster': 'c' } },
        spec: { storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } },
      },
    ]);
    const [byDefault] = only('StatefulSet', make({ pod: { ...placement, storage: { size: '5Gi' } } }));
    expect(byDefault.spec.volumeClaimTemplates[0].spec).not.toHaveProperty('storageClassName');
  });

  test('is placed as the configuration says', () => {
    const tolerations = [{ key: 'ci', operator: 'Exists' as const }];
    const resources = { requests: { cpu: '500m' }, limits: { memory: '2Gi' } };
    const pod = podOf({
      pod: { ...placement, antiAffinity: 'required', nodeSelector: { disk: 'ssd' }, tolerations, resources },
    });
    expect(pod).toMatchObject({ nodeSelector: { disk: 'ssd' }, tolerations });
    expect(pod.containers[0].resources).toEqual(resources);
    expect(pod.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution).toEqual([
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { 'io.x-k8s.kind.cluster': 'c' } } },
    ]);
    expect(podOf().affinity.podAntiAffinity).toHaveProperty('preferredDuringSchedulingIgnoredDuringExecution');
    expect(podOf({ pod: { ...placement, antiAffinity: 'none' } })).not.toHaveProperty('affinity');
  });

  test.each([
    ['worker', undefined, true],
    ['worker', { size: '1Gi' }, false],
    ['control-plane', undefined, false],
    ['control-plane', { size: '1Gi' }, false],
    ['external-load-balancer', undefined, true],
  ] as const)('of a %s with storage %j has its files in a Secret: %s', (role, storage, kept) => {
    const pod = { ...placement, storage };
    expect(keepsFiles({ role, pod })).toBe(kept);
    expect(podOf({ role, pod }).volumes.some((v: { name: string }) => v.name === 'files')).toBe(kept);
  });

  test('of files has them as they are', () => {
    const secret = filesSecret('c-worker', 'c', new Uint8Array([0, 255]), OWNER);
    expect(secret).toMatchObject({ metadata: { name: 'c-worker-files' }, data: { 'files.tar': 'AP8=' } });
  });
});

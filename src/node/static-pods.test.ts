import { describe, expect, test } from 'vitest';
import { KubernetesVersion } from '../kube/version.ts';
import { staticPodPatches } from './static-pods.ts';

const version = new KubernetesVersion('v1.36.3');

/** Of the only container of what is patched. */
function probes(target: string, factor?: number): Record<string, Record<string, number>> {
  const found = staticPodPatches(version, factor).find((p) => p.target === target);
  const patch = found?.patch as
    | { spec: { containers?: object[]; template?: { spec: { containers: object[] } } } }
    | undefined;
  return (patch?.spec.containers ?? patch?.spec.template?.spec.containers)?.[0] as never;
}

test('static pods and CoreDNS are looked at every second, and are given up no earlier than by kubeadm', () => {
  for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
    expect(probes(name)).toEqual({
      name,
      startupProbe: { initialDelaySeconds: 1, periodSeconds: 1, failureThreshold: 240 },
    });
  }
  expect(probes('corednsdeployment').readinessProbe).toEqual({ periodSeconds: 1, failureThreshold: 30 });
});

describe('on a machine that is several times slower', () => {
  test.each([
    [2.5, 3, 200],
    [10, 10, 240],
    [40, 10, 960],
  ])('of factor %s looks are %s s apart, and %s may fail', (factor, periodSeconds, failureThreshold) => {
    expect(probes('kube-scheduler', factor).startupProbe).toEqual({
      initialDelaySeconds: periodSeconds,
      periodSeconds,
      failureThreshold,
    });
  });

  test('an API server is looked at less often for its life, too, and has more time to answer', () => {
    expect(probes('kube-apiserver', 10)).toMatchObject({
      readinessProbe: { periodSeconds: 10 },
      livenessProbe: { failureThreshold: 80 },
    });
  });
});

test('CoreDNS is not patched before kubeadm can', () => {
  const targets = staticPodPatches(new KubernetesVersion('v1.31.0')).map((p) => p.target);
  expect(targets).not.toContain('corednsdeployment');
});

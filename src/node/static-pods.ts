import type { KubernetesVersion } from '../kube/version.ts';
import { type ExtraArgs, hasArgument } from './extra-args.ts';
import type { KubeadmDocument } from './kubeadm-config.ts';
import type { NodePart } from './node-part.ts';

/** A patch for kubeadm's own patch directory; `target` is kubeadm's name of what it patches. */
export interface KubeadmPatch {
  target: string;
  patch: object;
}

/**
 * Probes that look every second. kubeadm's startup probes wait 10 s and look every 10 s, and CoreDNS' readiness probe has a
 * period of 10 s with a random first delay: up to 20 s in which a pod works and counts as not ready.
 * The number of failures allowed is raised in proportion, so that nothing is given up earlier.
 */
export function staticPodPatches(version: KubernetesVersion): KubeadmPatch[] {
  const staticPods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => ({
    target: name,
    patch: {
      spec: {
        containers: [{ name, startupProbe: { initialDelaySeconds: 1, periodSeconds: 1, failureThreshold: 240 } }],
      },
    },
  }));
  // kubeadm patches CoreDNS since 1.32.
  if (version.isBefore('1.32')) return staticPods;
  const readinessProbe = { periodSeconds: 1, failureThreshold: 30 };
  const containers = [{ name: 'coredns', readinessProbe }];
  return [...staticPods, { target: 'corednsdeployment', patch: { spec: { template: { spec: { containers } } } } }];
}

/**
 * On a further control plane the kubelet asks the API server for its health at the loopback address. What goes to the node's own
 * address leads to the first control plane's API server until this one is ready (join.sh), and that must not answer for it.
 * @returns nothing where the node has no such need, or the user has an API server listen elsewhere
 */
export function localProbes(part: NodePart, documents: readonly KubeadmDocument[]): KubeadmPatch[] {
  const cluster = documents.find((d) => d.kind === 'ClusterConfiguration');
  const { extraArgs } = (cluster?.apiServer ?? {}) as { extraArgs?: ExtraArgs };
  if (part !== 'member' || hasArgument(extraArgs, 'bind-address')) return [];
  const probe = { httpGet: { host: '127.0.0.1' } };
  const probes = { startupProbe: probe, livenessProbe: probe, readinessProbe: probe };
  return [{ target: 'kube-apiserver', patch: { spec: { containers: [{ name: 'kube-apiserver', ...probes }] } } }];
}

import type { KubernetesVersion } from '../kube/version.ts';
import { type ExtraArgs, hasArgument } from './extra-args.ts';
import type { KubeadmDocument } from './kubeadm-config.ts';
import type { NodePart } from './node-part.ts';

/** A patch for kubeadm's own patch directory; `target` is kubeadm's name of what it patches. */
export interface KubeadmPatch {
  target: string;
  patch: object;
}

/** Seconds after which kubeadm gives up a static pod that does not start: `failureThreshold` of its startup probes, times their period. */
const START_LIMIT = 240;

/** Seconds between two looks of most of kubeadm's probes. */
const PERIOD = 10;

/**
 * Probes that look every second. kubeadm's startup probes wait 10 s and look every 10 s, and CoreDNS' readiness probe has a
 * period of 10 s with a random first delay: up to 20 s in which a pod works and counts as not ready.
 * The number of failures allowed is raised in proportion, so that nothing is given up earlier.
 *
 * @param factor for slow machines. There a look, most of which are TLS handshakes, takes a good part of a second itself: they are as
 *   many times rarer, as rare as kubeadm's at most, and as many times as much patience is had
 */
export function staticPodPatches(version: KubernetesVersion, factor = 1): KubeadmPatch[] {
  const periodSeconds = Math.min(PERIOD, Math.ceil(factor));
  const startupProbe = {
    initialDelaySeconds: periodSeconds,
    periodSeconds,
    failureThreshold: Math.ceil((START_LIMIT * factor) / periodSeconds),
  };
  // kubeadm has an API server looked at every second for ever, and restarted after 8 looks without an answer.
  const later = { readinessProbe: { periodSeconds }, livenessProbe: { failureThreshold: Math.ceil(8 * factor) } };
  const staticPods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => {
    const probes = name === 'kube-apiserver' && factor > 1 ? { startupProbe, ...later } : { startupProbe };
    return { target: name, patch: { spec: { containers: [{ name, ...probes }] } } };
  });
  // kubeadm patches CoreDNS since 1.32.
  if (version.isBefore('1.32')) return staticPods;
  const readinessProbe = { periodSeconds, failureThreshold: Math.ceil((30 * factor) / periodSeconds) };
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

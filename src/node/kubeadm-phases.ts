import type { KubeadmDocument } from './kubeadm-config.ts';

/** Phases of `kubeadm init` with parts that can be left out one by one. */
const PARTS = { addon: ['coredns', 'kube-proxy'], 'upload-config': ['kubeadm', 'kubelet'] } as const;

/**
 * The phases of `kubeadm init` that the (patched) documents leave out, an add-on that is disabled among them. kubeadm itself
 * goes by them only where it runs as a whole and without --skip-phases, which kinpod never does.
 */
export function skippedPhases(documents: readonly KubeadmDocument[]): string[] {
  const init = documents.find((d) => d.kind === 'InitConfiguration');
  const cluster = documents.find((d) => d.kind === 'ClusterConfiguration');
  const phases = Array.isArray(init?.skipPhases) ? init.skipPhases.map(String) : [];
  const disabled = (addon: unknown) => (addon as { disabled?: boolean } | undefined)?.disabled === true;
  return [
    ...phases,
    ...(disabled(cluster?.dns) ? ['addon/coredns'] : []),
    ...(disabled(cluster?.proxy) ? ['addon/kube-proxy'] : []),
  ];
}

/** How `kubeadm init phase PHASE` is to be called: `all`, the one part that is left, or empty where nothing is. */
export function remainingPart(phase: keyof typeof PARTS, skipped: readonly string[]): string {
  const parts: readonly string[] = skipped.includes(phase)
    ? []
    : PARTS[phase].filter((part) => !skipped.includes(`${phase}/${part}`));
  return parts.length === PARTS[phase].length ? 'all' : (parts[0] ?? '');
}

export function hasKubeProxy(documents: readonly KubeadmDocument[]): boolean {
  return ['all', 'kube-proxy'].includes(remainingPart('addon', skippedPhases(documents)));
}

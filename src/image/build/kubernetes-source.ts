import type { BuildAssets } from './assets.ts';
import type { TimedSteps } from './timings.ts';
import type { Workspace } from './workspace.ts';

/** What a source works with. */
export interface SourceWork {
  assets: BuildAssets;
  /** To be written to under the build's lock only. */
  workspace: Workspace;
  steps: TimedSteps;
  /** Version of the compiler, `go1.26.8`. */
  go: string;
  /** Architecture of the node image, as Go names it. */
  arch: string;
  warn(line: string): void;
  signal?: AbortSignal | undefined;
}

/** Where the programs of Kubernetes come from. */
export interface KubernetesSource {
  /** Telling what it is takes neither a download nor a compiler, so it needs no lock. */
  readonly cheap: boolean;
  /** Find out what it is. The same {@link Kubernetes.key} means the same result. */
  identify(work: SourceWork): Promise<Kubernetes>;
}

/**
 * One Kubernetes, as a node image gets it. `make` writes a directory:
 * - `bin/`: kubeadm, kubelet, kubectl; with `images: 'compiled'` also the control plane's programs and agnhost
 * - `images/`: with `images: 'archives'`, an unpacked `docker save` archive for each of {@link ARCHIVED_IMAGES}
 * - `licenses/`: a directory for each module
 * - with `images: 'compiled'`, agnhost's file VERSION
 */
export interface Kubernetes {
  /** `v1.36.3` */
  version: string;
  key: string;
  /** Whether images of the control plane are made from its programs, or are there as archives. */
  images: 'compiled' | 'archives';
  make(path: string, work: SourceWork): Promise<void>;
  /** When it was made. @param path what `make` has written */
  madeAt(path: string, work: SourceWork): Promise<Date>;
}

/** Programs that a node has itself. */
export const NODE_PROGRAMS = ['kubeadm', 'kubelet', 'kubectl'] as const;

/** Programs that run in the pods of a control plane, which are also the names of their images. */
export const ARCHIVED_IMAGES = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'] as const;

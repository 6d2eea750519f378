import type { ContainerRuntime as RuntimeName } from '../../config/types.ts';

export type { RuntimeName };

/** The container runtimes that nodes can have, by the names that users give them. */
export const RUNTIME_NAMES: readonly RuntimeName[] = ['containerd', 'cri-o'];

/** Where runtimes differ, as far as it is seen from outside of a node. */
export interface RuntimeFacts {
  name: RuntimeName;
  /** As people write it. */
  title: string;
  /** Where the kubelet finds it: kubeadm's `criSocket`. */
  socket: string;
  /** Its systemd unit. */
  unit: string;
  /** Its file in `export logs`. */
  logFile: string;
}

export const RUNTIMES: Readonly<Record<RuntimeName, RuntimeFacts>> = {
  containerd: {
    name: 'containerd',
    title: 'containerd',
    socket: 'unix:///run/containerd/containerd.sock',
    unit: 'containerd.service',
    logFile: 'containerd.log',
  },
  'cri-o': {
    name: 'cri-o',
    title: 'CRI-O',
    socket: 'unix:///var/run/crio/crio.sock',
    unit: 'crio.service',
    logFile: 'crio.log',
  },
};

/** Where node images, kind's and kinpod's, tell crictl which runtime they have. */
export const CRICTL_CONFIG = '/etc/crictl.yaml';

/** The runtime that a node's crictl talks to, by the text of {@link CRICTL_CONFIG}. Without one it is containerd, as in kind's nodes. */
export function runtimeOf(crictlConfig: string): RuntimeName {
  return /^\s*runtime-endpoint:.*\bcrio\.sock\b/m.test(crictlConfig) ? 'cri-o' : 'containerd';
}

/** @returns undefined if it is none of them */
export function runtimeNamed(name: string | undefined): RuntimeName | undefined {
  return RUNTIME_NAMES.find((known) => known === name);
}

import { RUNTIMES, runtimeNamed } from '../../src/node/runtime/runtimes.ts';

/** The container runtime that the nodes of these tests have: the project `e2e-cri-o` runs some of them for a second one. */
export const RUNTIME = RUNTIMES[runtimeNamed(process.env.KINPOD_TEST_RUNTIME) ?? 'containerd'];

/** Flags by which a cluster gets it. */
export const RUNTIME_FLAGS: readonly string[] = RUNTIME.name === 'containerd' ? [] : ['--runtime', RUNTIME.name];

/** Node images by the runtime that they have; the build names them so. */
export const NODE_IMAGES = {
  containerd: 'localhost/kinpod-node:v1.36.3',
  'cri-o': 'localhost/kinpod-node:v1.36.3-cri-o',
} as const;

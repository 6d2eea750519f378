import { defineConfig } from 'vitest/config';

const realClusters = {
  globalSetup: ['test/support/global-setup.ts'],
  // One cluster at a time: a machine of two cores bears no more.
  fileParallelism: false,
  testTimeout: 300_000,
  hookTimeout: 600_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts', 'test/rootless/**/*.test.ts'],
          // Some start programs, on machines that have other things to do.
          testTimeout: 60_000,
        },
      },
      {
        test: { name: 'e2e', include: ['test/conformance/**/*.test.ts', 'test/e2e/**/*.test.ts'], ...realClusters },
      },
      {
        test: {
          // What nodes do whatever their container runtime is, once more with CRI-O.
          name: 'e2e-cri-o',
          include: ['workloads', 'many-nodes', 'images-and-logs'].map((name) => `test/e2e/${name}.test.ts`),
          env: { KINPOD_TEST_RUNTIME: 'cri-o' },
          ...realClusters,
        },
      },
    ],
  },
});

import { join } from 'node:path';
import { runtimeDir } from '../../src/exec/directories.ts';
import { withLock } from '../../src/exec/lock.ts';
import { run } from '../../src/exec/run.ts';
import { root } from './cli.ts';
import { removeDockerHome } from './docker-daemon.ts';
import { PREFIX, podman, removeTestObjects, strayVolumes, type Volume } from './podman.ts';
import { NODE_IMAGES, RUNTIME } from './runtime.ts';

/** The node image that all clusters of these tests are made from, where they ask for no other. */
export const NODE_IMAGE = NODE_IMAGES[RUNTIME.name];

/** Milliseconds that a run waits for another one on the same machine to end. */
const OTHER_RUN_LIMIT_MS = 15 * 60_000;

/** Before all tests with real clusters; what it returns is done after them. */
export default async function setup(): Promise<() => Promise<void>> {
  const release = await holdMachine();
  let others: string[];
  try {
    await run(process.execPath, [join(root, 'scripts', 'build.mjs')], { timeoutMs: 120_000 });
    // Pointing out what is missing beats building for ten minutes in silence.
    for (const [name, image] of Object.entries(NODE_IMAGES)) {
      await podman(['image', 'exists', image]).catch((cause) => {
        throw new Error(`these tests need the image ${image}; make it: ./kinpod build node-image --runtime ${name}`, {
          cause,
        });
      });
    }
    await removeTestObjects();
    await removeDockerHome();
    others = (await strayVolumes()).map((volume) => volume.name);
  } catch (error) {
    release();
    throw error;
  }
  return async () => {
    try {
      // As they are before the removal. Where they cannot be listed all else is removed first.
      const stray = strayVolumes();
      await Promise.allSettled([stray]);
      await removeTestObjects();
      await removeDockerHome();
      await judgeVolumes((await stray).filter((volume) => !others.includes(volume.name)));
    } finally {
      release();
    }
  };
}

/**
 * Volumes of a test that no container has any more are a test's fault, or kinpod's. Of those that do not tell whose they are, some may
 * be another program's on this machine: they are named.
 * @throws Error for the former
 */
async function judgeVolumes(left: readonly Volume[]): Promise<void> {
  const told = left.filter((volume) => volume.labels.length > 0 || volume.name.startsWith(PREFIX));
  const nameless = left.filter((volume) => !told.includes(volume)).map((volume) => volume.name);
  if (nameless.length > 0) console.error(`volumes of nobody came up during these tests: ${nameless.join(' ')}`);
  if (told.length === 0) return;
  const names = told.map(({ name, labels }) => `${name} ${labels.join(' ')}`);
  // Vitest prints what a teardown throws, and counts it as a success.
  process.exitCode = 1;
  throw new Error(`these tests left volumes behind, which are removed now:\n${names.join('\n')}`);
}

/** Two runs at once would remove each other's clusters. */
async function holdMachine(): Promise<() => void> {
  let release = () => {};
  const ended = new Promise<void>((resolve) => {
    release = resolve;
  });
  await new Promise<void>((resolve, reject) => {
    withLock(
      join(runtimeDir(), 'e2e.lock'),
      () => {
        resolve();
        return ended;
      },
      { withinMs: OTHER_RUN_LIMIT_MS, onWait: () => console.error('waiting for another run of these tests to end') },
    ).catch(reject);
  });
  return release;
}

import { join } from 'node:path';
import { runtimeDir } from '../../src/exec/directories.ts';
import { withLock } from '../../src/exec/lock.ts';
import { run } from '../../src/exec/run.ts';
import { root } from './cli.ts';
import { removeDockerHome } from './docker-daemon.ts';
import { podman, removeTestObjects } from './podman.ts';
import { NODE_IMAGES, RUNTIME } from './runtime.ts';

/** The node image that all clusters of these tests are made from, where they ask for no other. */
export const NODE_IMAGE = NODE_IMAGES[RUNTIME.name];

/** Milliseconds that a run waits for another one on the same machine to end. */
const OTHER_RUN_LIMIT_MS = 15 * 60_000;

/** Before all tests with real clusters; what it returns is done after them. */
export default async function setup(): Promise<() => Promise<void>> {
  const release = await holdMachine();
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
  } catch (error) {
    release();
    throw error;
  }
  return async () => {
    await removeTestObjects();
    await removeDockerHome();
    release();
  };
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

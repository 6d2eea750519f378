import { join } from 'node:path';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { run } from '../../exec/run.ts';
import type { Workspace } from '../build/workspace.ts';

/** Libraries that the pod image has for it: glibc's, and the compiler's. */
const PRESENT =
  /^(linux-vdso|linux-gate|libc|libm|libdl|libpthread|librt|libstdc\+\+|libgcc_s|libatomic|ld-linux-[\w-]+)\.so(\.\d+)*$/;

/**
 * Libraries that a program needs and the pod image lacks. Node.js from nodejs.org, NodeSource and the official images needs none;
 * a distribution's own is linked with a dozen.
 * @param ldd what ldd prints
 */
export function missingLibraries(ldd: string): string[] {
  return ldd
    .split('\n')
    .map((line) => line.trim().split(/\s/)[0]?.split('/').at(-1) ?? '')
    .filter((name) => name !== '' && !PRESENT.test(name));
}

/**
 * A Node.js for the image: the one that runs this, where it can be taken elsewhere, else the same version from the npm package that
 * holds the official program.
 * @throws {KinpodError} `download-failed`
 */
export async function nodeProgram(workspace: Workspace, signal?: AbortSignal): Promise<string> {
  const ldd = await run('ldd', [process.execPath], { signal, allowFailure: true }).catch(() => undefined);
  if (ldd?.exitCode === 0 && missingLibraries(ldd.stdout).length === 0) return process.execPath;
  const name = `node-linux-${process.arch}`;
  const dir = await workspace.cached('programs', `${name}-${process.version}`, async (path) => {
    try {
      const install = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', path];
      await run('npm', [...install, `${name}@${process.version.slice(1)}`], { signal });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new KinpodError(`no Node.js for the pod image: ${process.execPath} needs libraries of this machine`, {
        code: 'download-failed',
        details: `and the npm package ${name} could not be fetched`,
        hint: 'run kinpod by a Node.js from https://nodejs.org, which needs none',
        cause,
      });
    }
  });
  return join(dir, 'node_modules', name, 'bin', 'node');
}

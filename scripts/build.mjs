// Bundles the command-line program into one file, dist/kinpod.js, and the library into dist/index.js.
// Written to a temporary name first: a kinpod that starts meanwhile reads either the old file or the new one.
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const building = join(dist, `.building-${process.pid}`);

/** CommonJS dependencies inside an ES module bundle call `require` for Node's own modules. */
const requireForCommonJs =
  "import { createRequire as createRequireForBundle } from 'node:module';\n" +
  'const require = createRequireForBundle(import.meta.url);';

/** @type {import('esbuild').BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
  legalComments: 'inline',
  // Set for a release, so that `kinpod version` names what it was built from.
  define: { KINPOD_COMMIT: JSON.stringify(process.env.KINPOD_COMMIT ?? '') },
};

await mkdir(building, { recursive: true });
try {
  await Promise.all([
    // Everything inside and without white space: what is not read need not be parsed at every start.
    build({
      ...shared,
      entryPoints: ['src/bin.ts'],
      outfile: join(building, 'kinpod.js'),
      minifySyntax: true,
      minifyWhitespace: true,
      keepNames: true,
      banner: { js: `#!/usr/bin/env node\n${requireForCommonJs}` },
    }),
    // Users of the library share its dependencies with their own.
    build({
      ...shared,
      entryPoints: ['src/index.ts'],
      outfile: join(building, 'index.js'),
      packages: 'external',
      sourcemap: true,
      sourcesContent: false,
    }),
  ]);
  await chmod(join(building, 'kinpod.js'), 0o755);
  for (const file of ['index.js.map', 'index.js', 'kinpod.js']) await rename(join(building, file), join(dist, file));
} catch (error) {
  // esbuild has shown what it found in the sources; anything else is unexpected.
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exitCode = 1;
} finally {
  await rm(building, { recursive: true, force: true });
}

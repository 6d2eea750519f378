// Bundles the command-line program into one file, dist/kinpod.js, and the library into dist/index.js.
// Written to a temporary name first: a kinpod that starts meanwhile reads either the old file or the new one.
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

/**
 * The licenses of all packages that are in the bundle, as those licenses demand.
 * @param {import('esbuild').Metafile} metafile
 */
async function licenses(metafile) {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap(
      (input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
    ),
  );
  const texts = [...packages].sort().map(async (path) => {
    const dir = join(root, path);
    const { name, version, license } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'));
    const file = (await readdir(dir)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(join(dir, file), 'utf8') : '';
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return `kinpod.js contains the following packages.\n\n${(await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)}`;
}

await mkdir(building, { recursive: true });
try {
  const [bundle] = await Promise.all([
    // Everything inside and without white space: what is not read need not be parsed at every start.
    build({
      ...shared,
      entryPoints: ['src/bin.ts'],
      outfile: join(building, 'kinpod.js'),
      minifySyntax: true,
      minifyWhitespace: true,
      keepNames: true,
      metafile: true,
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
  await writeFile(join(building, 'LICENSES.txt'), await licenses(bundle.metafile));
  for (const file of ['LICENSES.txt', 'index.js.map', 'index.js', 'kinpod.js'])
    await rename(join(building, file), join(dist, file));
} catch (error) {
  // esbuild has shown what it found in the sources; anything else is unexpected.
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exitCode = 1;
} finally {
  await rm(building, { recursive: true, force: true });
}

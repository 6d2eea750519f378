// Bundles the command-line program into one file, dist/program.cjs, what starts it into dist/kinpod.js, and the library into
// dist/index.js.
// Another directory than dist/ may be named.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));

const shared = /** @type {const} @satisfies {import('esbuild').BuildOptions} */ ({
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
  legalComments: 'none',
  sourcesContent: false,
  write: false,
  // Set for a release, so that `kinpod version` names what it was built from.
  define: { KINPOD_COMMIT: JSON.stringify(process.env.KINPOD_COMMIT ?? '') },
});

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
  return `program.cjs contains the following packages.\n\n${(await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/**
 * Written to another name first: a kinpod that starts meanwhile reads either the old file or the new one.
 * @param {string} path
 * @param {string | Uint8Array} content
 */
async function replace(path, content) {
  await writeFile(`${path}.${process.pid}`, content, { mode: path.endsWith('kinpod.js') ? 0o755 : 0o644 });
  await rename(`${path}.${process.pid}`, path);
}

try {
  const [program, library] = await Promise.all([
    build({
      ...shared,
      entryPoints: ['src/bin.ts'],
      outfile: join(dist, 'program.cjs'),
      metafile: true,
      // A script and not a module: of those Node.js 20 can keep the compiled code (src/start.ts, which runs it).
      format: 'cjs',
      supported: { 'dynamic-import': false },
      define: { ...shared.define, 'import.meta.url': 'importMetaUrl' },
      // Not minified: stacks would tell nothing.
    }),
    build({
      ...shared,
      entryPoints: ['src/index.ts'],
      outfile: join(dist, 'index.js'),
      // Users of the library share its dependencies with their own.
      packages: 'external',
      sourcemap: true,
    }),
  ]);
  const id = createHash('sha256')
    .update(program.outputFiles[0]?.contents ?? '')
    .digest('hex')
    .slice(0, 16);
  const start = await build({
    ...shared,
    entryPoints: ['src/start.ts'],
    outfile: join(dist, 'kinpod.js'),
    define: { KINPOD_PROGRAM_ID: JSON.stringify(id) },
    banner: { js: '#!/usr/bin/env node' },
  });
  await mkdir(dist, { recursive: true });
  await replace(join(dist, 'LICENSES.txt'), await licenses(program.metafile));
  // What starts the program last: the launcher takes its time for that of the build.
  for (const { path, contents } of [library, program, start].flatMap((one) => one.outputFiles)) {
    await replace(path, contents);
  }
} catch (error) {
  // esbuild has shown what it found in the sources; anything else is unexpected.
  if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exitCode = 1;
}

// Runs a TypeScript program of this repository: node scripts/run-typescript.mjs FILE.ts [ARGUMENT ...]
// The bundle lies beside the sources while it runs, so that what it finds relative to itself is there.
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [file, ...args] = process.argv.slice(2);
if (!file) throw new Error('usage: node scripts/run-typescript.mjs FILE.ts [ARGUMENT ...]');
const outfile = join(dirname(resolve(file)), `.run-${process.pid}.mjs`);
process.argv = [process.execPath, resolve(file), ...args];
try {
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  await import(pathToFileURL(outfile).href);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(outfile, { force: true });
}

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { cacheDir } from './exec/directories.ts';

/**
 * Starts the program (program.cjs, the bundle of bin.ts) with what V8 compiled of it the last time: reading two megabytes of
 * source would be half of what a short command costs. Newer Node.js could do it by itself (module.enableCompileCache), 20 cannot.
 */

/** Changes with the program's text; the build fills it in. V8 itself compares no more than the text's length. */
declare const KINPOD_PROGRAM_ID: string;

const filename = fileURLToPath(new URL('program.cjs', import.meta.url));
const versions = join(cacheDir(), 'code');
// The time too: while a build replaces its files one after the other, the program can be newer than what starts it.
const own = join(versions, `${KINPOD_PROGRAM_ID}-${statSync(filename).mtimeMs}-${process.version}-${process.arch}`);
// One file a command, for each compiles other parts of the program.
const command = process.argv.slice(2, 4).filter((word) => /^[a-z][a-z-]{0,30}$/.test(word));
const cache = join(own, command.join(' ') || 'none');

/** Compiled code is code: taken only from a file that nobody else can have written. */
function compiledBefore(): Buffer | undefined {
  try {
    const { uid, mode } = statSync(cache);
    return uid === process.getuid?.() && (mode & 0o022) === 0 ? readFileSync(cache) : undefined;
  } catch {
    return undefined;
  }
}

/** For the next time. That it cannot be kept is no harm. */
function keep(compiled: Buffer): void {
  try {
    mkdirSync(own, { recursive: true, mode: 0o700 });
    const partial = `${cache}.${process.pid}`;
    writeFileSync(partial, compiled, { mode: 0o600 });
    renameSync(partial, cache);
    for (const other of readdirSync(versions)) {
      if (join(versions, other) !== own) rmSync(join(versions, other), { recursive: true, force: true });
    }
  } catch {}
}

// The bundle is ASCII, and a text of one byte a character is read and kept in half the time.
const source = readFileSync(filename, 'latin1');
const cachedData = compiledBefore();
const script = new Script(`(function (require, importMetaUrl) {${source}\n})`, {
  filename,
  ...(cachedData && { cachedData }),
});
script.runInThisContext()(createRequire(import.meta.url), import.meta.url);
if (!cachedData || script.cachedDataRejected) {
  // At the end, when what this command uses has been compiled.
  process.once('exit', (code) => {
    if (code === 0) keep(script.createCachedData());
  });
}

// Builds the node image of every further version of Kubernetes that is tested, and runs the tests with them. Compiling takes
// five minutes a version on two cores, so this is not part of `npm test`. Versions may be named: npm run test:versions -- v1.34.4
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FURTHER_VERSIONS } from '../test/support/versions.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Run a program of this repository to its end. @returns whether it succeeded */
function succeeds(program: string, ...args: string[]): boolean {
  console.log(`\n=== ${[program, ...args].join(' ')}`);
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

const wanted = process.argv.slice(2);
const versions = wanted.length > 0 ? wanted : FURTHER_VERSIONS;
// One that cannot be built does not keep the others from being tested.
const missing = versions.filter((version) => !succeeds('./kinpod', 'build', 'node-image', version));
const tested = succeeds('./node_modules/.bin/vitest', 'run', '--project', 'e2e', 'test/e2e/versions.test.ts');
if (missing.length > 0) console.error(`\nnot built, and so not tested: ${missing.join(', ')}`);
process.exitCode = missing.length === 0 && tested ? 0 : 1;

// Everything that a contributor needs, from a fresh clone: `npm test`. Needs nothing but Node.js: what is missing is
// installed by the launcher (dependencies) and by `kinpod check --fix` (the host). Stages may be named to run only those:
// `npm test -- lint unit`.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const kinpod = join(root, 'kinpod');
const bin = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name);
const skipsFile = join(mkdtempSync(join(tmpdir(), 'kinpod-test-')), 'skips');
const vitest = ['run', '--reporter=default', `--reporter=${join(root, 'scripts', 'skips-reporter.mjs')}`];

const MINUTE = 60_000;

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {(readonly [string, ...string[]])[]} commands argument arrays, run one after the other
 * @property {number} limitMs a stage that takes longer is ended, and has failed
 * @property {boolean} [clusters] makes clusters, which are removed afterwards whatever happened
 */

/** @type {Stage[]} */
const stages = [
  { name: 'build', commands: [[kinpod, '--version']], limitMs: 10 * MINUTE },
  {
    name: 'lint',
    commands: [
      [bin('biome'), 'check', '.'],
      [bin('depcruise'), '--config', '.dependency-cruiser.mjs', 'src'],
      ['sh', 'scripts/check-shell.sh'],
    ],
    limitMs: 5 * MINUTE,
  },
  { name: 'typecheck', commands: [[bin('tsc'), '--noEmit']], limitMs: 5 * MINUTE },
  { name: 'unit', commands: [[bin('vitest'), ...vitest, '--project', 'unit']], limitMs: 10 * MINUTE },
  { name: 'host', commands: [[kinpod, 'check', '--fix', '--yes']], limitMs: 20 * MINUTE },
  { name: 'image', commands: [[kinpod, 'build', 'node-image']], limitMs: 40 * MINUTE },
  { name: 'e2e', commands: [[bin('vitest'), ...vitest, '--project', 'e2e']], limitMs: 60 * MINUTE, clusters: true },
];

/** @type {import('node:child_process').ChildProcess | undefined} */
let running;
/** @type {NodeJS.Signals | undefined} */
let stoppedBy;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    stoppedBy = signal;
    running?.kill(signal);
  });
}

/**
 * @param {readonly [string, ...string[]]} command
 * @param {number} limitMs
 * @returns {Promise<boolean>} whether it succeeded
 */
function succeeds([program, ...args], limitMs) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, KINPOD_TEST_SKIPS: skipsFile },
    });
    running = child;
    const limit = setTimeout(() => {
      console.error(`ended after ${limitMs / MINUTE} minutes: ${[program, ...args].join(' ')}`);
      child.kill('SIGTERM');
    }, limitMs);
    child.on('error', (error) => console.error(error.message));
    child.on('close', (code) => {
      clearTimeout(limit);
      running = undefined;
      resolve(code === 0);
    });
  });
}

/** Names of the clusters that tests make begin with kpt-. */
function testClusters() {
  const { stdout } = spawnSync(kinpod, ['get', 'clusters', '-o', 'json'], { encoding: 'utf8', timeout: MINUTE });
  try {
    return /** @type {string[]} */ (JSON.parse(stdout)).filter((name) => name.startsWith('kpt-'));
  } catch {
    return [];
  }
}

/**
 * @param {Stage} stage
 * @returns {Promise<boolean>} whether all of it succeeded
 */
async function passes(stage) {
  // Someone else's tests may be running on this machine: their clusters are not ours to remove.
  const before = new Set(stage.clusters ? testClusters() : []);
  try {
    for (const command of stage.commands) {
      if (stoppedBy || !(await succeeds(command, stage.limitMs))) return false;
    }
    return true;
  } finally {
    const left = stage.clusters ? testClusters().filter((name) => !before.has(name)) : [];
    if (left.length > 0) {
      console.error(`removing clusters that tests left behind: ${left.join(' ')}`);
      spawnSync(kinpod, ['delete', 'clusters', ...left], { stdio: 'inherit', timeout: 5 * MINUTE });
    }
  }
}

/** The tests that did not run, each with its reason. */
function skips() {
  try {
    return readFileSync(skipsFile, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`unknown stage ${unknown.join(', ')}; there are ${stages.map((stage) => stage.name).join(', ')}`);
  process.exit(1);
}

/** @type {string[]} */
const summary = [];
let failed = false;
for (const stage of stages.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  if (failed) {
    summary.push(`  -  ${stage.name.padEnd(10)} not run`);
    continue;
  }
  console.log(`\n=== ${stage.name}`);
  const started = Date.now();
  failed = !(await passes(stage));
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(7);
  summary.push(`  ${failed ? '✗' : '✓'}  ${stage.name.padEnd(10)} ${seconds} s`);
}

const skipped = skips();
rmSync(dirname(skipsFile), { recursive: true, force: true });
console.log(`\n=== summary\n${summary.join('\n')}`);
console.log(
  skipped.length === 0 ? '\nno test was skipped' : `\nskipped tests:\n${skipped.map((line) => `  ${line}`).join('\n')}`,
);
process.exitCode = stoppedBy ? 128 + constants.signals[stoppedBy] : failed ? 1 : 0;

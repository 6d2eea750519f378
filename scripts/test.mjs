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
const outcomesFile = join(mkdtempSync(join(tmpdir(), 'kinpod-test-')), 'outcomes');
const vitest = ['run', '--reporter=default', `--reporter=${join(root, 'scripts', 'outcomes-reporter.mjs')}`];

const MINUTE = 60_000;

/** More files than this that fail at once are no bad luck. */
const AGAIN_AT_MOST = 3;

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {(readonly [string, ...string[]])[]} commands argument arrays, run one after the other
 * @property {number} limitMs a stage that takes longer is ended, and has failed
 * @property {boolean} [clusters] makes clusters, which are removed afterwards whatever happened; what fails is run once more, see
 *   {@link passesAgain}
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
  {
    name: 'image',
    commands: [
      [kinpod, 'build', 'node-image'],
      [kinpod, 'build', 'node-image', '--runtime', 'cri-o'],
    ],
    limitMs: 40 * MINUTE,
  },
  {
    name: 'e2e',
    commands: ['e2e', 'e2e-cri-o'].map((project) => [bin('vitest'), ...vitest, '--project', project]),
    limitMs: 60 * MINUTE,
    clusters: true,
  },
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
      env: { ...process.env, KINPOD_TEST_OUTCOMES: outcomesFile },
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
      if (stoppedBy) return false;
      if (await succeeds(command, stage.limitMs)) continue;
      if (stoppedBy || !stage.clusters || !(await passesAgain(command, outcomes().failed))) return false;
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

/** Test files that failed and then passed. @type {string[]} */
const unsteady = [];

/**
 * Real engines on a machine that others use too fail for reasons of their own now and then. A few files that failed are run once
 * more, alone; what fails again has failed, and what passes is told in the summary, so that it is looked after.
 * @param {readonly [string, ...string[]]} command
 * @param {string[]} files
 */
async function passesAgain(command, files) {
  if (files.length === 0 || files.length > AGAIN_AT_MOST) return false;
  console.error(`\nrunning once more what failed: ${files.join(' ')}`);
  if (!(await succeeds([...command, ...files], 20 * MINUTE))) return false;
  unsteady.push(...files);
  return true;
}

/**
 * What the tests told so far, each file in its last run.
 * @returns {{ skipped: string[], failed: string[], passed: number }} skipped: each test that did not run, with its reason;
 *   failed: files
 */
function outcomes() {
  /** @type {Map<string, import('./outcomes-reporter.mjs').Outcome>} */
  const files = new Map();
  try {
    for (const line of readFileSync(outcomesFile, 'utf8').split('\n').filter(Boolean)) {
      /** @type {import('./outcomes-reporter.mjs').Outcome} */
      const outcome = JSON.parse(line);
      files.set(`${outcome.project} ${outcome.file}`, outcome);
    }
  } catch {
    // No stage with tests has ended yet.
  }
  const told = [...files.values()];
  return {
    skipped: told.flatMap(({ project, file, skipped }) => skipped.map((test) => `${project} ${file}: ${test}`)),
    failed: told.filter((outcome) => outcome.failed).map((outcome) => outcome.file),
    passed: told.reduce((sum, outcome) => sum + outcome.passed, 0),
  };
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

const { skipped, passed } = outcomes();
rmSync(dirname(outcomesFile), { recursive: true, force: true });
console.log(`\n=== summary\n${summary.join('\n')}`);
console.log(
  `\n${passed} tests passed${skipped.length === 0 ? ', none was skipped' : `; skipped:\n${indented(skipped)}`}`,
);
if (unsteady.length > 0) console.log(`\nfailed, and passed when they ran again:\n${indented(unsteady)}`);
process.exitCode = stoppedBy ? 128 + constants.signals[stoppedBy] : failed ? 1 : 0;

/** @param {readonly string[]} lines */
function indented(lines) {
  return lines.map((line) => `  ${line}`).join('\n');
}

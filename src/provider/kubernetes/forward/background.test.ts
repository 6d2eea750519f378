import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRunning, processIdentity } from '../../../exec/processes.ts';
import { endForwarder, ensureForwarder } from './background.ts';
import { findForwarder, forwarderFiles } from './record.ts';

const ID = 'b1946ac9-2492-4f0a-9f3b-000000000001';
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  env = { ...process.env, XDG_RUNTIME_DIR: await mkdtemp(join(tmpdir(), 'kpt-forward-')) };
});
afterEach(async () => {
  await endForwarder(ID, env);
  await rm(env.XDG_RUNTIME_DIR ?? '', { recursive: true, force: true });
});

/** A program that does what a forwarder does for whoever looks at it from outside. */
function forwarder(before = ''): readonly [string, ...string[]] {
  const { record } = forwarderFiles(ID, env);
  const program = `
    ${before}
    const { readFileSync, writeFileSync, renameSync } = require('node:fs');
    const start = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1).split(' ')[19];
    writeFileSync('${record}.new', JSON.stringify({ pid: process.pid, start, port: 4711 }));
    renameSync('${record}.new', '${record}');
    setInterval(() => {}, 1000);`;
  return [process.execPath, '-e', program];
}

test('one is started where none runs, and found again', async () => {
  const first = await ensureForwarder({ id: ID, command: forwarder(), env });
  expect(first.port).toBe(4711);
  expect(await ensureForwarder({ id: ID, command: ['false'], env })).toEqual(first);
});

test('those who ask at once get the same', async () => {
  const all = await Promise.all([1, 2, 3].map(() => ensureForwarder({ id: ID, command: forwarder(), env })));
  expect(new Set(all.map((one) => one.pid)).size).toBe(1);
});

test('one that was killed is replaced', async () => {
  const first = await ensureForwarder({ id: ID, command: forwarder(), env });
  process.kill(first.pid, 'SIGKILL');
  await expect.poll(() => isRunning(first)).toBe(false);
  expect((await ensureForwarder({ id: ID, command: forwarder(), env })).pid).not.toBe(first.pid);
});

test('what one that was killed had started is ended too', async () => {
  const child = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', 'port-forward', 'x']);
    require('node:fs').writeFileSync(process.env.XDG_RUNTIME_DIR + '/child', String(child.pid));`;
  const first = await ensureForwarder({ id: ID, command: forwarder(child), env });
  const orphan = await processIdentity(Number(readFileSync(join(env.XDG_RUNTIME_DIR ?? '', 'child'), 'utf8')));
  expect(await isRunning(orphan)).toBe(true);
  process.kill(first.pid, 'SIGKILL');
  await expect.poll(() => isRunning(first)).toBe(false);
  expect(await isRunning(orphan)).toBe(true);
  await endForwarder(ID, env);
  await expect.poll(() => isRunning(orphan)).toBe(false);
});

test('what a forwarder says that gives up is in the error', async () => {
  const command = forwarder("console.error('ERROR: no way'); process.exit(1);");
  await expect(ensureForwarder({ id: ID, command, env })).rejects.toMatchObject({
    code: 'forward-failed',
    details: 'ERROR: no way',
  });
});

test('a program that is not there is an error too', async () => {
  await expect(ensureForwarder({ id: ID, command: ['/no/such/program'], env })).rejects.toMatchObject({
    code: 'forward-failed',
  });
});

test('one that does not come to forward in its time, which follows the factor, is ended', async () => {
  const pids = join(env.XDG_RUNTIME_DIR ?? '', 'pid');
  const program = `require('node:fs').writeFileSync('${pids}', String(process.pid)); setInterval(() => {}, 1000);`;
  const slow = { ...env, KINPOD_TIMEOUT_FACTOR: '0.05' };
  const start = ensureForwarder({ id: ID, command: [process.execPath, '-e', program], env: slow });
  await expect(start).rejects.toMatchObject({ code: 'forward-failed', cause: { message: /^waited 2s/ } });
  const pid = Number(readFileSync(pids, 'utf8'));
  await expect.poll(async () => isRunning(await processIdentity(pid)).catch(() => false)).toBe(false);
});

test('ended, nothing is left of it', async () => {
  const one = await ensureForwarder({ id: ID, command: forwarder(), env });
  const files = forwarderFiles(ID, env);
  await endForwarder(ID, env);
  await expect.poll(() => isRunning(one)).toBe(false);
  expect(await findForwarder(files)).toBeUndefined();
});

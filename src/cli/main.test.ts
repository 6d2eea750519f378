import { describe, expect, test, vi } from 'vitest';
import { KinpodError } from '../errors/kinpod-error.ts';
import { version } from '../version.ts';
import { defineCommand } from './command.ts';
import { runMain } from './testing/run-main.ts';

const probe = (run: Parameters<typeof defineCommand>[0]['run']) => [
  defineCommand({ path: ['probe'], summary: 'Probe', examples: [], run }),
];

describe('streams', () => {
  test.each([[['--version']], [['get', 'clusters', '--version']], [['create', '--version']], [['-q', '--version']]])(
    '%j prints the version on stdout',
    async (argv) => {
      expect(await runMain(argv)).toEqual({ code: 0, stdout: `kinpod version ${version().version}\n`, stderr: '' });
    },
  );

  test('help is data: it goes to stdout, and the exit code is 0', async () => {
    const asked = await runMain(['create', 'cluster', '--help']);
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(asked.stdout).toContain('Usage: kinpod create cluster [name] [flags]');
    expect(await runMain(['help', 'create', 'cluster'])).toEqual(asked);
    expect((await runMain([])).stdout).toContain('Usage: kinpod <command> [flags]');
  });

  test('what a handler says is on stderr, what it answers on stdout', async () => {
    const commands = probe(async ({ out }) => {
      out.status('talk');
      out.data('data');
    });
    expect(await runMain(['probe'], { commands })).toEqual({ code: 0, stdout: 'data\n', stderr: 'talk\n' });
    expect(await runMain(['probe', '-q'], { commands })).toEqual({ code: 0, stdout: 'data\n', stderr: '' });
    expect(await runMain(['-q', 'probe'], { commands })).toEqual({ code: 0, stdout: 'data\n', stderr: '' });
  });

  test('-v shows debug lines, wherever it stands', async () => {
    const commands = probe(async ({ common }) => common.progress.debug('details'));
    expect((await runMain(['probe'], { commands })).stderr).toBe('');
    for (const argv of [
      ['probe', '-v', '1'],
      ['-v', '1', 'probe'],
      ['probe', '-v=2'],
      ['probe', '--verbosity=1'],
    ]) {
      expect((await runMain(argv, { commands })).stderr).toBe('DEBUG: details\n');
    }
  });
});

describe('failures', () => {
  test('a failure names what, why and what to do, also with -q, and ends the open step as failed', async () => {
    const commands = probe(async ({ common }) => {
      common.progress.step('Preparing nodes 📦 ');
      throw new KinpodError('no such thing', { code: 'x', details: 'last seen: nothing', hint: 'try another' });
    });
    expect(await runMain(['probe'], { commands })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        ' • Preparing nodes 📦   ...\n ✗ Preparing nodes 📦 \n' +
        'ERROR: no such thing\n  last seen: nothing\n  do:  try another\n',
    });
    expect((await runMain(['probe', '-q'], { commands })).stderr).toMatch(/^ERROR: no such thing\n/);
  });

  test('the exit code is the error’s own', async () => {
    const commands = probe(async () => {
      throw new KinpodError('no', { code: 'x', exitCode: 7 });
    });
    expect((await runMain(['probe'], { commands })).code).toBe(7);
  });

  test('a bug shows its stack and asks for a report', async () => {
    const commands = probe(async () => {
      (undefined as unknown as { x(): void }).x();
    });
    const { code, stderr } = await runMain(['probe'], { commands });
    expect(code).toBe(1);
    expect(stderr).toContain('TypeError');
    expect(stderr).toContain('main.test.ts');
    expect(stderr).toContain('bug in kinpod');
  });

  test('no secret gets into what is printed', async () => {
    const commands = probe(async ({ out }) => {
      out.status('token: abcdef.0123456789abcdef');
      throw new KinpodError('failed', { code: 'x', details: 'client-key-data: c2VjcmV0' });
    });
    const { stderr } = await runMain(['probe'], { commands });
    expect(stderr).not.toMatch(/abcdef|c2VjcmV0/);
  });

  test('an interrupt is announced, the work ends in its own time, and no bug is reported', async () => {
    const stopping = new AbortController();
    const undone = vi.fn();
    const commands = probe(async ({ common }) => {
      common.progress.step('Starting control-plane 🕹️');
      stopping.abort();
      await new Promise((resolve) => setTimeout(resolve, 1));
      undone();
      common.signal.throwIfAborted();
    });
    const { code, stderr } = await runMain(['probe'], { commands, signal: stopping.signal });
    expect(code).toBe(1);
    expect(undone).toHaveBeenCalled();
    expect(stderr).toContain('interrupted: cleaning up (press Ctrl-C again to leave at once)\n');
    expect(stderr).toContain(' ✗ Starting control-plane 🕹️\nERROR: interrupted\n');
  });
});

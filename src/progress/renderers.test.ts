import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { chooseRenderer } from './choose-renderer.ts';
import type { RendererOptions } from './renderer.ts';
import { cut, elapsed, width } from './spinner.ts';
import { MemoryStream } from './testing/memory-stream.ts';

function renderer(options: Partial<RendererOptions> & { tty?: boolean } = {}) {
  const stream = new MemoryStream();
  stream.isTTY = options.tty ?? false;
  return { stream, progress: chooseRenderer({ stream, env: {}, quiet: false, verbosity: 0, ...options }) };
}

/** What a terminal of enough rows shows: `\r` and "clear line" are followed, colors are dropped. */
function screen(written: string): string {
  const rows = written.replaceAll(/\x1b\[\d*m/g, '').split('\n');
  return rows.map((row) => row.split('\x1b[2K').at(-1)?.replaceAll('\r', '')).join('\n');
}

describe('without a terminal', () => {
  test('steps are written as kind writes them', () => {
    const { stream, progress } = renderer();
    progress.info('Creating cluster "kind" ...');
    const first = progress.step('Ensuring node image (x) 🖼️');
    first.detail('pulling');
    first.done();
    progress.step('Preparing nodes 📦 ').fail();
    expect(stream.written()).toBe(
      'Creating cluster "kind" ...\n' +
        ' • Ensuring node image (x) 🖼️  ...\n ✓ Ensuring node image (x) 🖼️\n' +
        ' • Preparing nodes 📦   ...\n ✗ Preparing nodes 📦 \n',
    );
  });

  test('beginning a step ends the one before; a step ends once', () => {
    const { stream, progress } = renderer();
    const a = progress.step('a');
    const b = progress.step('b');
    a.fail();
    b.done();
    b.fail();
    progress.close(false);
    expect(stream.written()).toBe(' • a  ...\n ✓ a\n • b  ...\n ✓ b\n');
  });

  test('two steps of the same title are two steps', () => {
    const { stream, progress } = renderer();
    const first = progress.step('a');
    progress.step('a');
    first.fail();
    progress.close(true);
    expect(stream.written()).toBe(' • a  ...\n ✓ a\n • a  ...\n ✓ a\n');
  });

  test('what is still open when the work fails is marked as failed', () => {
    const { stream, progress } = renderer();
    progress.step('a');
    progress.close(false);
    progress.close(false);
    expect(stream.written()).toBe(' • a  ...\n ✗ a\n');
  });

  test('details are for -v', () => {
    const { stream, progress } = renderer({ verbosity: 1 });
    progress.step('a').detail('waiting for b');
    for (const look of ['x', 'x', 'y']) progress.waiting(look);
    progress.debug('c');
    progress.close(true);
    expect(stream.written()).toMatch(
      /^ • a {2}\.\.\.\nDEBUG: a: waiting for b\nDEBUG: waiting for x\nDEBUG: waiting for y\nDEBUG: c\n ✓ a\nDEBUG: a: took 0\.\d\ds\n$/,
    );
  });
});

test('with -q nothing is written', () => {
  const { stream, progress } = renderer({ quiet: true, tty: true });
  progress.step('a').done();
  progress.info('b');
  progress.warn('c');
  progress.close(false);
  expect(stream.written()).toBe('');
});

test('what is secret is taken out, whatever the renderer', () => {
  const redact = (text: string) => text.replaceAll('secret', '***');
  for (const tty of [true, false]) {
    const { stream, progress } = renderer({ tty, redact });
    progress.info('a secret');
    progress.step('step secret').detail('detail secret');
    progress.warn('b secret');
    progress.close(true);
    expect(stream.written()).not.toContain('secret');
  }
});

describe('on a terminal', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    [{ env: { NO_COLOR: '1' } }],
    [{ env: { NO_COLOR: '' } }],
    [{ env: { TERM: 'dumb' } }],
    [{ env: { TERM: 'st-256color' } }],
    [{ verbosity: 1 }],
  ])('%j: plain lines', (options) => {
    const { stream, progress } = renderer({ tty: true, ...options });
    progress.step('a').done();
    expect(stream.written()).toMatch(/^ • a {2}\.\.\.\n ✓ a\n(DEBUG: .*\n)?$/);
  });

  test('a running step shows its title, then the clock, and what is waited for', () => {
    const { stream, progress } = renderer({ tty: true });
    const step = progress.step('Starting control-plane 🕹️');
    expect(screen(stream.written())).toBe(' ⠋ Starting control-plane 🕹️');
    step.detail('API server');
    vi.advanceTimersByTime(65_000);
    expect(screen(stream.written())).toMatch(/^ \S Starting control-plane 🕹️ {2}1m05s {2}API server$/u);
    step.done();
    vi.advanceTimersByTime(1000);
    expect(screen(stream.written())).toBe(' ✓ Starting control-plane 🕹️  1m05s\n');
  });

  test('what is waited for is shown at whichever step is open', () => {
    const { stream, progress } = renderer({ tty: true });
    progress.waiting('nobody sees this');
    progress.step('a');
    progress.waiting('the node to be Ready (it is not)');
    vi.advanceTimersByTime(200);
    expect(screen(stream.written())).toMatch(/^ \S a {2}the node to be Ready \(it is not\)$/u);
  });

  test('a terminal that does not know its width is as wide as most', () => {
    const { stream, progress } = renderer({ tty: true });
    (stream as { columns?: number }).columns = 0;
    progress.step('Checking the host');
    expect(screen(stream.written())).toMatch(/^ \S Checking the host$/u);
  });

  test('a line in between stands above the running step', () => {
    const { stream, progress } = renderer({ tty: true });
    progress.step('a');
    progress.info('found b');
    progress.warn('c is low');
    expect(screen(stream.written())).toMatch(/^found b\nWARNING: c is low\n \S a$/u);
    progress.close(false);
    expect(screen(stream.written())).toBe(' ✗ a\n');
  });

  test('a detail that does not fit is cut, also one of several lines', () => {
    const { stream, progress } = renderer({ tty: true });
    progress.step('Building').detail(`${'x'.repeat(200)}\nmore`);
    vi.advanceTimersByTime(3000);
    const row = screen(stream.written());
    expect(row).toMatch(/x…$/);
    expect(width(row)).toBeLessThan(60);
  });
});

test.each([
  [0, '0s'],
  [59, '59s'],
  [60, '1m00s'],
  [605, '10m05s'],
])('%d seconds are shown as %s', (seconds, text) => {
  expect(elapsed(seconds)).toBe(text);
});

test.each([
  ['abc', 3],
  ['✓ ü', 3],
  ['📦', 2],
  ['🕹️', 2],
  ['⚖️', 2],
  ['日本', 4],
])('"%s" takes %d columns', (text, columns) => {
  expect(width(text)).toBe(columns);
});

test('cutting counts columns, not characters', () => {
  expect(cut('📦📦📦', 5)).toBe('📦📦…');
  expect(cut('abc', 3)).toBe('abc');
});

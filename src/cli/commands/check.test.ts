import { describe, expect, test, vi } from 'vitest';
import type { CheckReport, FixReport, Mendable } from '../../index.ts';
import type { Library } from '../command.ts';
import { runMain } from '../testing/run-main.ts';

describe('check', () => {
  const finding = { id: 'inotify', title: 'inotify limits', scope: 'run', status: 'warning', reason: 'few' } as const;
  const fix = { commands: [{ argv: ['sysctl', '-w', 'a=b'], asRoot: true }], text: 'sysctl -w a=b' };
  const report = { ok: false, provider: 'podman', results: [{ ...finding, fix }] } as unknown as CheckReport;
  const mended = { ...report, ok: true, results: [], attempts: [] } as unknown as FixReport;
  const library = {
    renderReport: () => 'the report',
    checkHost: vi.fn<Library['checkHost']>(async () => report),
    fixHost: vi.fn<Library['fixHost']>(async (found, options) => {
      await options?.confirm?.(found.results[0] as Mendable);
      return mended;
    }),
  };

  test('prints the report as data; the exit code is 1 where something is wrong', async () => {
    expect(await runMain(['check', '-q', '--for', 'run'], { library })).toEqual({
      code: 1,
      stdout: 'the report\n',
      stderr: '',
    });
    expect(library.checkHost).toHaveBeenLastCalledWith(expect.objectContaining({ scope: 'run' }));
    expect(JSON.parse((await runMain(['check', '-o', 'json'], { library })).stdout)).toMatchObject({ ok: false });
  });

  test('looks at a cluster instead where nodes are to be Pods of it', async () => {
    const checkOuterCluster = vi.fn(async () => ({ ...report, ok: true }) as never);
    const argv = ['check', '--provider', 'kubernetes', '--context', 'c', '--namespace', 'n', '--image', 'i', '-q'];
    expect(await runMain(argv, { library: { ...library, checkOuterCluster } })).toMatchObject({
      code: 0,
      stdout: 'the report\n',
    });
    expect(checkOuterCluster).toHaveBeenCalledWith(
      expect.objectContaining({ context: 'c', namespace: 'n', image: 'i' }),
    );
  });

  test('--fix --yes mends without asking, and reports what is then', async () => {
    expect(await runMain(['check', '--fix', '--yes', '-q'], { library })).toMatchObject({ code: 0 });
    expect(library.fixHost).toHaveBeenLastCalledWith(report, expect.objectContaining({ confirm: undefined }));
  });

  test('--fix asks, and where nobody can be asked it says how to agree', async () => {
    const { code, stderr } = await runMain(['check', '--fix'], { library });
    expect(code).toBe(1);
    expect(stderr).toContain('inotify limits: few\n');
    expect(stderr).toContain('sysctl -w a=b');
    expect(stderr).toContain('give --yes');
  });
});

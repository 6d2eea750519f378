import { expect, test } from 'vitest';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { CommandError, run } from '../../exec/run.ts';
import { explainBuildFailure } from './failures.ts';

const places = ['/home/u/.cache/kinpod', '/var/lib/containers/storage'];
const failed = (command: string, output: string) => new CommandError(command, 1, output, output, undefined);

test.each([
  ['Go', failed('go build', 'compile: writing output: write $WORK/b001/_pkg_.a: no space left on device')],
  ['podman', failed('podman pull', 'Error: writing blob: adding layer: ENOSPC')],
  [
    'apt',
    failed('mmdebstrap', "E: You don't have enough free space in /var/cache/apt/archives/.\nnot enough free space"),
  ],
  ['Node', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })],
])('a full disk is told as such when %s meets it', (_, error) => {
  const explained = explainBuildFailure(error, places);
  expect(explained).toBeInstanceOf(KinpodError);
  expect((explained as KinpodError).code).toBe('disk-full');
  expect((explained as KinpodError).hint).toContain('/var/lib/containers/storage');
});

test('a missing program is told with the command that installs it', async () => {
  const error = await run('mmdebstrap', [], { env: { PATH: '/nonexistent' } }).catch((e: unknown) => e);
  const explained = explainBuildFailure(error, places) as KinpodError;
  expect(explained.code).toBe('tool-missing');
  expect(explained.hint).toContain('apt-get install mmdebstrap');
});

test('a download that fails is told apart from a program that does not compile', () => {
  const download = failed('go build', 'go: k8s.io/api@v0.36.3: Get "https://…": dial tcp: lookup proxy: no such host');
  expect((explainBuildFailure(download, places) as KinpodError).code).toBe('download-failed');
  const compile = failed('go build', 'cmd/kubelet/app/server.go:42:2: undefined: foo');
  expect(explainBuildFailure(compile, places)).toBe(compile);
});

test('an abort stays one', () => {
  const abort = new DOMException('This operation was aborted', 'AbortError');
  expect(explainBuildFailure(abort, places)).toBe(abort);
});

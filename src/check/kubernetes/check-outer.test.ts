import { expect, test } from 'vitest';
import { KinpodError } from '../../errors/kinpod-error.ts';
import { CommandError, type RunResult } from '../../exec/run.ts';
import { checkOuter } from './check-outer.ts';
import type { OuterEdge } from './context.ts';

const FACTS = 'cgroup=v2\nown_cgroups=yes\nvxlan=yes\nveth=yes\noverlay=yes\nnat=yes\nfuse=yes\nmemory_kib=9000000\n';

/** An outer cluster in which everything is in order, but for what `answer` says. */
function outer(answer: (command: string) => Partial<RunResult> | undefined = () => undefined): OuterEdge {
  return {
    namespace: async () => 'ci',
    request: async (args, options) => {
      const command = args.slice(0, 2).join(' ');
      const rights = String(options?.input ?? '').split('SelfSubjectAccessReview').length - 1;
      const usual = args[0] === 'version' ? '{"serverVersion":{"gitVersion":"v1.36.3"}}' : 'true\n'.repeat(rights);
      return { stdout: usual, stderr: '', exitCode: 0, ...answer(command) };
    },
  };
}

const check = (edge: OuterEdge, look = async () => [{ node: 'a', output: FACTS }]) =>
  checkOuter({ outer: edge, context: 'staging', image: 'example/node:1', look });

test('all that nodes as Pods need is looked at', async () => {
  const report = await check(outer());
  expect(report).toMatchObject({ ok: true, provider: 'kubernetes', context: 'staging', namespace: 'ci' });
  expect(report.results.map(({ id }) => id)).toEqual([
    'outer-cluster',
    'outer-rights',
    'outer-view',
    'outer-pod-security',
    'outer-image',
    'outer-cgroups',
    'outer-vxlan',
    'outer-overlay',
    'outer-network',
    'outer-nat',
    'outer-inotify',
    'outer-memory',
    'outer-fuse',
  ]);
});

test('a cluster that does not answer is all that there is to say', async () => {
  const edge = outer();
  edge.request = async () => {
    throw new CommandError('kubectl version', 1, 'warning\nUnable to connect to the server: EOF', '', undefined);
  };
  const report = await check(edge);
  expect(report.ok).toBe(false);
  expect(report.results).toHaveLength(1);
  expect(report.results[0]?.reason).toBe('it does not answer: Unable to connect to the server: EOF');
});

test('no Pod is made where rights are missing', async () => {
  let looked = false;
  const edge = outer((command) => (command.startsWith('create --validate') ? { stdout: '' } : undefined));
  const report = await check(edge, async () => {
    looked = true;
    return [];
  });
  expect(report.ok).toBe(false);
  expect(looked).toBe(false);
});

test('an image that the cluster cannot have is told with what it said', async () => {
  const report = await check(outer(), async () => {
    throw new KinpodError('the Pod cannot run: ErrImagePull', {
      code: 'image-not-found',
      details: 'Pending: not found',
    });
  });
  expect(report.results.at(-1)).toMatchObject({
    id: 'outer-image',
    status: 'error',
    reason: 'no Pod of example/node:1 runs: Pending: not found',
  });
});

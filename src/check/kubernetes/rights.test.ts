import { expect, test } from 'vitest';
import type { RunResult } from '../../exec/run.ts';
import type { OuterContext } from './context.ts';
import { NEEDED, rightsOf } from './permissions.ts';
import { lookAtPodSecurity } from './pod-security.ts';
import { lookAtHelpfulRights, lookAtNeededRights } from './rights.ts';

/** An outer cluster that answers `kubectl VERB …` in this way. */
function outer(answer: (args: readonly string[], input: string) => Partial<RunResult>): OuterContext {
  return {
    namespace: 'ci',
    image: 'example/node:1',
    outer: {
      namespace: async () => 'ci',
      request: async (args, options) => ({
        stdout: '',
        stderr: '',
        exitCode: 0,
        ...answer(args, String(options?.input ?? '')),
      }),
    },
  };
}

const answers = (allowed: (right: string) => boolean, user = '') =>
  outer((args, input) => {
    if (args[0] === 'auth') return { stdout: user };
    const { items } = JSON.parse(input) as {
      items: { spec: { resourceAttributes: { verb: string; resource: string; subresource: string } } }[];
    };
    const lines = items.map(({ spec: { resourceAttributes: r } }) =>
      allowed(`${r.verb} ${r.resource}/${r.subresource}`),
    );
    return { stdout: lines.map((line) => `${line}\n`).join('') };
  });

test('with every right it is fine', async () => {
  expect(await lookAtNeededRights(answers(() => true))).toMatchObject({ status: 'ok' });
  expect(await lookAtHelpfulRights(answers(() => true))).toMatchObject({ status: 'ok' });
});

test('missing rights are named, with what an administrator runs for this account', async () => {
  const context = answers((right) => right !== 'create pods/exec', 'system:serviceaccount:ci:runner');
  const found = await lookAtNeededRights(context);
  expect(found).toMatchObject({ status: 'error', reason: 'missing in the namespace ci: create pods/exec' });
  expect(found.fix?.text).toMatch(/kubectl apply --namespace ci --filename \S+\/deploy\/rbac\.yaml\n/);
  expect(found.fix?.text).toContain(
    'create rolebinding kinpod-user --role kinpod --namespace ci --serviceaccount ci:runner',
  );
});

test('an API server that does not answer has refused', async () => {
  const found = await lookAtNeededRights(outer(() => ({})));
  expect(found.status).toBe('error');
  expect(rightsOf(NEEDED).length).toBeGreaterThan(20);
});

test('what only helps is a warning', async () => {
  const found = await lookAtHelpfulRights(answers(() => false, 'jane'));
  expect(found).toMatchObject({ status: 'warning' });
  expect(found.reason).toContain('list nodes; list servicecidrs.networking.k8s.io is not allowed');
  expect(found.fix?.text).toContain('--user jane');
});

const FORBIDDEN = 'Error from server (Forbidden): error when creating "STDIN": pods "x" is forbidden: ';

test.each([
  ['', 'ok', 'privileged Pods are taken in the namespace ci'],
  [
    `${FORBIDDEN}violates PodSecurity "baseline:latest": privileged (container "node" must not set …)`,
    'error',
    'the namespace ci takes only Pods of the level baseline, and nodes are privileged',
  ],
  [
    `${FORBIDDEN}exceeded quota: pods`,
    'error',
    `the cluster refuses a privileged Pod: ${FORBIDDEN}exceeded quota: pods`,
  ],
] as const)('of a Pod like a node the API server says "%s"', async (stderr, status, reason) => {
  const found = await lookAtPodSecurity(outer(() => ({ stderr, exitCode: stderr ? 1 : 0 })));
  expect(found).toMatchObject({ status, reason });
});

test('who may make no Pods at all is told so elsewhere', async () => {
  const stderr = `${FORBIDDEN}User "jane" cannot create resource "pods" in API group "" in the namespace "ci"`;
  expect(await lookAtPodSecurity(outer(() => ({ stderr, exitCode: 1 })))).toBeUndefined();
});

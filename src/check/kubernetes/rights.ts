import { join } from 'node:path';
import { assetsDir } from '../../exec/assets.ts';
import { commandLine } from '../../exec/command-line.ts';
import { type Finding, failure, ok, warning } from '../check.ts';
import { advice } from '../fixes.ts';
import type { OuterContext } from './context.ts';
import { describeRights, HELPFUL, NEEDED, type Right, reviews, rightsOf } from './permissions.ts';

/** Of the rights that are asked for, those that this user does not have. */
async function missingRights(
  { outer, signal }: Pick<OuterContext, 'outer' | 'signal'>,
  rights: readonly Right[],
  namespace: string | undefined,
): Promise<Right[]> {
  const { stdout } = await outer.request(
    ['create', '--validate=false', '--output', 'jsonpath={.status.allowed}{"\\n"}', '--filename', '-'],
    { input: JSON.stringify(reviews(rights, namespace)), signal },
  );
  const answers = stdout.split('\n');
  // What is not answered counts as refused: it says so where it then fails.
  return rights.filter((_, i) => answers[i] !== 'true');
}

/** Whether this user may do what nodes as Pods need, in the namespace. */
export async function lookAtNeededRights(context: OuterContext): Promise<Finding> {
  const { namespace } = context;
  const missing = await missingRights(context, rightsOf(NEEDED), namespace);
  if (missing.length === 0) return ok(`all that is needed in the namespace ${namespace}`);
  return failure(
    `missing in the namespace ${namespace}: ${describeRights(missing)}`,
    advice(await howToGive(context, 'rbac.yaml')),
  );
}

/** Whether this user may look at what saves kinpod from guessing. */
export async function lookAtHelpfulRights(context: OuterContext): Promise<Finding> {
  const missing = await missingRights(context, rightsOf(HELPFUL), undefined);
  if (missing.length === 0) return ok('nodes and the subnets of Services can be seen');
  return warning(
    `${describeRights(missing)} is not allowed: which networks the cluster has is guessed from addresses`,
    advice(await howToGive(context, 'rbac-look.yaml')),
  );
}

/** What an administrator of the outer cluster runs. */
async function howToGive({ outer, namespace, signal }: OuterContext, manifest: string): Promise<string> {
  const file = join(assetsDir(), 'deploy', manifest);
  const ofNamespace = manifest === 'rbac.yaml';
  const where = ofNamespace ? ['--namespace', namespace] : [];
  const apply = commandLine('kubectl', ['apply', ...where, '--filename', file]);
  const { exitCode, stdout } = await outer.request(
    ['auth', 'whoami', '--output', 'jsonpath={.status.userInfo.username}'],
    {
      allowFailure: true,
      signal,
    },
  );
  const who = exitCode === 0 && stdout ? subjectArgs(stdout) : ['--user', 'NAME'];
  const kind = ofNamespace
    ? ['rolebinding', 'kinpod-user', '--role', 'kinpod']
    : ['clusterrolebinding', 'kinpod-look-user', '--clusterrole', 'kinpod-look'];
  return [
    `as an administrator of that cluster: ${apply}`,
    commandLine('kubectl', ['create', ...kind, ...where, ...who]),
  ].join('\n');
}

/** `system:serviceaccount:ci:runner` is a service account, all else is a user. */
function subjectArgs(user: string): string[] {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return namespace && name ? ['--serviceaccount', `${namespace}:${name}`] : ['--user', user];
}

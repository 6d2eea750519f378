import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type Candidate, chooseMergePath, kubeconfigPaths } from './paths.ts';

describe('the kubeconfig files in question', () => {
  it.each([
    ['the one asked for, whatever the environment says', '/x', { KUBECONFIG: '/a:/b', HOME: '/h' }, ['/x']],
    ['those of $KUBECONFIG', undefined, { KUBECONFIG: '/a:/b', HOME: '/h' }, ['/a', '/b']],
    ['no empty and no repeated names', undefined, { KUBECONFIG: ':/a::/b:/a:' }, ['/a', '/b']],
    ['~/.kube/config without $KUBECONFIG', undefined, { HOME: '/h' }, ['/h/.kube/config']],
    ['~/.kube/config where $KUBECONFIG names nothing', undefined, { KUBECONFIG: ':', HOME: '/h' }, ['/h/.kube/config']],
    ['~/.kube/config where the target is empty', '', { HOME: '/h' }, ['/h/.kube/config']],
    ["the user's home without $HOME", undefined, {}, [`${homedir()}/.kube/config`]],
  ])('are %s', (_, target, env, expected) => {
    expect(kubeconfigPaths(target, env)).toEqual(expected);
  });
});

describe('the file of a list that takes an entry', () => {
  const file = (path: string, exists: boolean, hasEntry = false): Candidate => ({ path, exists, hasEntry });
  it.each<[string, [Candidate, ...Candidate[]], string]>([
    ['has it already', [file('a', true), file('b', true, true), file('c', true, true)], 'b'],
    ['else is the first that exists', [file('a', false), file('b', true), file('c', true)], 'b'],
    ['else is the last', [file('a', false), file('b', false)], 'b'],
  ])('%s', (_, candidates, expected) => {
    expect(chooseMergePath(candidates)).toBe(expected);
  });
});

import { expect, test } from 'vitest';
import { renderQuickstart } from './render-result.ts';

const result = {
  cluster: 'kind',
  found: { image: true, cluster: true, workload: true },
  answer: 'hello-1',
  seconds: 3.21,
};

test('says what answered and what to try next', () => {
  expect(renderQuickstart(result).split('\n')).toEqual([
    'The pod hello-1 of the cluster "kind" answered after 3.2 s.',
    '',
    'Try next:',
    '  kinpod kubectl -- get pods -A                         # all pods',
    '  kinpod kubectl -- port-forward service/hello 8080:80  # then open http://127.0.0.1:8080/hostname',
    '  kubectl --context kind-kind get nodes                 # with a kubectl of your own',
    '  kinpod delete cluster                                 # when done',
  ]);
});

test('names another cluster, and kinpod as the user called it', () => {
  const text = renderQuickstart({ ...result, cluster: 'ci' }, './kinpod');
  expect(text).toContain('./kinpod kubectl --name ci -- get pods -A');
  expect(text).toContain('kubectl --context kind-ci get nodes');
  expect(text).toContain('./kinpod delete cluster --name ci');
});

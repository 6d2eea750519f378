import { expect, test } from 'vitest';
import { judgeNodes, parseNodeFacts } from './node-facts.ts';

/** What images/nested/check.sh printed in a Pod of a kinpod cluster on a hybrid host, November 2026. */
const GOOD = `cgroup=hybrid
own_cgroups=yes
vxlan=yes
veth=yes
overlay=yes
nat=yes
fuse=yes
kernel=6.18.44
inotify_instances=512
inotify_watches=524288
memory_kib=18342192
`;

const judge = (...texts: string[]) =>
  Object.fromEntries(judgeNodes(texts.map((text, i) => parseNodeFacts(`n${i}`, text))).map((one) => [one.id, one]));

test('a node that has all it needs is fine', () => {
  const results = judge(GOOD);
  expect(Object.values(results).every((one) => one.status === 'ok')).toBe(true);
  expect(results['outer-cgroups']?.reason).toBe('hybrid');
  expect(results['outer-memory']?.reason).toBe('available on n0: 17.5 GiB');
});

test.each([
  ['vxlan', 'outer-vxlan', 'error'],
  ['overlay', 'outer-overlay', 'error'],
  ['own_cgroups', 'outer-cgroups', 'error'],
  ['fuse', 'outer-fuse', 'warning'],
] as const)('of nodes without %s it names those', (fact, id, status) => {
  const found = judge(GOOD, GOOD.replace(`${fact}=yes`, `${fact}=no`))[id];
  expect(found).toMatchObject({ status });
  expect(found?.reason).toMatch(/^n1: /);
  expect(found?.fix?.text).not.toBe('');
});

test('few inotify instances are a warning, with the command', () => {
  const found = judge(GOOD.replace('instances=512', 'instances=128'))['outer-inotify'];
  expect(found?.status).toBe('warning');
  expect(found?.fix?.text).toContain('fs.inotify.max_user_instances=512');
});

test('one node with memory is enough', () => {
  const poor = GOOD.replace('memory_kib=18342192', 'memory_kib=500000');
  expect(judge(poor)['outer-memory']?.status).toBe('warning');
  expect(judge(poor, GOOD)['outer-memory']?.status).toBe('ok');
});

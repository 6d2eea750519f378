import { getMaxListeners } from 'node:events';
import { expect, test } from 'vitest';
import { openSession } from './session.ts';

test('many commands at once may listen to the caller’s signal', async () => {
  const { signal } = new AbortController();
  await openSession({ signal, provider: 'podman' }).catch(() => {}); // There may be no engine here.
  expect(getMaxListeners(signal)).toBe(0);
});

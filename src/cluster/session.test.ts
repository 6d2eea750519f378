import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openSession } from './session.ts';

test('many commands at once may listen to the caller’s signal', async () => {
  const { signal } = new AbortController();
  await openSession({ signal, provider: 'podman' }).catch(() => {}); // There may be no engine here.
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.name);
  process.on('warning', note);
  try {
    for (let i = 0; i < 20; i += 1) signal.addEventListener('abort', () => {});
    await setImmediate();
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', note);
  }
});

import { expect, test } from 'vitest';
import { platformOf } from './runtime.ts';

test.each([
  ['x86_64\n', 'linux/amd64'],
  ['aarch64\n', 'linux/arm64'],
  ['s390x\n', 'linux/s390x'],
])('the platform of %j is %s', (machine, platform) => {
  expect(platformOf(machine)).toBe(platform);
});

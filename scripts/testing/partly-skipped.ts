import { describe, test } from 'vitest';
import { unless } from '../../test/support/unless.ts';

describe('a suite', unless(undefined), () => {
  test('runs', () => {});
  test('finds out', ({ skip }) => skip(true, 'a port is taken'));
});

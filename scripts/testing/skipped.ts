import { afterAll, beforeAll, describe, test } from 'vitest';
import { unless } from '../../test/support/unless.ts';

const fail = () => {
  throw new Error('nothing of what is skipped runs');
};

// All that a file has is skipped, so its hooks are too.
beforeAll(fail);
afterAll(fail);

describe('a suite', unless('kind is not here'), () => {
  beforeAll(fail);
  afterAll(fail);
  test('has a test', fail);
  describe('has a suite', () => {
    beforeAll(fail);
    test.each([1, 2])('with case %i', fail);
  });
});
describe.each([{ family: 'ipv6' }])('a suite of $family', unless('there is no IPv6'), () => {
  test('has a test', fail);
});
test('a test', unless('only root may'), fail);
test.skip('a silent test', fail);

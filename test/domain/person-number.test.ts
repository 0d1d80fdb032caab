import { isFault, parsePersonNumber } from '#domain';
import t from 'tap';

t.test('a synthetic person number with valid check digits is taken', async (t) => {
  t.equal(parsePersonNumber('01800012351') instanceof Object, false);
});

t.test('a wrong check digit is named without the number', async (t) => {
  const parsed = parsePersonNumber('01800012345');
  t.ok(isFault(parsed));
});

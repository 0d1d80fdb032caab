import t from 'tap';
import { listText } from '#domain';

t.test('a list is written as JSON.stringify writes it', async (t) => {
  const texts = [
    '',
    'use',
    'a b',
    '2026-11-21T12:00:00.000Z',
    '"',
    '\\',
    '\n',
    'use\n',
    'é',
    '\ud800',
    '\u2028',
    '910000000',
    'a,b',
    '"],["',
  ];
  const others = [0, true, null, undefined, {}, ['use'], { toJSON: () => 'x' }];
  t.equal(listText([]), '[]');
  for (const one of [...texts, ...others])
    for (const list of [[one], ['use', one], [one, 'use'], [one, one]]) t.equal(listText(list), JSON.stringify(list));
});

import { resolve } from 'node:path';
import t from 'tap';
import { Expected, integer, listOf, oneOf, optional, origin, path, type Reader, section, setting, text } from '#settings';

/** What the reader makes of it, or what it would have taken. */
const read = <T>(reader: Reader<T>, written: unknown): unknown => {
  try {
    return reader.read(written);
  } catch (error) {
    if (error instanceof Expected) return `must be ${error.message}`;
    throw error;
  }
};

t.test('a reader takes what its type says, from a file and from the environment', async (t) => {
  t.equal(read(text, 'a'), 'a');
  t.equal(read(path, 'a/../b'), resolve('b'));
  t.equal(read(path, '/a'), '/a');
  t.equal(read(integer(0, 9), 9), 9);
  t.equal(read(integer(0, 9), '0'), 0);
  t.equal(read(oneOf('a', 'b'), 'b'), 'b');
  t.same(read(listOf(text), 'a, b'), ['a', 'b']);
  t.same([read(listOf(text), ''), read(listOf(text), ['a']), read(listOf(text), '["a"]')], [[], ['a'], ['a']]);
  t.equal(read(listOf(text), 3), 'must be a list');
  t.equal(read(origin, 'https://a.example'), 'https://a.example');
  t.equal(read(origin, 'http://[::1]:80000'), 'must be an http(s) origin without a path, such as https://tilgang.example.no');
});

t.test('a reader says what it would have taken, and never what it was given', async (t) => {
  const odd = [
    '',
    'secret\n',
    '-1',
    '1.5',
    ' 1',
    '1 ',
    '+1',
    '01',
    '00',
    '0x1',
    '1_0',
    '１',
    '10',
    '1e0',
    'https://a.example/',
    'HTTPS://a.example',
    'ftp://a.example',
    'c',
    'A',
  ];
  const values = [...odd, undefined, null, true, 1.5, -1, 10, Number.NaN, {}, ['a'], { toString: () => 'a' }];
  const kinds = { integer: integer(0, 9), origin, word: oneOf('a', 'b') };
  for (const [kind, reader] of Object.entries(kinds) as [string, Reader<unknown>][]) {
    for (const value of values) {
      const told = read(reader, value);
      t.match(told, /^must be /, `${kind} ${String(JSON.stringify(value))}`);
      t.notMatch(told, 'secret');
    }
  }
  const told = 'must be a text that is not empty, without blanks around it';
  for (const value of ['', ' ', ' a', 'a\t', 'a\0b', 'a\nb', undefined, null, 1, [], {}]) {
    t.equal(read(text, value), told);
    t.equal(read(path, value), told);
  }
});

t.test('a default is read as if it were written, and an optional setting has none', async (t) => {
  const { settings, faults } = section('Test', {
    folder: setting(path, { fallback: './x', about: 'A folder.' }),
    count: setting(integer(1, 9), { fallback: 10, about: 'A count.' }),
    secret: optional(text, { otherwise: 'made', about: 'A secret.', isSecret: true }),
  });
  t.equal(settings.folder.fallback(), resolve('x'));
  t.equal(settings.folder.fallbackText, './x');
  t.throws(() => settings.count.fallback(), { message: 'a whole number from 1 to 9' }, 'a default that could not be written is found');
  t.equal(settings.secret.fallback(), undefined);
  t.match(settings, { folder: { isSecret: false }, secret: { isSecret: true, fallbackText: 'made', type: 'text' } });
  t.same(faults({ folder: '/x', count: 1, secret: undefined }), []);
});

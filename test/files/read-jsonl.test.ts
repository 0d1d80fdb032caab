import t from 'tap';
import { readRows } from '#files';
import { all, bytes, read } from './rows.js';

const MIXED = '\uFEFF{"a":"å","b":[1]}\r\n\r\n{"a":\r[1]\n5\nnull\n "x" \n{"a":1,"a":2}\n{"a":"\\u2028\\n\\\\u0000"}';
const MIXED_ROWS = [
  [1, { a: 'å', b: [1] }],
  [3, 'is not valid JSON'],
  [4, 'is no JSON object'],
  [5, 'is no JSON object'],
  [6, 'is no JSON object'],
  [7, 'is no JSON object'],
  [8, { a: 2 }],
  [9, { a: '\u2028\n\\u0000' }],
];

t.test('each line is an object or a fault, wherever the stream is cut', async (t) => {
  t.same(await read('jsonl', MIXED), MIXED_ROWS);
  for (let size = 1; size < 40; size += 1) t.same(await read('jsonl', MIXED, {}, size), MIXED_ROWS, `${size} bytes`);
  t.same(await read('jsonl', '\n\n'), []);
});

t.test('a line that is too long is a fault, is not held, and the next one is read', async (t) => {
  const exact = JSON.stringify({ a: 'å'.repeat(46) });
  t.equal(Buffer.byteLength(exact), 100);
  const longer = JSON.stringify({ a: `${'å'.repeat(46)}x` });
  for (const size of [1, 33, 5000])
    t.same(
      await read('jsonl', `${exact}\n${longer}\n${'z'.repeat(3000)}\n{"b":1}`, { maxLineBytes: 100 }, size),
      [
        [1, JSON.parse(exact)],
        [2, 'is longer than 100 bytes'],
        [3, 'is longer than 100 bytes'],
        [4, { b: 1 }],
      ],
      `in chunks of ${size}`,
    );
});

t.test('control characters, plain or escaped, are a fault', async (t) => {
  const lines = ['{"a":"\\u0000"}', '{"a":["\\b"]}', '{"a":"\\\\\\u001F"}', '{"\\u0085":1}', '{"a":"\x7f"}', '{"a":"\\t\\\\b"}'];
  t.same(await read('jsonl', lines.join('\n')), [...[1, 2, 3, 4, 5].map((line) => [line, 'has control characters']), [6, { a: '\t\\b' }]]);
});

t.test('a line cannot give fields a prototype, and depth is no crash', async (t) => {
  const [row, deep] = await all(
    readRows(bytes(`{"__proto__":{"polluted":1},"a":1}\n{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`), 'jsonl'),
  );
  t.equal(Object.getPrototypeOf(row?.fields), null);
  t.same(Object.keys(row?.fields ?? {}), ['__proto__', 'a']);
  t.notOk('polluted' in {});
  t.equal(deep?.line, 2);
});

t.test('a line of very many fields is a fault (fault 1)', async (t) => {
  const of = (count: number): string => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, 1])));
  t.match(await read('jsonl', `${of(65)}\n${of(64)}\n`), [
    [1, 'has more than 64 fields'],
    [2, { f63: 1 }],
  ]);
});

t.test('no more lines are read than asked for, blank ones among them (fault 2)', async (t) => {
  const beyond = [4, 'is beyond the 3 lines that are read, blank ones among them: send the rest in a file of its own'];
  t.same(await read('jsonl', '{}\n\n{}\n{}\n{}\n', { maxLines: 3 }), [[1, {}], [3, {}], beyond]);
  t.same(await read('jsonl', '{}\n\n{}\n', { maxLines: 3 }), [
    [1, {}],
    [3, {}],
  ]);
});

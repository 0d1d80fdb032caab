import t from 'tap';
import { type RowFormat, rowWriter } from '#files';
import { read } from './rows.js';

/** Repeatable: the same seed gives the same texts (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
const LETTERS = [
  "'",
  "'",
  '=',
  '+',
  '-',
  '@',
  '\t',
  '\r',
  '\n',
  ' ',
  '\u00A0',
  '"',
  '"',
  ',',
  ';',
  'a',
  'å',
  '＝',
  '\u2028',
  '\uFEFF',
  '😀',
  '1',
];

t.test('what is written is read back, whatever the texts', async (t) => {
  for (const format of ['csv', 'jsonl'] as RowFormat[])
    for (const columns of [['a'], ['a', 'b;c', '=d'], ["'e", 'f"', 'g', 'h']]) {
      const pick = random(columns.length);
      const all = Array.from({ length: 4000 }, () =>
        Object.fromEntries(columns.map((name) => [name, Array.from({ length: pick(7) }, () => LETTERS[pick(LETTERS.length)]).join('')])),
      );
      // In a table of texts a row of nothing but blanks is none.
      const rows = format === 'jsonl' ? all : all.filter((row) => Object.values(row).some((text) => text.trim() !== ''));
      const writer = rowWriter(format, columns);
      const found = (await read(format, writer.head + all.map(writer.line).join(''))).map((row) => (row as unknown[])[1]);
      t.same(found, rows, `${format} with ${columns.length} columns`);
    }
});

t.test('no text in CSV begins as a formula does', async (t) => {
  const { head, line } = rowWriter('csv', ['a', 'b']);
  t.equal(head, 'a,b\n');
  for (const text of ['=1', '+1', '-1', '@x', '\tx', '\rx', '  =1', "'=1", '＝1'])
    t.match(line({ a: text, b: [text] }), /^"?'[^,]*,"?'/, JSON.stringify(text));
  t.equal(line({ a: "'x", b: 'a=b' }), "'x,a=b\n");
  t.equal(line({ a: -5, b: true }), '-5,true\n', 'a number is no text');
});

t.test('lists are written with blanks between, absent values empty, and objects not at all', async (t) => {
  const { line } = rowWriter('csv', ['a', 'b', 'c', 'd']);
  t.equal(line({ a: ['use', 'admin'], b: undefined, c: null, e: 'not a column' }), 'use admin,,,\n');
  t.equal(line({ a: 'x,y', b: 'x"y', c: 'x\ny', d: 'x;y' }), '"x,y","x""y","x\ny","x;y"\n');
  t.equal(rowWriter('csv', ['a']).line({}), '""\n', 'no blank line');
  t.throws(() => line({ a: {} }), TypeError);
});

t.test('a line of JSONL is one line to every reader', async (t) => {
  const { head, line } = rowWriter('jsonl', ['a', 'b']);
  t.equal(head, '');
  t.equal(line({ b: ['x'], a: 'x\n\u2028\u2029', c: 1 }), '{"a":"x\\n\\u2028\\u2029","b":["x"]}\n');
});

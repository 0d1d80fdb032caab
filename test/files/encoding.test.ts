import t from 'tap';
import { readRows } from '#files';
import { all, bytes, read } from './rows.js';

const NOT_UTF8 = 'has bytes that are not UTF-8: save the file as UTF-8, or say charset=iso-8859-1';

t.test('bytes that are not UTF-8 are a fault of their line', async (t) => {
  const text = Buffer.from('a,b\nBlåbær,1\nok,2\nø', 'latin1');
  for (const size of [1, 2, 100])
    t.same(await read('csv', text, {}, size), [
      [2, NOT_UTF8],
      [3, { a: 'ok', b: '2' }],
      [4, NOT_UTF8],
    ]);
  t.same(await read('jsonl', Buffer.from('{"a":"å"}\n{"a":1}', 'latin1')), [
    [1, NOT_UTF8],
    [2, { a: 1 }],
  ]);
  t.same(await read('jsonl', Buffer.from('{"a":"å"}').subarray(0, 7)), [[1, NOT_UTF8]], 'a letter that the end cuts');
});

t.test('a file is read in the charset that is said, unless its byte order mark says UTF-8', async (t) => {
  const text = Buffer.concat([Buffer.from('a;b\nÆØÅæøå;', 'latin1'), Buffer.from([0x80])]);
  for (const charset of ['iso-8859-1', 'windows-1252'] as const) {
    t.same(await read('csv', text, { charset }, 1), [[2, { a: 'ÆØÅæøå', b: '€' }]]);
    t.same(await read('csv', '\uFEFFa\nå', { charset }, 1), [[2, { a: 'å' }]]);
  }
  t.same(await read('csv', 'a', { charset: 'iso-8859-1' }), []);
});

t.test('UTF-16 is one fault', async (t) => {
  const little = Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le');
  for (const content of [little, Buffer.from(little).swap16()])
    for (const format of ['csv', 'jsonl'] as const)
      for (const size of [1, 100]) t.same(await read(format, content, {}, size), [[1, 'is UTF-16: save the file as UTF-8']]);
});

t.test('an error of the source is thrown on, after the rows before it', async (t) => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* bytes('a\n1\n2\n');
    throw new Error('unplugged');
  }
  const rows: number[] = [];
  await t.rejects(async () => {
    for await (const { line } of readRows(broken(), 'csv')) rows.push(line);
  }, /unplugged/);
  t.same(rows, [2, 3]);
});

t.test('nothing is read ahead of what is asked for, and the source is closed with the rows', async (t) => {
  let given = 0;
  let isClosed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        given += 1;
        yield Buffer.from('{"a":1}\n');
      }
    } finally {
      isClosed = true;
    }
  }
  for await (const { line } of readRows(source(), 'jsonl')) {
    t.equal(given, line);
    if (line === 5) break;
  }
  t.ok(isClosed);
  t.same(await all(readRows(bytes(''), 'jsonl')), []);
});

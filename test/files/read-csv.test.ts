// Alone: it compares how much memory the process holds, which what ran before could give back meanwhile.
import t from 'tap';
import { readRows } from '#files';
import { all, bytes, read } from './rows.js';

const MIXED = '\uFEFF"app";"na;me"; c \r\n\r\nå1;"x ""y"";\r\nz";\r\n  \n2;3\n"4" ;5 ; "6"\r7;8;9';
const MIXED_ROWS = [
  [3, { app: 'å1', 'na;me': 'x "y";\r\nz', c: '' }],
  [6, 'has 2 fields where the header has 3'],
  [7, { app: '4', 'na;me': '5', c: '6' }],
  [8, { app: '7', 'na;me': '8', c: '9' }],
];

t.test('the separator is found in the header, also between quoted names', async (t) => {
  for (const separator of [',', ';', '\t']) {
    const others = ',;\t'.replace(separator, '');
    const text = `"a${others}${others}${others}"${separator}b\n1${separator}"2${separator}"\n${separator}\t\n3${separator}`;
    const rows = await read('csv', text);
    t.same(rows[0], [2, { [`a${others}${others}${others}`.trim()]: '1', b: `2${separator}` }], JSON.stringify(separator));
    t.same(rows.at(-1), [4, { [`a${others}${others}${others}`.trim()]: '3', b: '' }]);
  }
  t.same(await read('csv', 'a\n1\n2'), [
    [2, { a: '1' }],
    [3, { a: '2' }],
  ]);
});

t.test('byte order mark, all line ends, blank lines and quoted separators, quotes and line breaks are read', async (t) => {
  t.same(await read('csv', MIXED), MIXED_ROWS);
});

t.test('the rows are the same wherever the stream is cut', async (t) => {
  for (let size = 1; size < Buffer.byteLength(MIXED); size += 1) t.same(await read('csv', MIXED, {}, size), MIXED_ROWS, `${size} bytes`);
});

t.test('a broken line is a fault of that line only', async (t) => {
  const text = 'a,b\n1,2\n1,2,3\n5" pipe,2\n"x"y,2\n"" "z,2\n\0,2\n\u0085,1\n3,4\n"5\n,6';
  t.same(await read('csv', text), [
    [2, { a: '1', b: '2' }],
    [3, 'has 3 fields where the header has 2'],
    [4, 'has a quotation mark that neither begins nor ends a field: double it, and put the field in quotes'],
    [5, 'has a quotation mark that neither begins nor ends a field: double it, and put the field in quotes'],
    [6, 'has a quotation mark that neither begins nor ends a field: double it, and put the field in quotes'],
    [7, 'has control characters'],
    [8, 'has control characters'],
    [9, { a: '3', b: '4' }],
    [10, 'opens a quote that is not closed'],
  ]);
  t.same(await read('csv', 'a,b\n"1\n2\n3",4,5\n6,7'), [
    [2, 'has 3 fields where the header has 2 (lines 2 to 4)'],
    [5, { a: '6', b: '7' }],
  ]);
});

t.test('a header that cannot be used is the one fault', async (t) => {
  for (const [text, why] of [
    ['a,b,a\n1,2,3\n', /names a column twice/],
    ['a,b, a \n1,2,3\n', /names a column twice/],
    ['a,,c\n1,2,3\n', /without a name/],
    ['a,b\uFFFD\n1,2\n', /not UTF-8/],
    ['a,b"\n1,2\n', /quotation mark/],
    ['a,"b\n1,2\n', /not closed/],
    [`a,${'b'.repeat(70_000)}\n1,2\n`, /longer than 65536 bytes/],
  ] as const) {
    const rows = await read('csv', text);
    t.equal(rows.length, 1, why.source);
    t.match(rows, [[1, why]]);
  }
  t.same(await read('csv', ''), []);
  t.same(await read('csv', '\uFEFF'), []);
  t.same(await read('csv', '\r\n\n'), []);
  t.same(await read('csv', 'a,b'), []);
});

t.test('a column may be called like what every object has', async (t) => {
  const [row] = await all(readRows(bytes('__proto__,constructor,b\n1,2,3\n'), 'csv'));
  t.same(Object.entries(row?.fields ?? {}), [
    ['__proto__', '1'],
    ['constructor', '2'],
    ['b', '3'],
  ]);
  const [other] = await all(readRows(bytes('b\n1\n'), 'csv'));
  t.notOk('constructor' in (other?.fields ?? { constructor: 1 }));
  t.equal(Object.getPrototypeOf({}), Object.prototype);
  t.notOk('b' in {});
});

t.test('a record that is too long is a fault, and the next one is read', async (t) => {
  const long = 'x'.repeat(100);
  const options = { maxLineBytes: 100 };
  for (const size of [7, 1000]) {
    t.same(
      await read(
        'csv',
        `a,b\n${long},1\n"${long}","\n2",3\n"${'y\n'.repeat(60)}",4\n5,${'å'.repeat(49)}\n6,${'å'.repeat(50)}\n7,8`,
        options,
        size,
      ),
      [
        [2, 'is longer than 100 bytes'],
        [3, 'is longer than 100 bytes, or opens a quote that is not closed'],
        [5, 'is longer than 100 bytes, or opens a quote that is not closed'],
        [66, { a: '5', b: 'å'.repeat(49) }],
        [67, 'is longer than 100 bytes'],
        [68, { a: '7', b: '8' }],
      ],
      `in chunks of ${size}`,
    );
  }
});

t.test('a quote that is never closed costs 30 MB of file, not of memory', async (t) => {
  for (const piece of ['x'.repeat(64 * 1024), 'some,text\n'.repeat(6554), '""'.repeat(32 * 1024)]) {
    const chunk = Buffer.from(piece);
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a,b\n1,2\n"3,4');
      for (let i = 0; i < 480; i += 1) yield chunk;
    }
    const before = process.memoryUsage().rss;
    let peak = before;
    const started = performance.now();
    const rows: unknown[] = [];
    for await (const { line, fields } of readRows(source(), 'csv')) {
      rows.push([line, fields]);
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    peak = Math.max(peak, process.memoryUsage().rss);
    t.match(rows, [
      [2, { a: '1', b: '2' }],
      [3, { detail: /^is longer than 65536 bytes, or opens a quote that is not closed$/ }],
    ]);
    t.equal(rows.length, 2);
    t.ok(performance.now() - started < 10_000, 'soon done');
    t.ok(peak - before < 120e6, `${Math.round((peak - before) / 1e6)} MB more`);
  }
});

t.test('hostile files of 1 MB are soon read', async (t) => {
  const times = (count: number, text: string): string => text.repeat(count);
  for (const [name, text] of [
    ['line breaks in quotes', times(15, `"${times(60_000, '\n')}",1\n`)],
    ['a stray quote in every line', times(100_000, 'a"b,1,2\n')],
    ['an opened quote in every other line', times(100_000, '1,2,"\n')],
    ['blanks before quotes', times(15, `${times(60_000, ' ')}"x",1\n`)],
    ['text after the quote in every line', times(100_000, '"a"b,1,2\n')],
  ] as const) {
    const started = performance.now();
    let count = 0;
    for await (const _ of readRows(bytes(`a,b\n${text}`, 65_536), 'csv')) count += 1;
    const seconds = (performance.now() - started) / 1000;
    t.ok(count > 0 && seconds < 15, `${name}: ${count} rows in ${seconds.toFixed(1)} s`);
  }
});

t.test('an apostrophe before a formula is taken away, any other stays', async (t) => {
  const rows = await read('csv', "a,b\n'=1+1,'- x\n'abc,'\n''@x,=1");
  t.same(rows, [
    [2, { a: '=1+1', b: '- x' }],
    [3, { a: "'abc", b: "'" }],
    [4, { a: "'@x", b: '=1' }],
  ]);
});

t.test('a row that is blank in every field is none, whatever separators, quotes and blanks it is made of (fault 17)', async (t) => {
  const text = 'a;b\n;\n" ";\n;""\n \t;  \n1;\n;;;;\n;2\n"\n";\n';
  t.same(await read('csv', text), [
    [6, { a: '1', b: '' }],
    [8, { a: '', b: '2' }],
  ]);
  t.same(await read('csv', ';;\n\n;\na;b\n1;2\n'), [[5, { a: '1', b: '2' }]], 'before the header too');
});

t.test('what Excel leaves around a table is understood: a line sep=; and separators at the end (fault 17)', async (t) => {
  const rows = [[3, { 'a,x': '1', b: '2' }]];
  for (const first of ['sep=;', 'SEP=;', '"sep=;"']) t.same(await read('csv', `${first}\r\na,x;b\r\n1;2\r\n`), rows, first);
  t.same(await read('csv', 'sep=\t\na\tb\n1\t2\n'), [[3, { a: '1', b: '2' }]]);
  t.same(await read('csv', 'a;b;;\n1;2;;\n3;4\n5;6;;;;\n7;8;x\n9\n'), [
    [2, { a: '1', b: '2' }],
    [3, { a: '3', b: '4' }],
    [4, { a: '5', b: '6' }],
    [5, 'has 3 fields where the header has 2'],
    [6, 'has 1 fields where the header has 2'],
  ]);
  t.match(await read('csv', 'a;;b\n1;2;3\n'), [[1, /without a name/]], 'a name that is missing in between is a fault');
});

t.test('a header of very many columns is the one fault (fault 1)', async (t) => {
  const names = Array.from({ length: 65 }, (_, i) => `c${i}`);
  t.match(await read('csv', `${names.join(',')}\n1\n`), [[1, /more than 64 columns/]]);
  t.equal((await read('csv', `${names.slice(1).join(',')}\n${names.slice(1).join(',')}\n`)).length, 1);
});

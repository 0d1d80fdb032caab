import t from 'tap';
import { compareTerms, parseJson, RegoNumber, RegoObject, RegoSet, readRego, type Term, writeJson, writeRego } from '#policy';

t.test('a term is written as OPA prints it, and read again as it was', (t) => {
  const texts = [
    'null',
    'true',
    '"a\\"\\\\\\n\\u0001é😀"',
    '1.50',
    '1e400',
    '36893488147419103234',
    '-0.0',
    '[]',
    '{}',
    'set()',
    '{1, 2.5, "a", [null], {"k": {false}}}',
    '{null: 1, 2: [], "a": {}, [1]: set(), {"x": 1}: 2, {3}: 4}',
    '{"__proto__": {"constructor": 1}}',
  ];
  for (const text of texts) t.equal(writeRego(readRego(text)), text);
  t.equal(writeRego(readRego(' { "b":1 , "a" : { 2,1,2.0 } } ')), '{"a": {1, 2}, "b": 1}', 'in order, each once');
  t.end();
});

t.test('numbers that modules write, and JSON does not have, are numbers', (t) => {
  for (const [text, read] of Object.entries({ '.0': '0.0', '-.5': '-0.5', '1.': '1', '[.0]': '[0.0]', '{.5, 0}': '{0, 0.5}' })) {
    t.equal(writeRego(readRego(text)), read);
  }
  t.end();
});

t.test('what is no term is a SyntaxError, however deep it is', (t) => {
  for (const text of ['', '{', '[1', '{1: 2, 3}', '{1, 2: 3}', '"a', '"a" "b"', '1 2', 'nul', '-', '.', '{,}', '[1,]', 'set(']) {
    t.throws(() => readRego(text), SyntaxError, text);
  }
  t.throws(() => readRego('['.repeat(1e6)), SyntaxError);
  t.throws(() => parseJson('{1}'), SyntaxError, 'a set is no JSON');
  t.throws(() => parseJson('.5'), SyntaxError);
  t.end();
});

t.test("terms stand in Rego's order", (t) => {
  const ordered =
    'null false true -1e400 -2 -1.5 0 1e-400 1 1.5 2 9007199254740992 9007199254740993 1e400 "" "B" "a" "\ufb01" "😀" [] [1] [1,2] [2] {} {"a":1} {"a":2} {"b":0} set() {1} {1,2} {2}';
  const terms = ordered.split(' ').map((text) => readRego(text));
  for (const [i, one] of terms.entries()) {
    for (const [j, other] of terms.entries()) {
      const order = Math.sign(compareTerms(one, other));
      if (order !== Math.sign(i - j)) t.fail(`${writeRego(one)} and ${writeRego(other)} compare as ${order}`);
    }
  }
  for (const [one, other] of [
    ['1', '1.0'],
    ['100', '1e2'],
    ['0', '-0.0'],
    ['{1: 2}', '{1.0: 2.0}'],
  ] as const) {
    t.equal(compareTerms(readRego(one), readRego(other)), 0, `${one} is ${other}`);
  }
  t.end();
});

t.test('keys and members that are equal are one, those that are not are two (threat 20)', (t) => {
  t.equal(RegoSet.of(['1', '1.0', '10e-1'].map((text) => new RegoNumber(text))).size, 1);
  const alike = [
    '"a"',
    '["a"]',
    '{"a"}',
    '{"a": null}',
    '["a", "b"]',
    '["a\\",\\"b"]',
    '[["a"], "b"]',
    '[["a", "b"]]',
    'null',
    '"null"',
    '1',
    '"1"',
    '"1e1"',
  ];
  t.equal(RegoSet.of(alike.map((text) => readRego(text))).size, alike.length);
  const object = RegoObject.of([
    [new RegoNumber('1'), 'number'],
    ['1', 'text'],
    ['__proto__', 'plain'],
  ]);
  t.equal(object.get(new RegoNumber('1.0')), 'number');
  t.equal(object.get('1'), 'text');
  t.equal(object.get('__proto__'), 'plain');
  t.equal(object.get('constructor'), undefined);
  t.end();
});

t.test('JSON is written as OPA writes it: sets in order, keys as texts, numbers as they are', (t) => {
  const cases: [string, string][] = [
    ['{3, 1, 2}', '[1,2,3]'],
    ['{{1: "x"}: [1.50, 1e400], "b": set()}', '{"b":[],"{\\"1\\":\\"x\\"}":[1.50,1e400]}'],
    ['{1: "number", "1": "text"}', '{"1":"text"}'],
  ];
  for (const [rego, json] of cases) t.equal(writeJson(readRego(rego)), json);
  const text = '{"a":[1.50,1e400,9007199254740993,"\\u0000"]}';
  t.equal(writeJson(parseJson(` ${text} `)), text);
  t.equal(writeRego('\ud800a'), '"\ufffda"', 'half a character is none');
  t.equal(writeRego('\\ud800'), '"\\\\ud800"', 'and what looks like one is a text');
  t.end();
});

t.test('a number tells what fits 64 bits, and its exact whole value', (t) => {
  const number = (text: string): RegoNumber => new RegoNumber(text);
  t.equal(number('9223372036854775807').int64, 2n ** 63n - 1n);
  for (const text of ['9223372036854775808', '1e2', '1.5', '36893488147419103234']) t.equal(number(text).int64, undefined, text);
  t.equal(number('-2.00').int64, -2n, 'zeros behind a point are none');
  t.equal(number('1.20e3').whole, 1200n);
  t.equal(number('36893488147419103234.0').whole, 36893488147419103234n);
  for (const text of ['1.5', '1e-1', '1e999999999']) t.equal(number(text).whole, undefined, text);
  t.throws(() => RegoNumber.of(Number.NaN), TypeError);
  const terms: Term[] = [RegoNumber.of(2n ** 70n), RegoNumber.of(0.1)];
  t.equal(writeJson(terms), '[1180591620717411303424,0.1]');
  t.end();
});

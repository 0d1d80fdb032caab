import t from 'tap';
import { BuiltinError, BuiltinHalt, type Evaluation, loadBuiltins, RegoNumber, readRego, type Term, writeJson } from '#policy';

const { ownBuiltins } = await loadBuiltins();

const evaluation: Evaluation = { nowNs: 1_800_000_000_000_000_000n, once: (_key, make) => make() };

const termOf = (value: unknown): Term => readRego(JSON.stringify(value));

/** What it answers; `undefined` where it has no value, `halts` where the evaluation fails: there OPA may go on for long. */
function answer(name: string, ...args: readonly unknown[]): Term | undefined {
  try {
    return ownBuiltins[name]?.(args.map(termOf), evaluation);
  } catch (cause) {
    if (cause instanceof BuiltinError) return undefined;
    if (cause instanceof BuiltinHalt) return 'halts';
    throw cause;
  }
}

t.test('a pattern that takes a backtracking engine for ever is answered as soon as any other (threat 11)', async (t) => {
  const text = `${'a'.repeat(5000)}!`;
  t.equal(answer('regex.find_n', '(a+)+$', text, -1)?.toString(), '');
  t.equal(answer('regex.globs_match', `${'.*'.repeat(200)}c`, `${'.*'.repeat(200)}d`), false);
  t.equal(answer('regex.globs_match', '[a-c]*b*'.repeat(300), '[b-d]*b*'.repeat(300)), true);
  t.equal(answer('regex.replace', 'a'.repeat(10_000), 'a', 'b'.repeat(10_000)), 'halts', 'a text that would grow to 100 MB');
  t.equal(
    answer('json.match_schema', ['{'.repeat(3000)], { items: { format: 'uri-template' } })
      ?.toString()
      .startsWith('false'),
    true,
  );
});

t.test(
  'what would be read without end fails the evaluation, and is not undefined, which "not" would let pass: aliases, references to themselves, depth, loops',
  async (t) => {
    const names = 'abcdefghij';
    const bomb = [...names]
      .map(
        (name, i) =>
          `${name}: &${name} [${Array(10)
            .fill(i === 0 ? 'x' : `*${names[i - 1]}`)
            .join()}]`,
      )
      .join('\n');
    t.equal(answer('yaml.unmarshal', bomb), 'halts');
    t.equal(answer('yaml.unmarshal', '&a [*a]'), undefined);
    t.equal(answer('yaml.is_valid', '['.repeat(100_000)), 'halts');
    t.equal(answer('json.match_schema', ['x'], { items: { $ref: '#/items' } }), 'halts');
    const tree = { allOf: [{ $ref: '#/definitions/t' }, { $ref: '#/definitions/t' }] };
    t.equal(answer('json.match_schema', {}, { ...tree, definitions: { t: tree } }), 'halts');
    t.equal(answer('graphql.parse_query', `${'{a'.repeat(5000)}${'}'.repeat(5000)}`), 'halts');
    t.equal(answer('graphql.schema_is_valid', `type Query { a: ${'['.repeat(5000)}Int${']'.repeat(5000)} }`), 'halts');
    t.equal(
      answer('strings.render_template', '{{range .l}}{{range $.l}}{{range $.l}}{{.}}{{end}}{{end}}{{end}}', { l: Array(200).fill('x') }),
      'halts',
    );
    t.equal(answer('strings.render_template', `${'{{if 1}}'.repeat(5000)}${'{{end}}'.repeat(5000)}`, {}), 'halts');
  },
);

t.test('a schema reaches for nothing: no address, no file (threat 33)', async (t) => {
  for (const $ref of ['http://169.254.169.254/latest', 'https://example.com/schema.json', 'file:///etc/passwd']) {
    t.equal(answer('json.match_schema', {}, { $ref }), undefined, $ref);
    t.match(
      String(answer('json.verify_schema', { $ref })),
      /^false,jsonschema: (remote reference loading disabled|Reference .* must be canonical)/,
    );
  }
});

t.test('bytes that are no certificate, key or token are no answer, whatever is wrong with them (threat 12)', async (t) => {
  const names = [
    'crypto.x509.parse_certificates',
    'crypto.x509.parse_certificate_request',
    'crypto.parse_private_keys',
    'io.jwt.decode',
    'crypto.x509.parse_rsa_private_key',
  ];
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed;
  };
  for (let round = 0; round < 300; round += 1) {
    const bytes = Buffer.from(Array.from({ length: random() % 60 }, () => random() % 256));
    // So that it begins as DER does.
    const der = Buffer.concat([Buffer.from([0x30, random() % 130, 0x30, random() % 130]), bytes]);
    const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    for (const name of names) for (const text of [der.toString('base64'), pem]) answer(name, text);
    answer('io.jwt.verify_es256', `${der.toString('base64url')}.e30.${der.toString('base64url')}`, pem);
  }
  t.equal(answer('crypto.x509.parse_certificates', 'MIAAAA=='), undefined, 'an indefinite length');
  t.equal(
    answer('crypto.x509.parse_certificates', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).toString('base64')),
    undefined,
    'four gigabytes',
  );
});

t.test('arguments of any kind make a built-in undefined, never fail the evaluation', async (t) => {
  const odd: Term[] = [
    null,
    true,
    'x',
    '',
    new RegoNumber('1e400'),
    new RegoNumber('-1'),
    [],
    ['x'],
    termOf({}),
    termOf({ a: { b: [1] } }),
  ];
  const groups = /^(?:regex|glob|crypto|io\.jwt|providers|graphql|yaml|strings\.render|json\.(?:match|verify)_schema|re_match)/;
  for (const [name, builtin] of Object.entries(ownBuiltins).filter(([one]) => groups.test(one))) {
    for (const a of odd) {
      for (const b of odd) {
        try {
          builtin([a, b, b, a], evaluation);
        } catch (cause) {
          if (!(cause instanceof BuiltinError)) t.fail(`${name}: ${cause}`);
        }
      }
    }
  }
});

t.test('a limit of ours never passes for undefined, which `not` would let pass (threat 16)', (t) => {
  const deep = `${'['.repeat(3000)}${']'.repeat(3000)}`;
  t.equal(answer('json.match_schema', deep, '{}'), 'halts');
  t.equal(answer('units.parse', `1e${200_000}`), 'halts');
  t.equal(answer('units.parse_bytes', '1'.repeat(100_001)), 'halts');
  t.equal(answer('json.patch', {}, Array(2001).fill({ op: 'add', path: '/a', value: 1 })), 'halts');
  t.end();
});

t.test('names of JavaScript are no kinds of keys and no algorithms', (t) => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (alg: string): string => `${part({ alg })}.${part({})}.AA`;
  for (const alg of ['HSconstructor', 'RSconstructor', 'none', 'HS__proto__'])
    t.same(writeJson(answer('io.jwt.decode_verify', token(alg), { secret: 'x' }) as Term), '[false,{},{}]', alg);
  t.equal(answer('io.jwt.verify_rs256', token('RS256'), JSON.stringify({ kty: 'constructor' })), undefined);
  t.same(answer('crypto.parse_private_keys', '-----BEGIN constructor-----\nAAAA\n-----END constructor-----\n'), []);
  t.end();
});

t.test('what repeats itself is searched once', (t) => {
  const ends = (count: number) => '\n-----END X-----'.repeat(count);
  const many = (count: number) => Array<string>(count).fill('a');
  const seconds = (run: () => unknown): number => {
    const begun = process.cpuUsage();
    run();
    return process.cpuUsage(begun).user / 1e6;
  };
  // Quadratic, each would take a minute.
  t.ok(seconds(() => answer('crypto.parse_private_keys', ends(60_000))) < 5);
  t.ok(seconds(() => t.equal(answer('object.subset', many(100_000), [...many(50_000), 'b']), false)) < 5);
  t.equal(answer('object.subset', [...many(9), 'b'], [...many(3), 'b']), true);
  t.equal(answer('object.subset', ['a', 'b', 'a', 'b', 'c'], ['a', 'b', 'c']), true);
  t.equal(answer('object.subset', ['a', 'b'], ['b', 'a']), false);
  t.equal(answer('object.subset', [], []), true);
  t.end();
});

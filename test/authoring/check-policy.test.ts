import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkPolicy, type Finding } from '#authoring';
import { folderOf, opaOfSuite, root, SEARCH_RULE, shipped } from './policy-folder.js';

const schema = readFileSync(shipped.schema, 'utf8');
const opa = await opaOfSuite();
const check = (folder: string) => checkPolicy(opa, folder, shipped.schema);
const shown = ({ kind, rule, at }: Finding): string => `${at?.row ?? '-'} ${kind} ${rule}`;

const DATA = {
  closed: { '301': true },
  numbers: [301],
  number: 301,
  names: { a: '301' },
  deep: { '301': { open: true } },
};
const MODULE = `${SEARCH_RULE}
import data.closed as shut
import data.application as own

n1 if data.closed[301]
n2 if not data.closed[data.number]
n3 if { some n in data.numbers; not data.closed[n] }
n4 if not data.deep[count(input.grants)].open
n5 if {
	[hour, _, _] := time.clock(time.now_ns())
	not shut[hour]
}
n6 if not data.closed[_hour]
n7 if not data.closed[own._hour]
n8 if {
	x := {"k": 1}
	some key, _ in {1: 2}
	data.closed[x.k]
	data.closed[key]
}
n9 := [1 | not data.closed[floor(1.5)]]
n10 if every i, _ in [1] { not data.closed[i] }
n11 := $"{data.closed[301]}"
_hour := 7
n12(key) if not data.closed[key]
n13 if n12(floor(2.5))

u1(key) if data.closed[key]
u2 if { some x in data.application.thing; data.closed[x] }

f1 if data.closed["301"]
f2 if data.closed[sprintf("%v", [301])]
f3 if data.closed[input.grants[0].konsument]
f4 if { some k; data.closed[k] }
f5 if data.closed[_]
f6 if data.closed[data.names.a]
f7 if data.numbers[0]
f8 if { whole := data.closed; whole[301] }
f9 if { some i, _ in data.numbers; data.numbers[i] }
f10 if data.nowhere[301]
f11 if { some key, _ in data.closed; data.closed[key] }
f12(key) if data.closed[key]
f13 if own.f12(input.grants[0].konsument)

w1 if n1 with input.context.time.x as 1
w2 if n1 with input.grants as [] with input.context.time as "x"
w3 if n1 with input as null with input.grants as []
w4 if n1 with input as {"grants": {}} with input.grants.x as 1
w5 if n1 with data.closed["301"] as false

i1 := format_int(2147483648, 10)
i2 := format_int(2147483647, 10)
i3 := format_int(count(input.grants), 10)

j1 := json.unmarshal("1")
j2 if json.is_valid("1")

# METADATA
# title: x
h1[input.action.name] := 1
# METADATA
# title: y
h2[name] := 1 if name := input.action.name
h3[input.action.name] := 1
`;

t.test('what the module does otherwise than OPA is found where it stands, and nothing else is', async (t) => {
  const lines = MODULE.split('\n');
  const row = (name: string): number =>
    lines.findIndex((line) => line.startsWith(`${name} `) || line.startsWith(`${name}(`) || line.startsWith(`${name}[`)) + 1;
  const folder = folderOf(t, { 'application.rego': MODULE, 'data.json': JSON.stringify(DATA), 'schemas/access-input.json': schema });
  const expected = [
    ...['n1', 'n2', 'n3', 'n4'].map((name) => `${row(name)} fault number-key`),
    `${row('n5') + 2} fault number-key`,
    ...['n6', 'n7'].map((name) => `${row(name)} fault number-key`),
    ...[3, 4].map((further) => `${row('n8') + further} fault number-key`),
    ...['n9', 'n10', 'n11', 'n12'].map((name) => `${row(name)} fault number-key`),
    ...['u1', 'u2'].map((name) => `${row(name)} warning number-key`),
    ...['w1', 'w3'].map((name) => `${row(name)} fault with-under-scalar`),
    `${row('i1')} fault format-int`,
    `${row('i3')} warning format-int`,
    ...['j1', 'j2'].map((name) => `${row(name)} warning trailing-text`),
    `${row('h1')} fault reference-in-head`,
  ];
  t.same((await check(folder)).map(shown), expected);
});

t.test("the gateway's own policies give no alarm", async (t) => {
  const found = await check(join(root, 'policies/tilgang'));
  t.same(
    found.map(({ rule }) => rule),
    ['no-entrypoint'],
  );
});

t.test('what no gateway could load is told with its place', async (t) => {
  const cases: readonly (readonly [files: Record<string, string>, told: RegExp])[] = [
    [{ 'application.rego': `${SEARCH_RULE}\nx := ` }, /^application\.rego:7 fault rego-parse-error/],
    [
      {
        'application.rego': SEARCH_RULE.replace('package', '# METADATA\n# schemas:\n#   - input: schema["access-input"]\npackage').replace(
          'input.grants',
          'input.grant',
        ),
      },
      /^application\.rego:8 fault rego-type-error undefined ref: input\.grant\b/,
    ],
    [{ 'application.rego': 'package application\n\nsearch := []\n' }, /^- fault no-entrypoint .*METADATA with `entrypoint: true`/],
    [{ 'application.rego': 'package other\n\nsearch := []\n' }, /^- fault no-entrypoint .*no rule `search`/],
    [
      {
        'application.rego': `${SEARCH_RULE}\nmore if rego.parse_module("x", "y")\n`
          .replace('some grant', 'more\n\tsome grant')
          .replace('if more', 'if {\n\tmore')
          .replace('input.grants\n', 'input.grants\n}\n'),
      },
      /^application\.rego:10 fault unknown-built-in .*rego\.parse_module/,
    ],
    [
      { 'application.rego': SEARCH_RULE, 'data.json': '{"application": {"search": 1}}' },
      /^application\.rego:5 fault rego-compile-error conflicting rule/,
    ],
  ];
  for (const [files, told] of cases) {
    const folder = folderOf(t, { ...files, 'schemas/access-input.json': schema });
    const found = (await check(folder)).filter(({ kind }) => kind === 'fault');
    t.ok(found.length > 0, String(told));
    const [first] = found.map(({ rule, message, at }) => `${at === undefined ? '-' : `${at.file}:${at.row}`} fault ${rule} ${message}`);
    t.match(first, told);
  }
});

t.test('a folder without Rego, and a schema that is not that of the program, are told', async (t) => {
  await t.rejects(check(folderOf(t, { 'x.txt': '' })), { slug: 'authoring-refused', message: /holds no file of Rego/ });
  const old = await check(folderOf(t, { 'application.rego': SEARCH_RULE, 'schemas/access-input.json': '{}' }));
  t.same(old.map(shown), ['- warning schema']);
});

import { loadBuiltins } from '#policy';
import { type Cases, hostBuiltins, type Outcome } from './opa-cases.js';

const { builtinGroups } = await loadBuiltins();

/** Where an answer is not OPA's, or what bounds it. */
const REMARKS: Readonly<Record<string, string>> = {
  'crypto.x509.parse_and_verify_certificates':
    'A chain in which a certificate demands an explicit policy does not verify: policies are not followed (OPA follows them).',
  'crypto.x509.parse_and_verify_certificates_with_options': 'As without options.',
  'crypto.x509.parse_certificates': 'More than 32 certificates fail the evaluation.',
  'graph.reachable_paths': 'More than 100 000 paths fail the evaluation.',
  'graphql.parse_query': 'More than 4000 tokens, or more than 200 levels, fail the evaluation.',
  'graphql.parse_schema': 'More than 100 000 tokens, or more than 200 levels, fail the evaluation.',
  'hex.decode': 'Bytes that are no UTF-8 become U+FFFD, as in all texts.',
  'io.jwt.decode_verify': 'A JWK whose `x5c` or private `d` is broken is taken for what else it says (OPA: no key).',
  'io.jwt.encode_sign': 'A JWK as `io.jwt.decode_verify` takes it.',
  'json.match_schema':
    'No remote `$ref` and no file is read (OPA reads both), only the drafts 6 and 7 themselves (OPA knows draft 4 so too). A schema that refers to itself without end fails the evaluation (OPA’s program ends). Comments and groups in an address of `email` are not taken.',
  'json.patch':
    'Where an operation has moved the elements of an array, the next one sees their new places, as RFC 6902 says (OPA: the old ones). Removing the whole document is undefined (OPA’s program ends). More than 2000 operations fail the evaluation.',
  'json.verify_schema': 'As `json.match_schema`. Texts of faults in URIs are shorter.',
  'net.cidr_expand': 'More than 65 536 addresses (a /16) fail the evaluation.',
  'net.cidr_merge': 'IPv4-mapped networks of IPv6, and merging from 0.0.0.0 or `::` on, are right (OPA’s program ends).',
  'numbers.range_step': 'More than 1 000 000 numbers fail the evaluation.',
  'opa.runtime': 'Always `{}`: no policy sees the environment or the configuration.',
  'rand.intn': 'The same through one evaluation.',
  'regex.replace':
    'A text that grows beyond 16 million characters fails the evaluation. Two groups of one name are no expression (OPA: they are).',
  'semver.compare': 'Numbers of a pre-release compare exactly, however long (OPA stops at 64 bits).',
  sprintf: 'A text of more than 16 MiB fails the evaluation. `%p` of a number of more than 64 bits shows no address.',
  'strings.render_template':
    'Templates that are defined and called by name fail the evaluation, and so do more than 500 000 steps. `%d` of a number of the input writes it (OPA, which has a text there, complains).',
  'time.format': 'Zones are those of Go; `Local` is the zone of the gateway.',
  'time.now_ns': 'The same through one evaluation; milliseconds are the finest that the clock tells.',
  trace: 'True; the note goes nowhere.',
  'units.parse': 'A number of more than 100 000 digits, or an exponent beyond that, fails the evaluation (OPA: undefined beyond 999 999).',
  'units.parse_bytes': 'As `units.parse`.',
  'uuid.rfc4122': 'The same through one evaluation, for the same argument.',
  'yaml.unmarshal':
    'More than 200 000 characters, or 200 000 values with those that aliases repeat, fail the evaluation. Lists in brackets that go on at the start of a line are no YAML, `!!timestamp` is not read (OPA: both are). An escape of half a pair of surrogates becomes U+FFFD.',
};

/** What nobody serves, and why. */
export const UNSERVED: Readonly<Record<string, string>> = {
  'http.send': 'Off, and refused when the bundle is loaded, unless the operator allows hosts by name.',
  'net.lookup_ip_addr': 'Off, and refused when the bundle is loaded, unless the operator allows hosts by name.',
  'rego.parse_module': 'Refused when the bundle is loaded: it needs a parser of Rego, and a policy that is running has none.',
};

/** Those that policies which run apart get where the operator allows hosts. */
const REACHING: readonly string[] = ['http.send', 'net.lookup_ip_addr'];

/** Cases that fail, each with its reason: in all of them it is the compiled module, not the host. */
export const EXPECTED: Readonly<Record<string, string>> = {
  'data/nested integer':
    'A number is no key of text-keyed data in the module: `data.nested[2]` does not find `"2"`. Under `not` this lets pass.',
  'data/toplevel integer': 'The same: `data[2]` does not find `"2"`.',
  'jsonbuiltins/unmarshal number beyond the supported exponent is undefined':
    'The module’s own `json.unmarshal` reads any exponent; OPA’s is undefined where the number has more than 100 000 bits.',
  'jsonbuiltins/unmarshal number with too big an exponent is undefined':
    'The module’s own `json.unmarshal` reads any exponent; OPA’s is undefined where the number has more than 100 000 bits.',
  'strings/format_int: bignum exact (>64-bit integer, all bases + negative)':
    'The module’s own `format_int` fails the evaluation beyond 32 bits.',
};

/** `docs/built-ins.md`, from a run of all cases. */
export function builtInsPage(cases: Cases, outcomes: readonly Outcome[], version: string): string {
  const host = hostBuiltins(cases);
  const native = cases.builtins.filter((name) => !host.includes(name)).sort();
  const passed = outcomes.filter(({ failure }) => failure === undefined).length;
  return `<!-- Generated from a run of OPA's cases (test/policy/conformance.test.ts) by \`make built-ins\`; change it there. -->
# Built-in functions

Any Rego that OPA ${version} compiles to WebAssembly runs here. OPA has ${cases.builtins.length} built-in functions: ${host.length} of them a compiled module asks its host
for, the others it brings. Of OPA's own policy cases, ${outcomes.length} have the form \`data.x = y\` and compile to WebAssembly; **${passed} of them pass**,
those that fail are listed below. \`make test\` runs them all and compares this page; without Go they are skipped, and it says so.

A built-in that fails makes the expression that called it undefined, as in OPA. What is said below to fail the evaluation gives the caller
\`evaluation-failed\`: neither a yes nor a no. Built-ins work on Rego's own values: sets, keys of any kind, and numbers with the text that they have.

## Served by the host

| Built-in | Served by | OPA's cases | Remarks |
| --- | --- | --- | --- |
${host.map((name) => rowOf(name, outcomes)).join('\n')}

A case counts for every built-in that it names; – where OPA has none.

## Brought by the module

${native.map((name) => `\`${name}\``).join(', ')}.

## Cases that fail

| Case | Why |
| --- | --- |
${[...Object.entries(EXPECTED), ...unservedCases(outcomes)].map(([note, reason]) => `| ${cell(note)} | ${cell(reason)} |`).join('\n')}

## What a compiled module does otherwise than OPA

No host can mend these; \`tilgang policy check\` looks for the first, and inputs of the gateway never hold a number where a key is meant.

- A number finds no text key: with \`{"301": true}\` in \`data.closed\`, OPA finds \`data.closed[301]\`, the module does not. \`not data.closed[input.x]\` then
  **lets pass** what it should stop. Write \`data.closed[sprintf("%v", [input.x])]\`, or \`format_int\`.
- \`x with input.a as 1\` where \`input\` is no object is undefined, or fails the evaluation.
- \`format_int\` beyond 32 bits fails the evaluation.
- \`json.unmarshal\` reads the beginning of \`1 2\` as 1, and any exponent.
`;
}

function rowOf(name: string, outcomes: readonly Outcome[]): string {
  const group = Object.entries(builtinGroups).find(([, table]) => Object.hasOwn(table, name))?.[0];
  const about = outcomes.filter((outcome) => outcome.case.calls.includes(name));
  const passed = about.filter(({ failure }) => failure === undefined).length;
  const count = about.length === 0 ? '–' : `${passed} of ${about.length}`;
  const nobody = REACHING.includes(name) ? '`openOutside`' : 'nobody';
  const served = group === undefined ? nobody : `\`${group}.ts\``;
  return `| \`${name}\` | ${served} | ${count} | ${cell(UNSERVED[name] ?? REMARKS[name] ?? '')} |`;
}

function unservedCases(outcomes: readonly Outcome[]): [string, string][] {
  return outcomes
    .filter(({ failure, case: { note } }) => failure !== undefined && !Object.hasOwn(EXPECTED, note))
    .map(({ failure, case: { note } }) => [note, `${failure}.`]);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

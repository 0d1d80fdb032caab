import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import {
  type DescribedApi,
  type DescribedOperation,
  describedApis,
  type GoodValues,
  readDescription,
} from '../../fixtures/described-apis.js';
import { runGateway, temporaryFolder } from '../../fixtures/gateway.js';

// Against one that does not end (as forks.py has it): how long it takes says more of what else the machine does.
const WITHIN_MS = 600_000;
const python = join(process.cwd(), '.tools/schemathesis/bin/python');
/** Where hypothesis keeps its tables of all characters, which take it two seconds to make; it keeps nothing else there, for it has no database. */
const UNICODE_TABLES = join(process.cwd(), 'build/hypothesis');
if (!existsSync(python)) throw new Error('schemathesis is not installed: run `make schemathesis`');

const [HOOKS, FORKS] = ['hooks.py', 'forks.py'].map((name) => join(process.cwd(), 'test/http/schemathesis', name)) as [string, string];

// Not among them: positive_data_acceptance, since a schema cannot tell which eleven digits are a person number;
// object_level_authorization, which needs two identities that make objects: test/http/access-matrix.test.ts tries that.
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'allow_header_conformance',
  'use_after_free',
  'ensure_resource_availability',
  'ignored_auth',
];
// RFC 9110 §13.1.1 and RFC 6585 §3: a precondition that fails, and one that is missing.
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  negative_data_rejection: ['expected-statuses = [400, 401, 403, 404, 405, 406, 409, 411, 412, 413, 414, 415, 422, 428, 431]'],
  missing_required_header: ['expected-statuses = [400, 401, 403, 415, 428]'],
};
const PHASES = ['examples', 'coverage', 'fuzzing', 'stateful'];
/** `make fuzz` tries all; a run of all tests half of the chains of requests, and what hooks.py leaves. */
const isWhole = process.env['FUZZ_WHOLE'] !== undefined;
/** Operations (`operationId`) that only the whole brings to success: a part has used up what they need. The access matrix does so too, and asks without a token. */
const ONLY_WHOLE = ['giveDelegation', 'slettLogo'];

/** Of its report in JSON, what is looked at here. */
interface Report {
  readonly complete: boolean;
  readonly operations: { readonly total: number; readonly tested: number; readonly errored: number; readonly skipped: number };
  readonly phases: Readonly<Record<string, { readonly status: string; readonly skip_reason: string | null }>>;
  readonly failures: readonly { readonly title: string; readonly operations: readonly string[] }[];
  readonly errors: readonly unknown[];
  readonly test_cases: { readonly generated: number };
}
/** What hooks.py writes. */
interface Tally {
  /** The status of each answer, by `<method> <path>`. */
  readonly answered: Readonly<Record<string, readonly number[]>>;
  /** The names of the checks that were made. */
  readonly checks: readonly string[];
}

/** The numbers of persons do not belong in the output of a test run. */
const masked = (text: string): string => text.replace(/[0-9]{11}/g, '<eleven digits>');

/** JSON's strings are TOML's, as far as what stands in the table goes. */
const toml = (value: unknown): string => JSON.stringify(value);

/**
 * A random id leads nowhere but to 404. Own ids therefore stand in every request, also in place of what a link of the
 * stateful phase found, so not those that the API makes itself; unknown ones are tried in access-matrix.test.ts.
 * Those that it makes are good values like those of other parameters: mixed with generated ones.
 */
function configurationOf({ ids, unfitChecks }: DescribedApi, goodValues: GoodValues): string {
  const good = Object.entries(goodValues);
  return [
    '[cache]',
    'enabled = false',
    // An example is what the description shows. Else each is also sent to everything that answers have named: one seven hundred times.
    '[phases.examples.extra-data-sources]',
    'responses = false',
    '[phases.stateful]',
    'max-steps = 5',
    `generation.max-examples = ${isWhole ? 30 : 15}`,
    // Chosen here: what the command line says of checks stands above what is said of one operation.
    '[checks]',
    'enabled = false',
    ...CHECKS.flatMap((check) => [`[checks.${check}]`, 'enabled = true', ...(EXPECTED[check] ?? [])]),
    ...good.flatMap(([name, values]) => [`[dictionaries.${toml(name)}]`, `values = ${toml(values)}`]),
    '[parameters]',
    ...Object.entries(ids)
      .filter(([, { isMade }]) => !isMade)
      .map(([name, { own }]) => `${toml(`path.${name}`)} = ${toml(own)}`),
    ...good.map(([name]) => `${toml(name)} = { dictionary = ${toml(name)}, probability = 0.8 }`),
    ...unfitChecks.flatMap(({ check, operationId, reason }) => [
      '[[operations]]',
      `# ${reason}`,
      `include-operation-id = ${toml(operationId)}`,
      `checks.${check}.enabled = false`,
    ]),
    '',
  ].join('\n');
}

/** Loads schemathesis once for all files of this process; the answers are lines. */
function startForks() {
  // Of the environment only what a program needs: a proxy must not come between, nor another's configuration.
  const made = { HYPOTHESIS_STORAGE_DIRECTORY: UNICODE_TABLES, SCHEMATHESIS_HOOKS: HOOKS, FUZZ_WHOLE: process.env['FUZZ_WHOLE'] };
  const env = { ...made, PATH: process.env['PATH'], LANG: 'C.UTF-8', NO_PROXY: '*', PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(python, [FORKS], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.stdin.end());
  return { stdin: child.stdin, answers: createInterface(child.stdout)[Symbol.asyncIterator]() };
}
let forks: ReturnType<typeof startForks> | undefined;

async function run(folder: string, args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  forks ??= startForks();
  forks.stdin.write(`${JSON.stringify({ folder, args })}\n`);
  const { value, done } = await forks.answers.next();
  if (done === true) throw new Error('the process that runs schemathesis has ended');
  return { code: Number(value), output: readFileSync(join(folder, 'output.txt'), 'utf8') };
}

/** Random cases for each operation: an API with many of them has fewer for each, so that none costs much more than another. */
const examplesOf = (operations: number): number => Math.max(5, Math.min(20, Math.round(200 / operations)));

function argumentsOf(base: string, servedAt: string, token: string, examples: number): readonly string[] {
  return [
    ...['run', `${base}${servedAt}`, '--url', base, '--header', `Authorization: Bearer ${token}`],
    ...['--phases', PHASES.join(), '--max-examples', String(examples), '--generation-deterministic', '--no-shrink'],
    // More workers than one are no faster (one interpreter lock), and parse Python beside each other, which Python 3.11
    // ends at times with `SystemError: AST constructor recursion depth mismatch`.
    ...['--workers', '1', '--request-timeout', '10', '--continue-on-failure', '--no-color', '--warnings', 'off'],
    ...['--report', 'json', '--report-json-path', 'report.json'],
  ];
}

function assertWhole(
  t: Test,
  { isUnlinked }: DescribedApi,
  report: Report,
  { checks }: Tally,
  operations: readonly DescribedOperation[],
): void {
  t.same([report.complete, report.errors, report.failures], [true, [], []], 'it came to its end, without faults');
  const { length } = operations;
  t.match(report.operations, { total: length, tested: length, errored: 0, skipped: 0 }, 'every operation was tested');
  for (const phase of PHASES) {
    const { status, skip_reason } = report.phases[phase] ?? {};
    // An API of one operation has nothing to go on to.
    t.ok(
      status === 'success' || (phase === 'stateful' && (length === 1 || isUnlinked) && skip_reason === 'not_applicable'),
      `phase ${phase}`,
    );
  }
  t.same(
    CHECKS.filter((name) => !checks.includes(name)),
    [],
    'every check was made',
  );
}

function assertReached(t: Test, api: DescribedApi, tally: Tally, operations: readonly DescribedOperation[]): void {
  for (const { method, path, operationId, isOpen } of operations) {
    const answered = tally.answered[`${method} ${path}`] ?? [];
    t.ok(answered.length >= 3, `${operationId} was asked ${answered.length} times`);
    // Only what has done its work is tried without a good token.
    if (api.hardToReach.includes(operationId) || (!isWhole && ONLY_WHOLE.includes(operationId))) continue;
    t.ok(
      answered.some((status) => status >= 200 && status < 300),
      `${operationId} has done its work`,
    );
    t.ok(isOpen || answered.includes(401), `${operationId} was asked without a good token`);
  }
}

/** Has schemathesis try every operation of an API of the table, on a gateway of its own: what it destroys, no other needs. */
export function fuzz(name: keyof typeof describedApis): void {
  t.setTimeout(WITHIN_MS + 60_000);
  t.test(`schemathesis finds nothing wrong with ${name}, and has tried every operation`, { timeout: WITHIN_MS + 20_000 }, async (t) => {
    const gateway = await runGateway(t, { lookUpsPerMinute: 1e6, refusalsPerMinute: 1e6 });
    const api = await (describedApis[name] as (typeof describedApis)[string])(gateway);
    const { base, servedAt, operations } = readDescription(api);
    // What it leaves (reports) goes with the folder.
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'schemathesis.toml'), configurationOf(api, await api.goodValues()));
    const { code, output } = await run(
      folder,
      argumentsOf(`${gateway.origin}${base}`, servedAt, await gateway.tokenOf(api.holder), examplesOf(operations.length)),
    );
    if (!t.equal(code, 0, 'schemathesis ends well')) {
      t.comment(masked(output));
      return;
    }
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
    const tally = JSON.parse(readFileSync(join(folder, 'tally.json'), 'utf8')) as Tally;
    assertWhole(t, api, report, tally, operations);
    assertReached(t, api, tally, operations);
    const answers = Object.values(tally.answered).flat().length;
    t.comment(`told: ${name}: ${answers} cases of schemathesis, ${isWhole ? 'all' : 'a part: make fuzz tries all'}`);
  });
}

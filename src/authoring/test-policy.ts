import { present } from '#domain';
import { type Bundle, loadBundle } from '#policy';
import { ProblemError } from '#problem';
import { buildBundle } from './build.js';
import { openPolicyFolder } from './folder.js';
import type { Location } from './lint/syntax.js';
import { type Opa, saidBy } from './opa.js';
import { refused } from './refused.js';

/** One test, run twice. */
export interface TestedCase {
  /** Such as `application_test.test_a_grant_is_found`, with the case behind it where the test has several. */
  readonly name: string;
  readonly at: Location;
  readonly opa: Verdict;
  /** The same by the module, in the engine that judges. */
  readonly module: Verdict;
}

/** How a test went. */
export type Verdict = 'passed' | 'failed' | 'error' | 'skipped';

/** What all tests of a folder gave. */
export interface TestReport {
  readonly cases: readonly TestedCase[];
  /** Of what failed in OPA: the expressions at which it did, with the values that were there. */
  readonly failures?: string;
  /** Why the module could not be asked at all. */
  readonly moduleFault?: string;
}

/** Whether everything passed in both. */
export function isPassed({ cases, moduleFault }: TestReport): boolean {
  return (
    moduleFault === undefined &&
    cases.every(({ opa, module }) => [opa, module].every((verdict) => verdict === 'passed' || verdict === 'skipped'))
  );
}

interface OpaTest {
  readonly location: Location;
  /** Such as `data.application_test`. */
  readonly package: string;
  readonly name: string;
  readonly fail?: boolean;
  readonly skip?: boolean;
  readonly error?: unknown;
  readonly sub_results?: SubResults;
}
type SubResults = Readonly<Record<string, { readonly fail?: boolean; readonly sub_results?: SubResults }>>;

/**
 * Runs the tests of a folder in OPA, and the same rules through the engine: what passes in OPA is not yet what the gateway answers.
 * @throws ProblemError `authoring-refused` if OPA cannot run them, or there is none
 */
export async function testPolicy(opa: Opa, path: string): Promise<TestReport> {
  const folder = await openPolicyFolder(path);
  const run = await opa.run(['test', '-b', '--format', 'json', '.'], path);
  const tests = run.isDone || run.stdout !== '' ? testsIn(run.stdout) : undefined;
  if (tests === undefined) throw refused(`opa test: ${saidBy(run)}`);
  const told = present({ failures: tests.some(({ fail }) => fail === true) ? await failuresIn(opa, path) : undefined });
  if (tests.length === 0) throw refused('there is no test: a rule in a file …_test.rego whose name begins with test_ is one');
  const asked = tests.filter(({ skip }) => skip !== true);
  try {
    const bundle =
      asked.length === 0 ? undefined : await loadBundle(await buildBundle(opa, folder, { testRules: asked.map(entrypointOf) }));
    return { cases: tests.flatMap((test) => casesOf(test, bundle)), ...told };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { cases: tests.flatMap((test) => casesOf(test, undefined)), ...told, moduleFault: error.message };
  }
}

/** What was there and what was expected: OPA draws that for a person only, so it is asked once more. */
async function failuresIn(opa: Opa, path: string): Promise<string | undefined> {
  const { stdout } = await opa.run(['test', '-b', '--var-values', '.'], path);
  const drawn = /^FAILURES\n-+\n([\s\S]*?)(?:^(?:SUMMARY\n)?-{20,}$|(?![\s\S]))/m.exec(stdout)?.[1];
  return drawn
    ?.replace(/: FAIL \([^)]*\)$/gm, '')
    .replace(/[\t ]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** What stands on standard output when tests were run, whether or not they passed. */
function testsIn(stdout: string): readonly OpaTest[] | undefined {
  try {
    const tests = JSON.parse(stdout === '' ? 'null' : stdout) as readonly OpaTest[] | null;
    return tests ?? [];
  } catch {
    return undefined;
  }
}

function entrypointOf(test: OpaTest): string {
  return `${test.package.replace(/^data\./, '').replaceAll('.', '/')}/${test.name}`;
}

function casesOf(test: OpaTest, bundle: Bundle | undefined): readonly TestedCase[] {
  const { location, skip, error, fail, sub_results: parts } = test;
  const name = `${test.package.replace(/^data\./, '')}.${test.name}`;
  const at = { file: location.file, row: location.row, col: location.col };
  if (skip === true) return [{ name, at, opa: 'skipped', module: 'skipped' }];
  const answer = bundle === undefined ? ERROR : answerOf(bundle, entrypointOf(test));
  const verdict = (value: unknown): Verdict => (answer === ERROR ? 'error' : value === true ? 'passed' : 'failed');
  if (error !== undefined) return [{ name, at, opa: 'error', module: verdict(answer) }];
  if (parts === undefined) return [{ name, at, opa: fail === true ? 'failed' : 'passed', module: verdict(answer) }];
  return leavesOf(parts).map(([path, isFailed]) => ({
    name: [name, ...path].join(' / '),
    at,
    opa: isFailed ? 'failed' : 'passed',
    module: verdict(path.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], answer)),
  }));
}

const ERROR = Symbol('the evaluation failed');

function answerOf(bundle: Bundle, entrypoint: string): unknown {
  try {
    // A test gives its own input.
    return bundle.evaluate(entrypoint, undefined);
  } catch {
    return ERROR;
  }
}

/** Each case of a test with cases, by its path. */
function leavesOf(parts: SubResults): readonly (readonly [path: readonly string[], isFailed: boolean])[] {
  return Object.entries(parts).flatMap(([name, { fail, sub_results: below }]) =>
    below === undefined
      ? [[[name], fail === true] as const]
      : leavesOf(below).map(([path, isFailed]) => [[name, ...path], isFailed] as const),
  );
}

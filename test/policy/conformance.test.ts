// Takes about 4 s
// The policy cases of OPA's own tests, through our engine. `make test` compiles them once (tools/install-opa-cases.sh); then
//   make test-one FILE=test/policy/conformance.test.ts            runs all of them,
//   CASES=word make test-one FILE=test/policy/conformance.test.ts runs only those whose name, folder or built-ins hold the word: what each failure
//                                                                 answers and should is in build/tap/policy/conformance.test.tap,
//   make built-ins                                                writes docs/built-ins.md from a run, which is compared otherwise.
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { loadBuiltins, loadOutside } from '#policy';
import { builtInsPage, EXPECTED, UNSERVED } from './built-ins-page.js';
import { hostBuiltins, readCases, runCases } from './opa-cases.js';

const { ownBuiltins } = await loadBuiltins();

const root = new URL('../../', import.meta.url);
const version = readFileSync(new URL('tools/opa-version', root), 'utf8').trim();
const only = process.env['CASES'];
const cases = readCases();
const skip = typeof cases === 'string' && cases;

t.test("OPA's own policy cases pass, but for those that are listed with their reason", { skip }, async (t) => {
  if (typeof cases === 'string') return;
  // As an operator who lets policies ask this machine.
  const { openOutside } = await loadOutside();
  const outside = openOutside({ hosts: ['localhost', '10.0.0.0', '::'], networks: ['0.0.0.0/0', '::/0'] });
  t.teardown(() => outside.close());
  const outcomes = await runCases(
    cases,
    only === undefined ? undefined : ({ note, group, calls }) => [note, group, ...calls].some((text) => text.includes(only)),
    outside.builtins,
  );
  const failed = outcomes.filter(({ failure }) => failure !== undefined);
  t.comment(`told: ${outcomes.length - failed.length} of ${outcomes.length} cases of OPA ${version} pass`);
  const isUnserved = (failure = ''): boolean => Object.keys(UNSERVED).some((name) => failure === `fails: ${name} is not served`);
  const unexpected = failed.filter(({ case: { note }, failure }) => !Object.hasOwn(EXPECTED, note) && !isUnserved(failure));
  t.same(
    unexpected.map(({ case: { note, calls }, failure }) => `${note} [${calls.join(' ')}]: ${failure}`),
    [],
  );
  if (only !== undefined) return;
  t.ok(outcomes.length > 2000, 'they are all there');
  const notes = failed.map(({ case: { note } }) => note);
  t.same(
    Object.keys(EXPECTED).filter((note) => !notes.includes(note)),
    [],
    'and what is listed does fail',
  );
  const page = new URL('docs/built-ins.md', root);
  const text = builtInsPage(cases, outcomes, version);
  if (process.env['WRITE_DOCS'] === '1') writeFileSync(page, text);
  else t.equal(readFileSync(page, 'utf8'), text, 'docs/built-ins.md tells this run: make built-ins');
});

t.test('every built-in that a module asks its host for is served, or its reason is listed', { skip }, (t) => {
  if (typeof cases === 'string') return t.end();
  const host = hostBuiltins(cases);
  t.ok(host.length > 90, 'they are found');
  t.same(
    host.filter((name) => !Object.hasOwn(ownBuiltins, name) && !Object.hasOwn(UNSERVED, name)),
    [],
  );
  t.same(
    Object.keys(UNSERVED).filter((name) => !host.includes(name) || Object.hasOwn(ownBuiltins, name)),
    [],
    'and none is listed that is served',
  );
  t.end();
});

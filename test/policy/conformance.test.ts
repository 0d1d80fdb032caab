// The policy cases of OPA's own tests, through our engine. `make test` compiles them once (tools/install-opa-cases.sh); then
//   make test-one FILE=test/policy/conformance.test.ts                       runs all of them,
//   CASES=regex make test-one FILE=test/policy/conformance.test.ts           only those whose name, folder or built-in holds the word, and prints
//                                                                            what each failure answers and should,
//   WRITE_DOCS=1 make test-one FILE=test/policy/conformance.test.ts          writes docs/built-ins.md, which is compared otherwise.
import t from 'tap';
import { readCases, runCases } from './opa-cases.js';

const only = process.env['CASES'];
const cases = readCases();

t.test(
  'OPA’s own policy cases pass, but for those that are listed with their reason',
  { skip: typeof cases === 'string' && cases },
  async (t) => {
    if (typeof cases === 'string') return;
    const outcomes = await runCases(
      cases,
      only === undefined ? undefined : ({ note, group, calls }) => [note, group, ...calls].some((text) => text.includes(only)),
    );
    const failed = outcomes.filter(({ failure }) => failure !== undefined);
    t.comment(`${outcomes.length - failed.length} of ${outcomes.length} cases of OPA pass`);
    if (only !== undefined) for (const { case: one, failure } of failed) t.comment(`${one.note} [${one.calls.join(' ')}]: ${failure}`);
    t.same(
      failed.map(({ case: { note }, failure }) => `${note}: ${failure}`),
      [],
    );
  },
);

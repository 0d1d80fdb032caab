import { readFile } from 'node:fs/promises';
import { Ajv, type ValidateFunction } from 'ajv';
import t from 'tap';
import { loadBundle } from '#policy';
import { asker, askers, EVALUATE, grant, type Json, MAY_ASK, native, question, questions, readBundle, root, SEARCH } from './world.js';

const ODD = [null, 5, '', 'x', [], {}, { at: 1 }, false];

const schema = async (name: string): Promise<ValidateFunction> =>
  new Ajv({ allErrors: true }).compile(JSON.parse(await readFile(`${root}policies/schemas/${name}.json`, 'utf8')));

t.test(
  'native OPA and the module give the same answers, search agrees with evaluate, the schema accepts the questions (threats 19, 30)',
  async (t) => {
    const inputs = [...questions(7, 900)];
    const validate = await schema('access-input');
    const bundle = await loadBundle(await readBundle());
    const odd = ODD.flatMap((value) => [
      question({ grants: [grant({ until: value })] }),
      question({ grants: [grant({ from: value })] }),
      question({ grants: [grant({ withdrawn: value })] }),
      question({ grants: [grant({ roles: value })] }),
      question({ grants: [grant({ activated: value })] }),
      question({ grants: [grant({ mayBeKonsument: value })] }),
      question({ grants: [value] }),
      question({ application: value }),
      question({ application: { state: value, roles: ['use'] } }),
      question({ application: { state: 'active', roles: value } }),
    ]);
    const all = [...inputs, ...odd];
    const answers = native(
      '[[s, e] | some q in input; s := data.tilgang.access.search with input as q; e := data.tilgang.access.evaluate with input as q]',
      all,
    );
    let granted = 0;
    for (const [i, input] of all.entries()) {
      if (i < inputs.length && !validate(input)) t.fail('a question is not of the schema', { errors: validate.errors });
      const search = bundle.evaluate(SEARCH, input) as string[];
      const evaluate = bundle.evaluate(EVALUATE, input) as { allowed: boolean; reasons: string[] };
      if (!t.same([search, evaluate], answers[i], `question ${i}`)) return;
      if (i >= inputs.length) t.notOk(evaluate.allowed, 'what is odd never covers');
      const { id } = input['resource'] as { id: string };
      if (search.includes(id) !== evaluate.allowed || evaluate.reasons.length === 0) t.fail(`question ${i} disagrees`);
      if (search.join() !== [...new Set(search)].sort().join()) t.fail(`question ${i}: not in the order of the grants, or twice`);
      granted += evaluate.allowed ? 1 : 0;
    }
    t.ok(granted > 20 && granted < 880, `${granted} granted`);
  },
);

t.test('native OPA and the module agree on who may ask; each refusal has its reasons; what is odd lets nobody ask', async (t) => {
  const inputs = [...askers(7, 400)];
  const validate = await schema('may-ask-input');
  const bundle = await loadBundle(await readBundle());
  const { caller, application } = asker() as { caller: Json; application: Json };
  const supplier = '910000007';
  const odd = ODD.flatMap((value) => [
    asker({ application: value }),
    asker({ application: { tilbyder: value }, caller: { ...caller, consumer: value } }),
    asker({ caller: value }),
    ...Object.keys(caller).flatMap((key) => (key === 'clientId' ? [] : [asker({ caller: { ...caller, [key]: value } })])),
    ...(typeof value === 'object' && value !== null && !Array.isArray(value)
      ? []
      : [asker({ application: { ...application, clients: value } })]),
    asker({ application: { ...application, clients: { ids: value } } }),
    asker({ application: { ...application, clients: { suppliers: value } }, caller: { ...caller, supplier } }),
  ]);
  const all = [...inputs, ...odd];
  const answers = native('[a | some q in input; a := data.tilgang.access.may_ask with input as q]', all);
  const seen = new Set<string>();
  for (const [i, input] of all.entries()) {
    if (i < inputs.length && !validate(input)) t.fail('a question is not of the schema', { errors: validate.errors });
    const answer = bundle.evaluate(MAY_ASK, input) as { allowed: boolean; reasons: string[] };
    if (!t.same(answer, answers[i], `question ${i}`)) return;
    if (answer.allowed !== (answer.reasons.length === 0)) t.fail('a hole', { input, answer });
    if (i >= inputs.length && !t.notOk(answer.allowed, JSON.stringify(input))) return;
    seen.add(answer.reasons.join());
  }
  const slugs = ['caller_not_machine', 'scope_missing', 'application_unknown', 'caller_foreign', 'client_not_allowed'];
  for (const slug of ['', ...slugs]) t.ok(seen.has(slug), `${slug || 'allowed'} occurs alone`);
  for (const reasons of seen) t.equal(reasons, slugs.filter((slug) => reasons.includes(slug)).join(), 'the most telling first');
});

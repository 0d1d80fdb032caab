import t from 'tap';
import { loadBundle } from '#policy';
import { isDeepEqual, oddities, optional, schema } from './odd-values.js';
import { type Dice, dice, type Json, native, readBundle } from './world.js';

const TIME = '2026-11-21T12:00:00.000Z';
type HeldRoles = { readonly roles: string[]; readonly hindrances: string[] };

/** Asks the module about inputs and odd ones made of them, and compares each answer with native OPA's. */
async function answered<T>(rule: string, inputs: readonly Json[], odd: readonly unknown[]): Promise<(T | undefined)[] | string> {
  const bundle = await loadBundle(await readBundle());
  const all = [...inputs, ...odd];
  const expected = native(`[[a | a := data.${rule.replaceAll('/', '.')} with input as q] | some q in input]`, all);
  const answers: (T | undefined)[] = [];
  for (const [i, input] of all.entries()) {
    const answer = (await bundle.evaluate(rule, input)) as T | undefined;
    if (!isDeepEqual(optional(answer), expected[i])) return `${JSON.stringify(input)}: ${JSON.stringify([answer, expected[i]])}`;
    answers.push(answer);
  }
  return answers;
}

t.test('native OPA and the module agree on the roles held; an odd value in place of any field never gives a role', async (t) => {
  const inputs = [...holdings(13, 300)];
  const validate = await schema('held-input');
  const odd = inputs.slice(0, 15).flatMap((input) => [...oddities(input)].map((change) => ({ input, change })));
  const answers = await answered<HeldRoles[]>(
    'tilgang/held/roles',
    inputs,
    odd.map(({ change }) => change),
  );
  if (typeof answers === 'string') return t.fail(answers);
  const hindered = new Set<string>();
  for (const [i, input] of inputs.entries()) {
    if (!validate(input)) return t.fail('an input is not of the schema', { input, errors: validate.errors });
    for (const [n, grant] of (input['grants'] as { roles: string[] }[]).entries()) {
      const { roles, hindrances } = (answers[i] as HeldRoles[])[n] as HeldRoles;
      for (const slug of hindrances) hindered.add(slug);
      if ((hindrances.length === 0) !== (roles.length === grant.roles.length)) return t.fail('a hole', { grant, roles, hindrances });
    }
  }
  t.equal(hindered.size, 7, `${[...hindered]}`);
  for (const [i, { input, change }] of odd.entries()) {
    if (validate(change)) continue;
    const before = answers[inputs.indexOf(input)] as HeldRoles[];
    for (const [n, { roles }] of (answers[inputs.length + i] ?? []).entries()) {
      if (!roles.every((role) => before[n]?.roles.includes(role))) return t.fail('an odd value gives a role', { input, change });
    }
  }
  t.ok(odd.length > 300, `${odd.length} odd inputs`);
});

t.test('native OPA and the module agree on what is over, and what is over gives no role', async (t) => {
  const inputs = [...holdings(17, 300)];
  const over = await answered<boolean[]>('tilgang/held/over', inputs, []);
  const roles = await answered<HeldRoles[]>('tilgang/held/roles', inputs, []);
  if (typeof over === 'string' || typeof roles === 'string') return t.fail(String(over));
  const pairs = over.flatMap((answer, i) => (answer ?? []).map((isOver, n) => [isOver, roles[i]?.[n]?.roles.length] as const));
  t.same(
    pairs.filter(([isOver, given]) => isOver && given !== 0),
    [],
  );
  t.ok(pairs.some(([isOver]) => isOver) && pairs.some(([isOver, given]) => !isOver && given === 0));
});

t.test('native OPA and the module agree on who sees what of an event; an odd value in place of any field never shows more', async (t) => {
  const d = dice(19);
  const inputs = Array.from({ length: 200 }, (): Json => history(d));
  const validate = await schema('history-input');
  const odd = inputs.slice(0, 20).flatMap((input) => [...oddities(input)].map((change) => ({ input, change })));
  const answers = await answered<boolean[]>(
    'tilgang/history/visible',
    inputs,
    odd.map(({ change }) => change),
  );
  if (typeof answers === 'string') return t.fail(answers);
  t.ok(inputs.every((input) => validate(input)));
  t.ok(answers.slice(0, inputs.length).flat().includes(true) && answers.slice(0, inputs.length).flat().includes(false));
  for (const [i, { input, change }] of odd.entries()) {
    if (validate(change)) continue;
    const before = answers[inputs.indexOf(input)] as boolean[];
    const after = answers[inputs.length + i] ?? [];
    if (after.some((isVisible, n) => isVisible && before[n] !== true)) return t.fail('an odd value shows more', { input, change });
  }
});

function history({ below, pick }: Dice): Json {
  const orgnr = (): string => pick('910000000', '910000000', '910000001');
  const parts = Array.from({ length: below(5) }, () => ({
    owner: orgnr(),
    ...(below(2) === 0 ? { application: pick('a', 'b') } : {}),
  }));
  return { reader: { orgnr: orgnr(), applications: pick<readonly string[] | null>(null, null, ['a'], ['a', 'b'], []) }, parts };
}

/** A repeatable sequence of inputs for the rules of tilgang/held, valid by the schema. */
function* holdings(seed: number, count: number): Generator<Json> {
  const d = dice(seed);
  const { below, pick } = d;
  const instant = (): string => `2026-11-21T${pick('11', '12', '13', '22', '23')}:00:00.000Z`;
  const sometimes = (n: number, json: () => Json): Json => (below(n) === 0 ? json() : {});
  for (let i = 0; i < count; i += 1) {
    const grants = Array.from({ length: below(4) }, () => ({
      roles: pick(['use'], ['use', 'admin'], ['admin']),
      ...sometimes(4, () => ({ from: instant() })),
      ...sometimes(4, () => ({ until: instant() })),
      ...sometimes(8, () => ({ withdrawn: { at: TIME, by: 'operator' } })),
      activated: below(6) > 0,
      mayBeKonsument: below(6) > 0,
    }));
    const application = {
      state: pick('active', 'active', 'active', 'draft', 'retired'),
      roles: pick(['use', 'admin'], ['admin', 'use'], ['use'], []),
    };
    yield { ...sometimes(1, () => (below(8) === 0 ? {} : { application })), grants, context: { time: TIME } };
  }
}

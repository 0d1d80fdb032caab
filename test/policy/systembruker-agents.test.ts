import t from 'tap';
import { loadBundle } from '#policy';
import { isDeepEqual, oddities, optional, schema } from './odd-values.js';
import { type Dice, dice, type Json, native, readBundle } from './world.js';

const CLIENTS = 'systembruker/agents/clients';
const [PROVIDER, CLIENT, OTHER] = ['910000000', '910000001', '910000002'];
const [BEFORE, NOW, LATER] = ['2026-11-27T11:00:00.000Z', '2026-11-27T12:00:00.000Z', '2026-11-27T12:00:00.001Z'];

interface Standing {
  readonly given: string[];
  readonly missing: string[];
  readonly reasons: string[];
  readonly acts: boolean;
}

/** Mostly clients that an agent acts for, so that each condition alone is often what stands in the way. */
function questionBy({ pick, below }: Dice): Json {
  const seldom = <T>(usual: T, other: T): T => (below(5) === 0 ? other : usual);
  const relation = (): Json => {
    const packages = pick(['a', 'b'], ['a'], ['b'], ['c']);
    const since = Object.fromEntries(packages.map((name) => [name, seldom(BEFORE, NOW)])) as Json;
    return { packages, since, ...seldom<Json>({}, { until: pick(NOW, LATER) }) };
  };
  const candidates = Array.from({ length: below(3) + 1 }, () => ({
    client: pick(CLIENT, OTHER, PROVIDER),
    relations: Array.from({ length: below(3) }, relation),
    ...seldom<Json>({ since: BEFORE }, {}),
  }));
  const packages = pick<string[]>(['a', 'b'], ['a'], []);
  return { provider: PROVIDER, packages, assignable: pick<string[]>([], ['a'], ['a', 'b']), candidates, context: { time: NOW } };
}

t.test('native OPA and the module agree on whom an agent acts for; what is odd lets it act for no more (threat 19)', async (t) => {
  const random = dice(25);
  const inputs = Array.from({ length: 250 }, () => questionBy(random));
  const validate = await schema('systembruker-agents-input');
  const bundle = await loadBundle(await readBundle());
  const odd = inputs.slice(0, 6).flatMap((input) => [...oddities(input)]);
  const all = [...inputs, ...odd];
  const expected = native('[[a | a := data.systembruker.agents.clients with input as q] | some q in input]', all);
  const seen = new Set<string>();
  let acting = 0;
  for (const [i, input] of all.entries()) {
    if (i < inputs.length && !validate(input)) return t.fail('an input is not of the schema', { input, errors: validate.errors });
    const answer = (await bundle.evaluate(CLIENTS, input)) as readonly Standing[] | undefined;
    if (!isDeepEqual(optional(answer), expected[i])) return t.same(optional(answer), expected[i], `input ${i}`);
    for (const { reasons, acts, missing } of answer ?? []) {
      for (const reason of reasons) seen.add(reason);
      if (acts) acting += 1;
      if (acts && (reasons.length > 0 || missing.length > 0)) return t.fail('it acts for one that lacks something', { input });
    }
  }
  t.ok(acting > 30, `${acting} act`);
  t.same([...seen].sort(), ['client_unknown', 'package_missing', 'package_not_assignable']);
  t.end();
});

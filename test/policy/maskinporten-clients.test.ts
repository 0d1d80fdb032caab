import t from 'tap';
import { loadBundle } from '#policy';
import { isDeepEqual, oddities, optional, schema } from './odd-values.js';
import { type Dice, dice, type Json, native, readBundle } from './world.js';

const CLIENTS = 'maskinporten/clients/evaluate';
const OWN = '910000000';
const NOW = '2026-11-27T12:00:00.000Z';

interface Answer {
  readonly allowed: boolean;
  readonly faults: readonly { readonly index: number; readonly reason: string }[];
}

/** Mostly what may be had, so that each condition alone is often what stands in the way. */
function questionBy({ pick, below }: Dice): Json {
  const seldom = <T>(usual: T, other: T): T => (below(6) === 0 ? other : usual);
  const scope = (): Json => ({
    owner: pick(OWN, '910000001'),
    active: seldom(true, false),
    visibility: pick('PUBLIC', 'PRIVATE', 'INTERNAL'),
    accessibleForAll: seldom(false, true),
    ...seldom<Json>({}, { delegationSource: 'https://www.altinn.no' }),
    allowedIntegrationTypes: pick<string[]>([], ['maskinporten'], ['idporten']),
    ofProduct: seldom(false, true),
  });
  const access = (): Json => ({
    state: seldom('APPROVED', 'DENIED'),
    ...seldom<Json>({}, { until: pick(NOW, '2026-11-27T12:00:00.001Z') }),
  });
  const scopes = Array.from({ length: below(3) + 1 }, (_, i) => ({
    name: `fhi:${i}`,
    scope: below(8) === 0 ? null : scope(),
    access: below(4) === 0 ? null : access(),
  }));
  return { organisation: OWN, integrationType: 'maskinporten', simple: below(4) === 0, scopes, context: { time: NOW } };
}

t.test('native OPA and the module agree on which scopes a client may have (threat 19)', async (t) => {
  const random = dice(63);
  const inputs = Array.from({ length: 400 }, () => questionBy(random));
  const validate = await schema('maskinporten-clients-input');
  const bundle = await loadBundle(await readBundle());
  const odd = inputs.slice(0, 10).flatMap((input) => [...oddities(input)]);
  const all = [...inputs, ...odd];
  const expected = native('[[a | a := data.maskinporten.clients.evaluate with input as q] | some q in input]', all);
  const seen = new Set<string>();
  let allowed = 0;
  for (const [i, input] of all.entries()) {
    if (i < inputs.length && !validate(input)) return t.fail('an input is not of the schema', { input, errors: validate.errors });
    const answer = (await bundle.evaluate(CLIENTS, input)) as Answer | undefined;
    if (!isDeepEqual(optional(answer), expected[i])) return t.same(optional(answer), expected[i], `input ${i}`);
    if (i < inputs.length) allowed += answer?.allowed === true ? 1 : 0;
    for (const { reason } of answer?.faults ?? []) seen.add(reason);
  }
  t.ok(allowed > 50 && allowed < 350, `${allowed} of ${inputs.length} allowed`);
  t.same([...seen].sort(), ['scope_administers', 'scope_inactive', 'scope_not_granted', 'scope_of_other_type', 'scope_unknown']);
  t.end();
});

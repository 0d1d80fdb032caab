import t from 'tap';
import { loadBundle } from '#policy';
import { isDeepEqual, oddities, optional, schema } from './odd-values.js';
import { type Dice, dice, type Json, native, readBundle } from './world.js';

const TOKEN = 'maskinporten/token/evaluate';
const [OWN, OTHER, THIRD, OWNER] = ['910000000', '910000001', '910000002', '910000003'] as const;
const SOURCE = 'https://source.example/';
const NOW = '2026-11-27T12:00:00.000Z';
const NAMES = ['a:b', 'a:c', 'a:d'];

interface Answer {
  readonly faults: readonly { readonly name: string }[];
  readonly grant: { readonly lifetime: number } | null;
}

/** Mostly what is issued, so that each condition alone is often what stands in the way. */
function questionBy(random: Dice): Json {
  const { pick, below } = random;
  const seldom = <T>(usual: T, other: T): T => (below(20) === 0 ? other : usual);
  const until = (): Json => pick<Json>({}, {}, { until: '2026-11-27T12:00:00.001Z' }, { until: NOW });
  const isDelegable = below(2) === 0;
  const scope = (): Json => ({
    ...seldom<Json>({ owner: OWNER }, {}),
    active: seldom(true, false),
    accessibleForAll: seldom(false, true),
    allowedIntegrationTypes: pick<string[]>([], ['maskinporten'], seldom(['maskinporten', 'krr'], ['krr'])),
    requiresUserConsent: seldom(false, true),
    requiresUserAuthentication: seldom(false, true),
    atMaxAge: pick(0, 0, 30, 90_000),
    ...(seldom(isDelegable, !isDelegable) ? { delegationSource: SOURCE } : {}),
    ...pick<Json>({}, {}, {}, { enforcedAudience: pick('urn:x', 'urn:y') }),
  });
  const access = (): Json => ({ state: seldom('APPROVED', 'DENIED'), ...until() });
  const delegation = (): Json => ({
    source: seldom(SOURCE, 'https://other.example/'),
    ...until(),
    ...seldom<Json>({}, { withdrawn: true }),
  });
  const each = (of: () => Json): Json => Object.fromEntries(NAMES.filter(() => below(12) > 0).map((name) => [name, of()]));
  const acting = pick<Json>({}, {}, { consumer: seldom(OTHER, OWN) }, { onBehalfOf: true });
  return {
    client: {
      orgnr: OWN,
      ...seldom<Json>({}, { supplier: THIRD }),
      active: seldom(true, false),
      integrationType: 'maskinporten',
      grantTypes: seldom(['urn:ietf:params:oauth:grant-type:jwt-bearer'], []),
      scopes: seldom(NAMES, NAMES.slice(1)),
      accessTokenLifetime: pick(1, 120, 90_000),
    },
    request: { scopes: NAMES.slice(0, 1 + below(3)), resource: seldom<string[]>([], ['urn:x']), ...acting },
    ...seldom<Json>({ onBehalfOf: { orgnr: OTHER } }, {}),
    scopes: each(scope),
    accesses: { [OWN]: each(access), [OTHER]: each(access), [THIRD]: each(access) },
    delegations: each(delegation),
    organisations: Object.fromEntries([OWN, OTHER, THIRD, OWNER].map((orgnr) => [orgnr, { closed: below(150) === 0 }])),
    context: { time: NOW },
  };
}

t.test('native OPA and the module agree on what may be issued; faults and a grant exclude each other (threat 19)', async (t) => {
  const random = dice(12);
  const inputs = Array.from({ length: 900 }, () => questionBy(random));
  const validate = await schema('maskinporten-token-input');
  const bundle = await loadBundle(await readBundle());
  const odd = inputs.slice(0, 30).flatMap((input) => [...oddities(input)]);
  const all = [...inputs, ...odd];
  const expected = native('[[a | a := data.maskinporten.token.evaluate with input as q] | some q in input]', all);
  const seen = new Set<string>();
  let issued = 0;
  for (const [i, input] of all.entries()) {
    if (i < inputs.length && !validate(input)) return t.fail('an input is not of the schema', { input, errors: validate.errors });
    const answer = (await bundle.evaluate(TOKEN, input)) as Answer | undefined;
    if (!isDeepEqual(optional(answer), expected[i])) return t.same(optional(answer), expected[i], `input ${i}`);
    if (answer !== undefined && (answer.grant === null) !== answer.faults.length > 0) return t.fail('a hole', { input, answer });
    if (i < inputs.length) issued += answer?.grant == null ? 0 : 1;
    for (const { name } of answer?.faults ?? []) seen.add(name);
  }
  t.ok(issued > 100 && issued < 700, `${issued} of ${inputs.length} issued`);
  t.same([...seen].sort(), [
    ...['MP-100', 'MP-200', 'MP-201', 'MP-250', 'MP-251', 'audience-not-allowed', 'consumer-not-combinable', 'grant-type-not-registered'],
    ...['onbehalfof-unknown', 'scope-not-delegable', 'scope-only-delegated'],
  ]);
  t.end();
});

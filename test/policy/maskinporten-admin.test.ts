import t from 'tap';
import { loadBundle } from '#policy';
import { isDeepEqual, oddities, optional, schema } from './odd-values.js';
import { type Dice, dice, type Json, native, readBundle } from './world.js';

const ADMIN = 'maskinporten/admin/evaluate';
const OWN = '910000000';
const OTHER = '910000001';
const ACTIONS = [
  ...[
    'scope.list-public',
    'scope.list',
    'scope.read',
    'scope.create',
    'scope.change',
    'scope.deactivate',
    'prefix.list',
    'prefix.hand-out',
  ],
  ...['access.list', 'access.list-given', 'access.list-got', 'access.grant', 'access.revoke', 'delegation.list', 'delegation.give'],
  ...['delegation.give', 'delegation.withdraw', 'terms.read', 'terms.sign', 'client.list', 'client.create', 'client.change'],
  ...['client-secret.new', 'client-key.put', 'client-key.list', 'onbehalfof.put', 'onbehalfof.read', 'datasharing.create-client', 'x.y'],
];
const SCOPES = [
  ...['idporten:scopes.read', 'idporten:scopes.write', 'idporten:dcr.read', 'idporten:dcr.modify', 'idporten:dcr.write'],
  ...['idporten:dcr.supplier', 'idporten:dcr.datasharing', 'maskinporten:delegations.write', 'ks:fiks'],
];

interface Answer {
  readonly allowed: boolean;
  readonly reasons: string[];
}

/** Mostly what is allowed, so that each condition alone is often what stands in the way. */
function questionBy(random: Dice): Json {
  const { pick, below } = random;
  const seldom = <T>(usual: T, other: T): T => (below(8) === 0 ? other : usual);
  const machine = { kind: 'machine', consumer: seldom(OWN, OTHER), clientId: 'c', scopes: below(3) === 0 ? [pick(...SCOPES)] : SCOPES };
  const person = { kind: 'person', brukerId: 'me', clientId: 'c', scopes: [], acr: seldom('idporten-loa-high', 'Level3') };
  const caller = pick<Json>(
    machine,
    machine,
    { ...machine, ...seldom<Json>({}, { supplier: OTHER }) },
    person,
    { kind: 'operator' },
    { kind: 'anonymous' },
  );
  return {
    caller,
    action: { name: pick(...ACTIONS) },
    ...seldom<Json>({ organisation: { orgnr: OWN, closed: seldom(false, true), termsSigned: seldom(true, false) } }, {}),
    assignments: [{ roles: [seldom('organisasjonsadministrator', 'tilgangsadministrator')], ...seldom<Json>({}, { applications: ['a'] }) }],
    ...seldom<Json>(
      {
        object: {
          owner: seldom(OWN, OTHER),
          ...seldom<Json>({}, { supplier: OWN }),
          exists: seldom(true, false),
          active: seldom(true, false),
          prefixActive: seldom(true, false),
          ofProduct: seldom(false, true),
          visibility: pick('PUBLIC', 'PRIVATE'),
          granted: pick(true, false),
          delegatedHere: seldom(true, false),
        },
      },
      {},
    ),
    context: { time: '2026-11-27T12:00:00.000Z' },
  };
}

t.test('native OPA and the module agree on who may keep scopes and clients; what is odd allows no more (threat 19)', async (t) => {
  const random = dice(12);
  const inputs = Array.from({ length: 900 }, () => questionBy(random));
  const validate = await schema('maskinporten-admin-input');
  const bundle = await loadBundle(await readBundle());
  const plain = inputs.slice(0, 40).flatMap((input) => [...oddities(input)].map((odd) => ({ input, odd })));
  const all = [...inputs, ...plain.map(({ odd }) => odd)];
  const expected = native('[[a | a := data.maskinporten.admin.evaluate with input as q] | some q in input]', all);
  const seen = new Set<string>();
  let allowed = 0;
  for (const [i, input] of all.entries()) {
    if (i < inputs.length && !validate(input)) return t.fail('an input is not of the schema', { input, errors: validate.errors });
    const answer = (await bundle.evaluate(ADMIN, input)) as Answer | undefined;
    if (!isDeepEqual(optional(answer), expected[i])) return t.same(optional(answer), expected[i], `input ${i}`);
    if (answer !== undefined && answer.allowed !== (answer.reasons.length === 0)) return t.fail('a hole', { input, answer });
    if (i < inputs.length) allowed += answer?.allowed === true ? 1 : 0;
    for (const reason of answer?.reasons ?? []) seen.add(reason);
  }
  t.ok(allowed > 150 && allowed < 750, `${allowed} of ${inputs.length} allowed`);
  t.ok(seen.size >= 18, `${seen.size} reasons: ${[...seen].sort().join()}`);
});

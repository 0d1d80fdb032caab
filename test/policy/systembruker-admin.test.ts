import t from 'tap';
import { loadBundle } from '#policy';
import { isDeepEqual, oddities, optional, schema } from './odd-values.js';
import { type Dice, dice, type Json, native, readBundle } from './world.js';

const ADMIN = 'systembruker/admin/evaluate';
const OWN = '910000000';
const OTHER = '910000001';
const ACTIONS = [
  ...['resource.list', 'resource.put', 'resource.remove', 'package.put', 'system.list-visible', 'system.read', 'system.create'],
  ...['system.change', 'system.list-own', 'webhook.read', 'system-user.list-of-system', 'request.create', 'request.read', 'feed.read'],
  ...['change-request.withdraw', 'system-user.find', 'request.open', 'request.escalate', 'request.approve', 'change-request.reject'],
  ...['system-user.list', 'system-user.create', 'system-user.delete', 'client-relation.give', 'client-relation.import'],
  ...['agent-client.list', 'agent-client.add', 'system-user.look-up', 'x.y'],
];
const SCOPES = [
  ...['altinn:authentication/systemregister.write', 'altinn:authentication/systemregister.admin', 'altinn:portal/enduser'],
  ...['altinn:authentication/systemuser.request.write', 'altinn:authentication/systemuser.request.read', 'ks:fiks'],
  ...['altinn:maskinporten/systemuser.read', 'altinn:resourceregistry/resource.write', 'altinn:clientdelegations.read'],
];

interface Answer {
  readonly allowed: boolean;
  readonly reasons: string[];
}

/** Mostly what is allowed, so that each condition alone is often what stands in the way. */
function questionBy(random: Dice): Json {
  const { pick, below } = random;
  const seldom = <T>(usual: T, other: T): T => (below(8) === 0 ? other : usual);
  const scopes = below(3) === 0 ? [pick(...SCOPES)] : SCOPES;
  const machine = { kind: 'machine', consumer: seldom(OWN, OTHER), clientId: 'c', scopes };
  const person = { kind: 'person', brukerId: 'me', clientId: 'c', scopes, acr: seldom('idporten-loa-substantial', 'idporten-loa-low') };
  const citizen = { kind: 'citizen', brukerId: 'me', acr: 'idporten-loa-high' };
  const caller = pick<Json>(
    machine,
    { ...machine, ...seldom<Json>({}, { supplier: OTHER }) },
    person,
    citizen,
    { kind: 'operator' },
    { kind: 'anonymous' },
  );
  const role = pick('tilgangsstyrer', 'organisasjonsadministrator', 'klientadministrator', 'tilgangsadministrator');
  return {
    caller,
    action: { name: pick(...ACTIONS) },
    ...seldom<Json>({ organisation: { orgnr: OWN, closed: seldom(false, true) } }, {}),
    assignments: seldom<Json[]>([{ roles: [role], ...seldom<Json>({}, { applications: ['a'] }) }], []),
    ...seldom<Json>(
      { object: { exists: seldom(true, false), owner: seldom(OWN, OTHER), vendor: seldom(OWN, OTHER), party: seldom(OWN, OTHER) } },
      {},
    ),
    context: { time: '2026-11-27T12:00:00.000Z' },
  };
}

t.test('native OPA and the module agree on who may keep systems and system users; what is odd allows no more (threat 19)', async (t) => {
  const random = dice(15);
  const inputs = Array.from({ length: 900 }, () => questionBy(random));
  const validate = await schema('systembruker-admin-input');
  const bundle = await loadBundle(await readBundle());
  const plain = inputs.slice(0, 40).flatMap((input) => [...oddities(input)].map((odd) => ({ input, odd })));
  const all = [...inputs, ...plain.map(({ odd }) => odd)];
  const expected = native('[[a | a := data.systembruker.admin.evaluate with input as q] | some q in input]', all);
  const seen = new Set<string>();
  let allowed = 0;
  for (const [i, input] of all.entries()) {
    if (i < inputs.length && !validate(input)) return t.fail('an input is not of the schema', { input, errors: validate.errors });
    const answer = (await bundle.evaluate(ADMIN, input)) as Answer | undefined;
    if (!isDeepEqual(optional(answer), expected[i])) return t.same(optional(answer), expected[i], `input ${i}`);
    if (answer !== undefined && answer.allowed !== (answer.reasons.length === 0)) return t.fail('a hole', { input, answer });
    // What is odd in place of what was refused is refused as well.
    const { input: origin } = plain[i - inputs.length] ?? {};
    if (origin !== undefined && answer?.allowed === true && !(await isAllowed(origin)))
      return t.same([], { origin, input }, 'an odd value allows what was refused');
    if (i < inputs.length) allowed += answer?.allowed === true ? 1 : 0;
    for (const reason of answer?.reasons ?? []) seen.add(reason);
  }
  t.ok(allowed > 150 && allowed < 750, `${allowed} of ${inputs.length} allowed`);
  t.ok(seen.size >= 14, `${seen.size} reasons: ${[...seen].sort().join()}`);

  async function isAllowed(input: Json): Promise<boolean> {
    return ((await bundle.evaluate(ADMIN, input)) as Answer | undefined)?.allowed === true;
  }
});

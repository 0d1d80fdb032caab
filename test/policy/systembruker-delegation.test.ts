import t from 'tap';
import { loadBundle } from '#policy';
import { isDeepEqual, oddities, optional, schema } from './odd-values.js';
import { type Dice, dice, type Json, native, readBundle } from './world.js';

const FAULTS = 'systembruker/delegation/faults';

type Answer = readonly (readonly { readonly reason: string; readonly resource: string }[])[];

/** Mostly what can be given, so that each condition alone is often what stands in the way. */
function questionBy({ pick, below }: Dice): Json {
  const seldom = <T>(usual: T, other: T): T => (below(8) === 0 ? other : usual);
  const service = (): Json => ({
    id: pick('mva', 'lonn'),
    exists: seldom(true, false),
    active: seldom(true, false),
    type: seldom(pick('AltinnApp', 'Systemresource'), 'Consent'),
    actions: ['read', 'write'],
    delegable: seldom(true, false),
    forParty: seldom(true, false),
    ...seldom<Json>({}, { givenBy: 'organisasjonsadministrator' }),
    ...seldom<Json>({}, { level: 'high' }),
  });
  const services = (): Json[] => Array.from({ length: 1 + below(2) }, service);
  const item = (): Json =>
    pick<Json>(
      { kind: 'right', resources: services(), ...seldom<Json>({}, { action: pick('read', 'sign') }) },
      {
        kind: 'package',
        package: { exists: seldom(true, false), active: seldom(true, false), assignable: seldom(true, false), delegable: below(2) === 0 },
        resources: services(),
      },
    );
  const roles = [pick('tilgangsstyrer', 'organisasjonsadministrator', 'klientadministrator')];
  const person = {
    kind: 'citizen',
    acr: pick('idporten-loa-substantial', 'idporten-loa-high'),
    assignments: [{ roles, ...seldom<Json>({}, { until: '2026-11-27T12:00:00.000Z' }) }],
  };
  return {
    purpose: pick('ask', 'give'),
    type: pick('standard', 'agent'),
    person,
    items: Array.from({ length: 1 + below(3) }, item),
    context: { time: '2026-11-27T12:00:00.000Z' },
  };
}

t.test('native OPA and the module agree on what may be given, also of what is odd (threat 19)', async (t) => {
  const random = dice(29);
  const inputs = Array.from({ length: 600 }, () => questionBy(random));
  const validate = await schema('systembruker-delegation-input');
  const bundle = await loadBundle(await readBundle());
  const plain = inputs.slice(0, 15).flatMap((input) => [...oddities(input)]);
  const all = [...inputs, ...plain];
  const expected = native('[[a | a := data.systembruker.delegation.faults with input as q] | some q in input]', all);
  const seen = new Set<string>();
  let given = 0;
  for (const [i, input] of all.entries()) {
    if (i < inputs.length && !validate(input)) return t.fail('an input is not of the schema', { input, errors: validate.errors });
    const answer = (await bundle.evaluate(FAULTS, input)) as Answer | undefined;
    if (!isDeepEqual(optional(answer), expected[i])) return t.same(optional(answer), expected[i], `input ${i}`);
    if (i < inputs.length) {
      given += answer?.every(({ length }) => length === 0) === true ? 1 : 0;
      for (const { reason } of answer?.flat() ?? []) seen.add(reason);
    }
  }
  t.ok(given > 60 && given < 400, `${given} of ${inputs.length} could be given whole`);
  t.equal(seen.size, 10, `every reason: ${[...seen].sort().join()}`);
});

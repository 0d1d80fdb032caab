import t from 'tap';
import { loadBundle } from '#policy';
import { isDeepEqual, oddities, optional, schema } from './odd-values.js';
import { type Dice, dice, type Json, native, readBundle } from './world.js';

const NOW = '2026-11-27T12:00:00.000Z';
const bundle = await loadBundle(await readBundle());

const CALLERS = (scopes: string[], acr: string): readonly Json[] => [
  { kind: 'machine', consumer: '910000000', clientId: 'c', scopes },
  { kind: 'person', brukerId: 'me', clientId: 'c', scopes, acr },
  { kind: 'operator' },
];
const SCOPES = [
  'krr:global/kontaktinformasjon.read',
  'krr:global/postkasse.read',
  'krr:user/digitalpost.read',
  'krr:user/spraak.write',
  'ks:fiks',
];

function mayAsk({ pick, below }: Dice): Json {
  const scopes = SCOPES.filter(() => below(3) > 0);
  return {
    caller: pick(...CALLERS(scopes, pick('idporten-loa-low', 'idporten-loa-substantial', 'Level4'))),
    action: { name: pick('person.list', 'person.read', 'language.change', 'register.import') },
    subjects: pick<string[]>(['me'], ['me'], ['another'], []),
    context: { time: NOW },
  };
}

function mayAskLevel({ pick, below }: Dice): Json {
  return {
    caller: pick(...CALLERS(below(3) > 0 ? ['global/idporten.authlevel.read'] : ['ks:fiks'], 'idporten-loa-high')),
    action: { name: pick('level.read', 'person.block') },
    subject: 'me',
    ...pick<Json>({}, { since: '2020-01-01T00:00:00.000Z' }),
    context: { time: NOW },
  };
}

function view({ pick, below }: Dice): Json {
  const at = (): string => pick('2025-05-27T12:00:00.000Z', '2025-05-27T11:59:59.999Z', '2019-01-01T00:00:00.000Z', NOW);
  const person = (): Json | null =>
    below(6) === 0
      ? null
      : { status: pick('AKTIV', 'AKTIV', 'SLETTET'), reserved: below(4) === 0, channels: Array.from({ length: below(3) }, () => [at()]) };
  return { persons: Array.from({ length: below(4) }, person), includesUnregistered: below(2) === 0, context: { time: NOW } };
}

function logins({ below }: Dice): Json {
  return { person: { id: 'me', known: below(4) > 0, blocked: below(4) === 0, highSince: below(2) === 0 } };
}

for (const [entrypoint, schemaName, questionBy, answers] of [
  ['idporten/krr/may_ask', 'krr-input', mayAsk, 4],
  ['idporten/authlevel/may_ask', 'authlevel-input', mayAskLevel, 4],
  ['idporten/contacts/view', 'krr-view-input', view, 10],
  ['idporten/logins/evaluate', 'authlevel-person-input', logins, 3],
] as const) {
  t.test(`native OPA and the module agree on ${entrypoint}, and the schema takes its questions (threat 19)`, async (t) => {
    const random = dice(73);
    const inputs = Array.from({ length: 150 }, () => questionBy(random));
    const validate = await schema(schemaName);
    const all = [...inputs, ...inputs.slice(0, 8).flatMap((input) => [...oddities(input)])];
    const expected = native(`[[a | a := data.${entrypoint.replaceAll('/', '.')} with input as q] | some q in input]`, all);
    const seen = new Set<string>();
    for (const [i, input] of all.entries()) {
      if (i < inputs.length && !validate(input)) return t.fail('an input is not of the schema', { input, errors: validate.errors });
      const answer = bundle.evaluate(entrypoint, input);
      if (!isDeepEqual(optional(answer), expected[i])) return t.same(optional(answer), expected[i], `input ${i}: ${JSON.stringify(input)}`);
      if (i < inputs.length) seen.add(JSON.stringify(answer));
    }
    t.ok(seen.size >= answers, `${seen.size} different answers`);
    t.end();
  });
}

import t from 'tap';
import { openAccess } from '#installation';
import {
  activationOf,
  BASE,
  bergen,
  DAY,
  type Event,
  grantsOf,
  HOUR,
  keeper,
  leader,
  machine,
  OSLO,
  openOffice,
  pointers,
  said,
  WHATEVER,
} from './office.js';

const office = await openOffice(t);
const { send, give, appoint, gateway, numberOf, smittevern, byggesak, bergenOrgnr } = office;
const began = office.moment(1);
const people = [0, 1, 2].map(() => office.stranger());
const [one = '', two = '', three = ''] = people;

/** What was done, in order: the request's id, and what the event of it must say. */
const done: { readonly id: string | null; readonly event: object }[] = [];
async function act(
  answer: Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }>,
  event: object,
): Promise<void> {
  const { status, headers, text } = await answer;
  if (status >= 400) throw new Error(text);
  done.push({ id: headers.get('x-request-id'), event: { tidspunkt: office.moment(), ...event } });
  office.pass(HOUR);
}
office.pass(HOUR);
const lookedUp = async (brukerIdent: string): Promise<string> => {
  const { json, headers } = await send(leader, 'POST', `${BASE}/${OSLO}/oppslag`, { brukerIdent });
  done.push({
    id: headers.get('x-request-id'),
    event: { handling: 'person.look_up', brukerId: json.brukerId, foer: undefined, etter: undefined },
  });
  return json.brukerId;
};
const brukerId = await lookedUp(one);
const keeperId = await lookedUp(numberOf('oslo-tilgang'));
const at = `${grantsOf(smittevern)}/${brukerId}`;
await act(give(smittevern, one, { begrunnelse: 'Vikar' }, keeper), {
  handling: 'grant.give',
  aktor: keeperId,
  paaVegneAv: OSLO,
  begrunnelse: 'Vikar',
  appId: smittevern,
  brukerId,
  foer: undefined,
  etter: { konsument: OSLO, roller: ['use'], begrunnelse: 'Vikar', gittAv: keeperId, kilde: 'person', revisjon: 1 },
});
await act(send(bergen, 'POST', grantsOf(smittevern, bergenOrgnr), { brukerIdent: one, begrunnelse: 'Bergens sak' }), {});
done.pop();
await act(send(keeper, 'PATCH', at, { til: office.moment(DAY), begrunnelse: 'Slutter' }, WHATEVER), {
  handling: 'grant.change',
  begrunnelse: 'Slutter',
  foer: { revisjon: 1, begrunnelse: 'Vikar' },
  etter: { revisjon: 2, til: office.moment(DAY) },
});
await act(send(machine, 'PUT', activationOf(smittevern), { aktiv: false, begrunnelse: 'Vedtak' }, WHATEVER), {
  handling: 'activation.deactivate',
  aktor: OSLO,
  appId: smittevern,
  begrunnelse: 'Vedtak',
  foer: { aktiv: true },
  etter: { aktiv: false },
});
await act(send(machine, 'PUT', activationOf(smittevern), { aktiv: true }, WHATEVER), {
  handling: 'activation.activate',
  etter: { aktiv: true },
});
await act(send(keeper, 'DELETE', at, { begrunnelse: 'Sluttet' }, WHATEVER), {
  handling: 'grant.withdraw',
  begrunnelse: 'Sluttet',
  foer: { revisjon: 2 },
  etter: { revisjon: 3, trukket: { av: keeperId, tidspunkt: office.moment() } },
});
await act(send(leader, 'PATCH', `${BASE}/${OSLO}/innstillinger`, { fireOyne: true }, WHATEVER), {
  handling: 'settings.change',
  etter: { fireOyne: true },
});
await act(appoint('person-001', { roller: ['tilgangsadministrator'], begrunnelse: 'Ny' }), {
  handling: 'administrator.appoint',
  begrunnelse: 'Ny',
  etter: { roller: ['tilgangsadministrator'] },
});
await act(give(byggesak, two), { handling: 'grant.give', appId: byggesak });
await act(
  send(leader, 'POST', `${BASE}/${OSLO}/import`, `app,brukerIdent,roles\n${byggesak},${three},use\n`, { 'Content-Type': 'text/csv' }),
  { handling: 'grant.give', etter: { kilde: 'import' } },
);
const since = `fra=${began}`;

t.test('each change stands there once: who, when, why, before and after, and the request', async (t) => {
  const events = await office.events(since);
  t.equal(events.length, done.length);
  for (const [i, { id, event }] of [...done].reverse().entries()) {
    t.match(events[i], { ...event, forespoersel: id, id: /^\d+$/, hash: /^.{20,}$/ });
  }
  t.ok(done.every(({ id }) => id !== null && id.length > 8));
});

t.test('the newest is first, and paging neither drops nor repeats', async (t) => {
  const all = await office.events();
  t.same(
    all.map(({ id }) => id),
    all
      .map(({ id }) => id)
      .sort()
      .reverse(),
  );
  for (const antall of [1, 2, 3, 50, 500]) t.same(await office.events(`antall=${antall}`), all, `pages of ${antall}`);
  const own = await office.events(`bruker=${brukerId}`);
  t.same(await office.events(`bruker=${brukerId}&antall=1`), own, 'of one person too');
  t.same(
    own.map(({ handling }) => handling),
    ['grant.withdraw', 'grant.change', 'grant.give', 'person.look_up'],
  );
});

t.test('filters leave what they say', async (t) => {
  const all = await office.events();
  const same = async (query: string, keep: (event: Event) => boolean) => {
    const kept = all.filter(keep);
    t.ok(kept.length > 0, `${query} has some`);
    t.same(await office.events(query), kept, query);
    t.same(await office.events(`${query}&antall=2`), kept, `${query}, by twos`);
  };
  const middle = done[4]?.event as Event;
  await same('handling=grant', ({ handling }) => handling.startsWith('grant.'));
  await same('handling=grant.give', ({ handling }) => handling === 'grant.give');
  await same(`app=${byggesak}`, ({ appId }) => appId === byggesak);
  await same(`app=${smittevern.toUpperCase()}`, ({ appId }) => appId === smittevern);
  await same(`bruker=${brukerId}`, (event) => event.brukerId === brukerId);
  await same(`aktor=${keeperId}`, ({ aktor }) => aktor === keeperId);
  await same(`aktor=${OSLO}`, ({ aktor }) => aktor === OSLO);
  await same(`fra=${middle.tidspunkt}`, ({ tidspunkt }) => tidspunkt >= middle.tidspunkt);
  await same(`til=${middle.tidspunkt}`, ({ tidspunkt }) => tidspunkt < middle.tidspunkt);
  await same(
    `bruker=${brukerId}&app=${smittevern}&handling=grant.change&${since}`,
    (event) => event.brukerId === brukerId && event.handling === 'grant.change',
  );
  t.same(await office.events('handling=gra'), [], 'not the beginning of a word');
  for (const query of [
    'handling=Grant',
    'app=nei',
    'bruker=nei',
    'aktor=%24gt',
    'fra=2026-01-01',
    'til=nei',
    'markor=nei',
    'ukjent=1',
    'antall=0',
  ]) {
    t.equal(said(await send(leader, 'GET', `${BASE}/${OSLO}/hendelser?${query}`)), '400 invalid-request', query);
  }
  t.same(pointers(await send(leader, 'GET', `${BASE}/${OSLO}/hendelser?fra=2026-01-01`)), ['fra']);
});

t.test('no person number stands there, nothing sealed, and nothing of other organisations (threat 27)', async (t) => {
  // Of scopes, accesses and delegations both parties are named to both: test/http/maskinporten.
  const isOfTwo = ({ handling }: { readonly handling: string }): boolean => /^(access|delegation|scope|client|terms)\./.test(handling);
  const text = JSON.stringify((await office.events()).filter((event) => !isOfTwo(event)));
  const numbers = [
    ...people,
    ...gateway.world.persons.map(({ brukerIdent }) => brukerIdent),
    ...gateway.world.administrators.map(({ brukerIdent }) => brukerIdent),
  ];
  t.same(
    numbers.filter((number) => text.includes(number)),
    [],
  );
  t.notOk(/sealed|forseglet/i.test(text));
  t.notOk(text.includes(bergenOrgnr) || text.includes('Bergens sak'));
  const others = gateway.world.organisations.map(({ orgnr }) => orgnr).filter((orgnr) => orgnr !== OSLO);
  t.same(
    others.filter((orgnr) => text.includes(`"${orgnr}"`)),
    [],
  );
  t.same(
    (await office.events(`bruker=${brukerId}`, bergen, bergenOrgnr)).map(({ begrunnelse }) => begrunnelse),
    ['Bergens sak'],
  );
  t.equal(said(await send(bergen, 'GET', `${BASE}/${OSLO}/hendelser`)), '404 organisation-not-found');
  const lines = gateway.lines.join('\n');
  t.same(
    people.filter((number) => lines.includes(number)),
    [],
    'nor in the log',
  );
});

t.test('the chain of events is whole after all of it', async (t) => {
  await gateway.stop();
  const { access, close } = await openAccess(gateway.config);
  const { broken, events } = await access.store.events.verify();
  t.same(broken, undefined);
  t.ok(events > done.length);
  await close();
});

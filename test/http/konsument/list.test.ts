import t from 'tap';
import { activationOf, BASE, bergen, DAY, grantsOf, keeper, leader, machine, OSLO, openOffice, said, WHATEVER } from './office.js';

const office = await openOffice(t);
const { send, give, told, smittevern, byggesak } = office;
interface Row {
  readonly brukerId: string;
  readonly gjelder: string[];
  readonly hindringer: string[];
}

/** All pages, one after the other; `between` is done after each. */
async function pages(query: string, between: () => Promise<unknown> = async () => {}): Promise<string[][]> {
  const found: string[][] = [];
  for (let markor: string | undefined; ; ) {
    const cursor = markor === undefined ? '' : `&markor=${encodeURIComponent(markor)}`;
    const { json } = await send(keeper, 'GET', `${grantsOf(byggesak)}?${query}${cursor}`);
    found.push(json.brukere.map(({ brukerId }: Row) => brukerId));
    markor = json.neste;
    if (markor === undefined) return found;
    await between();
  }
}

t.test('a list of 250 neither drops nor repeats, also while others are given and withdrawn', async (t) => {
  const earlier = (await pages('antall=500')).flat();
  const answers = await Promise.all(Array.from({ length: 250 }, () => give(byggesak, office.stranger())));
  t.ok(answers.every(({ status }) => status === 201));
  const given = [...earlier, ...answers.map(({ json }) => json.brukerId as string)].sort();
  const quiet = await pages('antall=100');
  t.same(
    quiet.slice(0, -1).map(({ length }) => length),
    quiet.slice(0, -1).map(() => 100),
  );
  t.same(quiet.flat().sort(), given);
  t.same((await pages('antall=7')).flat(), quiet.flat(), 'in the same order whatever the size of the page');
  const gone = answers.slice(0, 30).map(({ headers }) => headers.get('location') ?? '');
  const goneIds = new Set(answers.slice(0, 30).map(({ json }) => json.brukerId as string));
  const busy = await pages('antall=20', async () => {
    await Promise.all([give(byggesak, office.stranger()), give(byggesak, office.stranger())]);
    const location = gone.pop();
    if (location !== undefined) await send(leader, 'DELETE', location, undefined, WHATEVER);
  });
  const seen = busy.flat();
  t.equal(new Set(seen).size, seen.length, 'none twice');
  t.same(
    given.filter((id) => !goneIds.has(id) && !seen.includes(id)),
    [],
    'none of those that stayed is missing',
  );
});

t.test('a page has as many as asked for, and a made-up cursor is refused', async (t) => {
  const at = grantsOf(byggesak);
  const all = new Set((await pages('antall=500')).flat());
  t.equal((await send(keeper, 'GET', `${at}?antall=1`)).json.brukere.length, 1);
  for (const query of ['antall=0', 'antall=501', 'antall=1.5', 'antall=ti', 'markor=', 'markor=tu+ll', 'tull=1', 'antall=1&antall=2']) {
    t.equal(said(await send(keeper, 'GET', `${at}?${query}`)), '400 invalid-request', query);
  }
  const { json } = await send(keeper, 'GET', `${at}?antall=1`);
  const foreign = [Buffer.from('0').toString('base64url'), Buffer.from(office.bergenOrgnr).toString('base64url')];
  for (const markor of foreign) {
    const { status, json: page } = await send(keeper, 'GET', `${at}?antall=500&markor=${markor}`);
    t.ok(
      status === 400 || page.brukere.every(({ brukerId }: Row) => all.has(brukerId)),
      'a cursor of elsewhere shows nothing of elsewhere (threat 27)',
    );
  }
  const next = await send(bergen, 'GET', `${grantsOf(byggesak, office.bergenOrgnr)}?antall=500&markor=${json.neste}`);
  t.ok(next.status === 400 || next.json.brukere.every(({ brukerId }: Row) => !all.has(brukerId)), 'nor does ours in the hands of others');
});

t.test('the list says what each gives now, and agrees with the Tilgang API', async (t) => {
  const cases: [terms: object, gjelder: string[], hindringer: string[]][] = [
    [{}, ['use'], []],
    [{ til: office.moment(DAY) }, ['use'], []],
    [{ fra: office.moment(2 * DAY) }, [], ['grant_not_yet_valid']],
    [{ roller: ['saksbehandler'] }, ['saksbehandler'], []],
  ];
  const people = cases.map(() => office.stranger());
  const given = await Promise.all(cases.map(([terms], i) => give(smittevern, people[i] ?? '', terms)));
  const rowOf = async (i: number): Promise<Row> => {
    const { json } = await send(keeper, 'GET', `${grantsOf(smittevern)}?antall=500`);
    return json.brukere.find(({ brukerId }: Row) => brukerId === given[i]?.json.brukerId);
  };
  for (const [i, [, gjelder, hindringer]] of cases.entries()) {
    t.match(await rowOf(i), { gjelder, hindringer });
    t.same(await told(smittevern, people[i] ?? ''), gjelder.includes('use') ? [OSLO] : []);
  }
  await send(machine, 'PUT', activationOf(smittevern), { aktiv: false }, WHATEVER);
  t.match(await rowOf(0), { gjelder: [], hindringer: ['application_not_activated'] });
  t.same((await rowOf(2)).hindringer, ['application_not_activated', 'grant_not_yet_valid']);
  await send(machine, 'PUT', activationOf(smittevern), { aktiv: true }, WHATEVER);
  office.pass(DAY - 1);
  t.same(await told(smittevern, people[1] ?? ''), [OSLO], 'to the last millisecond');
  office.pass(1);
  t.same(await told(smittevern, people[1] ?? ''), [], 'and not one longer (threat 22)');
  t.match(await rowOf(1), { gjelder: [], hindringer: ['grant_expired'] });
  office.pass(DAY);
  t.match(await rowOf(2), { gjelder: ['use'], hindringer: [] });
  t.same(await told(smittevern, people[2] ?? ''), [OSLO]);
});

t.test('what ends soon is listed with the soonest first, for this organisation only', async (t) => {
  const ends = [20, 3, 11, 40].map((days) => office.moment(days * DAY));
  const given = await Promise.all(ends.map((til) => give(smittevern, office.stranger(), { til })));
  const ids = given.map(({ json }) => json.brukerId as string);
  const soon = async (query: string): Promise<string[]> => {
    const { json } = await send(keeper, 'GET', `${BASE}/${OSLO}/utloper?antall=500${query}`);
    return json.brukere.map(({ brukerId }: Row) => brukerId).filter((id: string) => ids.includes(id));
  };
  t.same(await soon(''), [ids[1], ids[2], ids[0]]);
  t.same(await soon('&innenDager=12'), [ids[1], ids[2]]);
  await send(leader, 'DELETE', given[1]?.headers.get('location') ?? '', undefined, WHATEVER);
  t.same(await soon('&innenDager=60'), [ids[2], ids[0], ids[3]], 'not what is withdrawn');
  office.pass(12 * DAY);
  t.same(await soon('&innenDager=60'), [ids[0], ids[3]], 'nor what has ended');
});

import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import type { Answer } from '../../fixtures/gateway.js';
import { watchLoop } from '../../fixtures/loop-watch.js';
import { administratorsOf, BASE, grantsOf, keeper, leader, OSLO, openOffice, said, UNKNOWN_APP, WHATEVER } from './office.js';

const office = await openOffice(t, { refusalsPerMinute: 10_000, lookUpsPerMinute: 10_000 });
const { send, smittevern } = office;
const events = `${BASE}/${OSLO}/hendelser`;
const TILBYDER = '/leverandor-tjenester/api/v1/applikasjoner';

/** Field or parameter, and what is said of it. */
const told = ({ json }: Answer): string[] =>
  (json?.errors ?? []).map(({ pointer, parameter, detail }: Record<string, string>) => `${parameter ?? pointer}: ${detail}`);

t.test('every action that the source writes or asks leave for can be asked for in the history (fault 10)', async (t) => {
  const sources = ['src', 'policies'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(\.ts|acts\.rego)$/.test(name))
      .map((name) => readFileSync(`${root}/${name}`, 'utf8')),
  );
  const named = sources.flatMap((text) => [...text.matchAll(/(?:facts\(|action: )'([a-z_-]+\.[a-z_-]+)'|"([a-z_-]+\.[a-z_-]+)",$/gm)]);
  const actions = new Set(named.map(([, written, asked]) => (written ?? asked) as string));
  t.ok(actions.has('person.look_up') && actions.has('grant.give') && actions.has('settings.change'));
  for (const action of actions) {
    for (const handling of [action, action.split('.')[0] ?? '']) {
      t.equal(said(await send(leader, 'GET', `${events}?handling=${handling}`)), '200', handling);
    }
  }
});

t.test('a number in a query is its digits, a boolean true or false, and a parameter stands there once (fault 15)', async (t) => {
  const expiring = `${BASE}/${OSLO}/utloper`;
  for (const number of [
    '0x10',
    '1e1',
    '0b11',
    '0o7',
    '%205%20',
    '%2B5',
    '+5',
    '05',
    '5.0',
    '%EF%BC%95',
    '',
    '-1',
    'null',
    'true',
    '9'.repeat(400),
  ]) {
    const answer = await send(leader, 'GET', `${expiring}?antall=${number}`);
    t.same([said(answer), told(answer).length], ['400 invalid-request', 1], number);
  }
  t.equal(said(await send(leader, 'GET', `${expiring}?antall=5&innenDager=30`)), '200');
  for (const boolean of ['1', '0', 'TRUE', 'True', '', 'yes', '%20true', 'null']) {
    const answer = await send(leader, 'POST', `${BASE}/${OSLO}/import?proving=${boolean}`, 'app,brukerIdent\n', {
      'Content-Type': 'text/csv',
    });
    t.same([said(answer), told(answer)], ['400 invalid-request', ['proving: must be true or false']], boolean);
  }
  const twice = await send(leader, 'GET', `${expiring}?antall=5&antall=5`);
  t.same(told(twice), ['antall: must stand in the query once']);
  for (const name of ['__proto__', 'constructor', 'toString', 'Antall', 'antall%20', 'antall[]']) {
    t.equal(said(await send(leader, 'GET', `${expiring}?${name}=5`)), '400 invalid-request', name);
  }
  for (const days of ['30', true, [30], 30.5, '0x1e']) {
    const settings = `${BASE}/${OSLO}/innstillinger`;
    const answer = await send(leader, 'PATCH', settings, { lengsteTilgangDager: days }, WHATEVER);
    t.equal(said(answer), '400 invalid-request', `nor is a body's ${JSON.stringify(days)} turned into a number`);
  }
});

t.test('what is wrong is told by name, with what is allowed (fault 20)', async (t) => {
  const path = grantsOf(smittevern);
  const person = office.stranger();
  const cases: readonly (readonly [object, readonly string[]])[] = [
    [{}, ['/brukerIdent: is missing']],
    [{ brukerIdent: person, tilstand: 'x' }, ['/tilstand: is not known here; known: brukerIdent, roller, fra, til, begrunnelse']],
    [{ brukerIdent: person, roller: [] }, ['/roller: must have at least 1 item']],
    [{ brukerIdent: person, roller: ['Use'] }, ['/roller/0: must be a lower-case letter, then at most 63 of a-z 0-9 _ . -']],
    [{ brukerIdent: person, roller: ['use', 'use'] }, ['/roller: must have no item twice']],
    [{ brukerIdent: 1 }, ['/brukerIdent: must be a text']],
    [{ brukerIdent: '1' }, ['/brukerIdent: must be eleven digits']],
    [{ brukerIdent: person, begrunnelse: 'a'.repeat(501) }, ['/begrunnelse: must have at most 500 characters']],
  ];
  for (const [body, words] of cases) t.same(told(await send(leader, 'POST', path, body)), words);
  const quoted = await send(leader, 'POST', path, { brukerIdent: person, [`a${person}`]: 1 });
  t.same(told(quoted), [': has a name that is not known here; known: brukerIdent, roller, fra, til, begrunnelse']);
  t.notOk(quoted.text.includes(person), 'a name that holds a person number is not told');
  const offers = `${BASE}/${OSLO}/applikasjoner`;
  t.same(told(await send(leader, 'GET', `${offers}?vis=alt`)), ['vis: must be one of alle, aktivert, tilbud']);
  t.same(told(await send(leader, 'GET', `${offers}?side=2`)), ['side: is not known here; known: vis, sok, markor, antall']);
  t.same(told(await send(leader, 'GET', `${offers}?antall=501`)), ['antall: must be 500 or less']);
  const settings = `${BASE}/${OSLO}/innstillinger`;
  t.same(told(await send(leader, 'PATCH', settings, { lengsteTilgangDager: '3' }, WHATEVER)), [
    '/lengsteTilgangDager: must be a whole number in digits or null',
  ]);
  const aPerson = `${path}/${'A'.repeat(43)}`;
  t.same(told(await send(leader, 'PATCH', aPerson, { til: '', fra: 3 }, WHATEVER)), ['/fra: must be a text']);
  t.same(told(await send(leader, 'POST', path, { brukerIdent: person, til: 'x' })), [
    '/til: is neither a date (YYYY-MM-DD) nor an RFC 3339 date-time with offset',
  ]);
  t.match(told(await send(leader, 'GET', `${events}?fra=i%20dag`)), [/^fra: must be an RFC 3339 date-time with offset/]);
});

t.test('a person who names no tilbyder hears that it is missing (fault 20)', async (t) => {
  const holder = { person: 'fhi-leder' };
  const body = { navn: { nb: 'x' }, beskrivelse: { nb: 'x' }, url: 'https://x.example' };
  for (const answer of [await send(holder, 'GET', TILBYDER), await send(holder, 'POST', TILBYDER, body)]) {
    t.same([said(answer), told(answer).map((one) => one.slice(0, 20))], ['400 invalid-request', ['tilbyder: is missing']]);
  }
});

t.test('If-Match that is missing or no tag in quotes is told its forms, and a weak tag matches nothing (fault 20)', async (t) => {
  const settings = `${BASE}/${OSLO}/innstillinger`;
  const { headers } = await send(leader, 'GET', settings);
  const etag = headers.get('etag') ?? '';
  const patched = (match?: string) => send(leader, 'PATCH', settings, {}, match === undefined ? {} : { 'If-Match': match });
  const forms = /^If-Match: .*\(If-Match: "3"\), "0" for what is not there yet, or \* for whatever is there$/;
  const missing = await patched();
  t.equal(said(missing), '428 precondition-required');
  t.match(told(missing), [forms]);
  for (const wrong of ['3', etag.replaceAll('"', ''), '"3', "'3'", '""3""', 'W/3', 'w/"3"', '*, "3"', '"3" "4"', '']) {
    const answer = await patched(wrong);
    t.equal(said(answer), '400 invalid-request', wrong);
    t.match(told(answer), [forms], wrong);
  }
  for (const other of [`W/${etag}`, '"999"', '"a,b"', '""', `"${etag.slice(1, -1)} "`.replace(' ', '.'), '"0999"']) {
    t.equal(said(await patched(other)), '412 precondition-failed', other);
  }
  for (const right of [etag, '*', `"999", ${etag}`, `, ${etag},,`, `W/"1",\t${etag}`]) t.equal(said(await patched(right)), '200', right);
});

t.test('a refused token is told its reason in WWW-Authenticate, in its letters only (fault 20)', async (t) => {
  const answer = await office.gateway.send(null, 'GET', events, undefined, { Authorization: 'Bearer x.y.z' });
  t.equal(answer.status, 401);
  t.match(answer.headers.get('www-authenticate'), /^Bearer realm="tilgang", error="invalid_token", error_description="[ !#-[\]-~]+"$/);
  t.equal(/error_description="(.*?)"/.exec(answer.headers.get('www-authenticate') ?? '')?.[1]?.slice(0, 8), answer.json.detail.slice(0, 8));
});

t.test('what a use case or the store finds wrong is told by name too, with what there is instead (fault 20)', async (t) => {
  const path = grantsOf(smittevern);
  const role = await send(leader, 'POST', path, { brukerIdent: office.stranger(), roller: ['use', 'nei'] });
  t.same(told(role), ['/roller/1: is no role of the application; known: use, saksbehandler']);
  const lists = [events, path, `${BASE}/${OSLO}/applikasjoner`, `${BASE}/${OSLO}/utloper`];
  for (const list of lists) {
    const answer = await send(leader, 'GET', `${list}?markor=x`);
    t.same(
      [answer.status, told(answer)],
      [400, ['markor: must be `neste` of the page before, as it was told; the first page has none']],
      list,
    );
  }
  const turned = await send(leader, 'GET', `${events}?fra=2026-02-01T00:00:00Z&til=2026-01-01T00:00:00Z`);
  t.same(told(turned), ['til: must be later than fra']);
  const body = { brukerIdent: office.stranger(), roller: ['tilgangsadministrator'], applikasjoner: [smittevern, UNKNOWN_APP] };
  t.same(told(await send(leader, 'POST', administratorsOf(), body)), [
    '/applikasjoner/1: must be the App-ID of an application on offer here',
  ]);
  const file = `app,brukerIdent,roles,orgnr,x\n${smittevern},${office.stranger()},nei,,\n${smittevern},${office.stranger()},,${office.bergenOrgnr},\n`;
  const imported = (csv: string) => send(leader, 'POST', `${BASE}/${OSLO}/import?proving=true`, csv, { 'Content-Type': 'text/csv' });
  t.match((await imported(file)).json.feilListe[0].detalj, /known: app, brukerIdent, kommune, orgnr, roles, from, until, reason$/);
  const { json } = await imported(file.replace(',x', '').replaceAll(',\n', '\n'));
  t.same(
    json.feilListe.map(({ detalj }: { detalj: string }) => detalj),
    ['has a role that the application does not know; known: use, saksbehandler', 'is not of the organisation that the file is for'],
  );
});

t.test(
  'a body that cannot be read is told where it goes wrong and which header is to blame, without a word of it (fault 20)',
  async (t) => {
    const path = grantsOf(smittevern);
    const sent = (body: string, headers = {}) => send(leader, 'POST', path, body, { 'Content-Type': 'application/json', ...headers });
    const places: readonly (readonly [string, string])[] = [
      ['{"hemmelig":1,}', 'It goes wrong at line 1, column 15.'],
      ['{"a":1,\n  hemmelig:1}', 'It goes wrong at line 2, column 3.'],
      ['{"hemmelig":"', 'It ends before it is complete.'],
      ['{"hemmelig":', 'It ends before it is complete.'],
      ['hemmelig at position 3', 'Send one JSON value in UTF-8 without a byte order mark.'],
    ];
    for (const [body, detail] of places) {
      const answer = await sent(body);
      t.same([said(answer), answer.json.detail], ['400 malformed-json', detail], body);
      t.notOk(answer.text.includes('hemmelig'));
    }
    const headers: readonly (readonly [object, string])[] = [
      [{ 'Content-Type': 'text/json' }, 'Content-Type: must be application/json'],
      [{ 'Content-Type': '' }, 'Content-Type: is missing; it must be application/json'],
      [{ 'Content-Type': 'application/json; charset=latin1' }, 'Content-Type: must be application/json, with no charset but utf-8'],
      [{ 'Content-Encoding': 'gzip' }, 'Content-Encoding: must be left out: no body is unpacked'],
    ];
    for (const [sentWith, words] of headers) t.same(told(await sent('{}', sentWith)), [words]);
  },
);

t.test('whatever is refused says what to do, in errors or in detail (fault 20)', async (t) => {
  const path = grantsOf(smittevern);
  const refused = [
    await send(null, 'GET', events),
    await send(null, 'GET', events, undefined, { Authorization: 'Bearer' }),
    await send({ client: 'uten-scope' }, 'GET', events),
    await send(leader, 'GET', `${BASE}/${office.bergenOrgnr}`),
    await send(leader, 'GET', `${path}/x`),
    await send(leader, 'PUT', path, {}),
    await send(keeper, 'PATCH', `${BASE}/${OSLO}/innstillinger`, {}, WHATEVER),
    await send(leader, 'PATCH', `${BASE}/${OSLO}/innstillinger`, {}, { 'If-Match': '"999"' }),
    await send(leader, 'POST', grantsOf(office.appNamed('Byggesøknad 2010')), { brukerIdent: office.stranger() }),
  ];
  const statuses = refused.map(({ status }) => status);
  t.same(statuses, [401, 401, 403, 404, 404, 405, 403, 412, 409]);
  for (const { status, json } of refused) t.ok(json.errors?.length > 0 || json.detail?.length > 20, `${status} ${json.type}`);
  t.match(refused[1]?.json.detail, 'no token after Bearer');
  t.match(refused[2]?.json.detail, 'ks:fiks.konsument');
});

t.test('every pattern of the descriptions is said in words beside it (fault 20)', async (t) => {
  let patterns = 0;
  const look = (value: unknown, at: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const { pattern, 'x-pattern-in-words': words } = value as Record<string, unknown>;
    if (typeof pattern === 'string') {
      patterns += 1;
      t.type(words, 'string', at);
    }
    for (const [name, inner] of Object.entries(value)) look(inner, `${at}/${name}`);
  };
  for (const api of ['tilgang', 'tilbyder', 'konsument']) look(parse(readFileSync(`src/http/${api}/openapi.yaml`, 'utf8')), api);
  t.ok(patterns > 20);
});

t.test('a list that is far too long holds no others up: the work grows as it does (threat 50)', async (t) => {
  const path = grantsOf(smittevern);
  const heldBy = async (count: number): Promise<number> => {
    const roller = Array.from({ length: count }, (_, i) => `a${i}`);
    const held: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const { longestCpuMs } = await watchLoop(async () => {
        const answer = await send(leader, 'POST', path, { brukerIdent: office.stranger(), roller });
        t.same(told(answer), ['/roller: must have at most 50 items']);
      });
      held.push(longestCpuMs);
    }
    return Math.min(...held);
  };
  const few = await heldBy(500);
  const many = await heldBy(3900);
  t.comment(`${few.toFixed(1)} ms for 500, ${many.toFixed(1)} ms for 3900`);
  t.ok(many < Math.max(40, 16 * few), `${few.toFixed(1)} ms for 500, ${many.toFixed(1)} ms for 3900`);
});

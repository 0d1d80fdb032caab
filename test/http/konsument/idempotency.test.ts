import { readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { keyedRequests } from '#http/entities';
import { openAccess } from '#installation';
import {
  activationOf,
  administratorsOf,
  BASE,
  DAY,
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
const { send, told, gateway, numberOf, smittevern, byggesak } = office;
const path = grantsOf(smittevern);
let count = 0;
const fresh = (): { readonly 'Idempotency-Key': string } => {
  count += 1;
  return { 'Idempotency-Key': `nokkel-${count}` };
};
const people: string[] = [];
const somebody = (): string => {
  people.push(office.stranger());
  return people.at(-1) ?? '';
};

t.test('the same request with the same key gets the same answer, and what was withdrawn meanwhile is not given again', async (t) => {
  const person = somebody();
  const key = fresh();
  const first = await send(leader, 'POST', path, { brukerIdent: person, til: '2026-12-31' }, key);
  t.equal(said(first), '201');
  office.pass(HOUR);
  const again = await send(leader, 'POST', path, { brukerIdent: person, til: '2026-12-31' }, key);
  t.same([again.status, again.json], [201, first.json]);
  for (const name of ['etag', 'location', 'content-type', 'cache-control']) t.equal(again.headers.get(name), first.headers.get(name), name);
  t.not(again.headers.get('x-request-id'), first.headers.get('x-request-id'));
  await send(leader, 'DELETE', first.headers.get('location') ?? '', undefined, WHATEVER);
  const late = await send(leader, 'POST', path, { brukerIdent: person, til: '2026-12-31' }, key);
  t.same([late.status, late.json], [201, first.json]);
  t.same(await told(smittevern, person), []);
  t.same(
    (await office.events(`bruker=${first.json.brukerId}`)).map(({ handling }) => handling),
    ['grant.withdraw', 'grant.give'],
  );
  office.pass(DAY);
  t.equal(said(await send(leader, 'POST', path, { brukerIdent: person, til: '2026-12-31' }, key)), '201');
  t.same(await told(smittevern, person), [OSLO], 'after a day the key is forgotten');
});

t.test('another body with that key is refused; another caller, place or key is another request', async (t) => {
  const person = somebody();
  const key = fresh();
  await send(leader, 'POST', path, { brukerIdent: person }, key);
  t.equal(said(await send(leader, 'POST', path, { brukerIdent: somebody() }, key)), '422 idempotency-key-reused');
  t.equal(said(await send(leader, 'POST', path, { brukerIdent: person, til: '2026-12-31' }, key)), '422 idempotency-key-reused');
  const other = somebody();
  t.equal(said(await send(keeper, 'POST', path, { brukerIdent: other }, key)), '201', 'of another caller');
  t.equal(said(await send(machine, 'POST', path, { brukerIdent: somebody() }, key)), '201', 'of a machine');
  t.equal(said(await send(leader, 'POST', grantsOf(byggesak), { brukerIdent: other }, key)), '201', 'in another application');
  t.equal(said(await send(leader, 'POST', path, { brukerIdent: person }, fresh())), '200', 'with another key');
});

t.test('of several at once with the same key one is carried out', async (t) => {
  for (let round = 0; round < 3; round += 1) {
    const person = somebody();
    const key = fresh();
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(leader, 'POST', path, { brukerIdent: person }, key)));
    const won = answers.filter(({ status }) => status === 201);
    t.ok(won.length >= 1);
    t.ok(
      answers.every((answer) => answer.status === 201 || said(answer) === '409 request-in-progress'),
      answers.map(said).join(),
    );
    t.ok(answers.every(({ status, headers }) => status === 201 || headers.has('retry-after')));
    t.same(new Set(won.map(({ text }) => text)).size, 1);
    t.equal((await office.events(`bruker=${won[0]?.json.brukerId}`)).length, 1);
  }
});

t.test('a request that failed frees its key', async (t) => {
  const person = somebody();
  const key = fresh();
  t.equal(said(await send(leader, 'POST', path, { brukerIdent: person, roller: ['nei'] }, key)), '400 invalid-request');
  await send(machine, 'PUT', activationOf(smittevern), { aktiv: false }, WHATEVER);
  t.equal(said(await send(leader, 'POST', path, { brukerIdent: person }, key)), '409 application-not-activated');
  await send(machine, 'PUT', activationOf(smittevern), { aktiv: true }, WHATEVER);
  t.equal(said(await send(leader, 'POST', path, { brukerIdent: person }, key)), '201', 'another body too, since nothing was done');
  const refused = fresh();
  const body = { brukerIdent: numberOf('person-001'), roller: ['tilgangsadministrator'] };
  t.equal(said(await send(keeper, 'POST', administratorsOf(), body, refused)), '403 action-not-allowed');
  t.equal(said(await send(leader, 'POST', administratorsOf(), body, refused)), '201');
  t.equal(said(await send(leader, 'POST', administratorsOf(), body, refused)), '201');
});

t.test('a key in quotes is the same key as the bare one (fault 8)', async (t) => {
  const person = somebody();
  const { 'Idempotency-Key': key } = fresh();
  const first = await send(leader, 'POST', path, { brukerIdent: person }, { 'Idempotency-Key': key });
  const quoted = await send(leader, 'POST', path, { brukerIdent: person }, { 'Idempotency-Key': `"${key}"` });
  t.same([quoted.status, quoted.text], [201, first.text]);
  const other = await send(leader, 'POST', path, { brukerIdent: somebody() }, { 'Idempotency-Key': `"${key}"` });
  t.equal(said(other), '422 idempotency-key-reused');
});

t.test('of two bodies at once under one key one is carried out, and the other is told that the key is spent (fault 8)', async (t) => {
  for (let round = 0; round < 3; round += 1) {
    const key = fresh();
    const bodies = Array.from({ length: 4 }, () => ({ brukerIdent: somebody() }));
    const answers = await Promise.all(bodies.map((body) => send(leader, 'POST', path, body, key)));
    t.same(answers.map(said).sort(), ['201', ...Array(3).fill('422 idempotency-key-reused')]);
  }
});

t.test('a kept answer is repeated only to whoever may still do what it answers (threat 52)', async (t) => {
  const person = somebody();
  const giving = fresh();
  const { json: assigned } = await office.appoint('oslo-tilgang', {}, leader).then(() => send(leader, 'GET', administratorsOf()));
  const own = assigned.administratorer.find(({ brukerIdent }: { brukerIdent: string }) => brukerIdent === numberOf('oslo-tilgang'));
  const body = { brukerIdent: person, roller: ['use'] };
  t.equal(said(await send(keeper, 'POST', path, body, giving)), '201');
  t.equal(said(await send(keeper, 'POST', path, body, giving)), '201');
  // Still an administrator, who sees the organisation and gives access elsewhere, but not this.
  const place = `${administratorsOf()}/${own.brukerId}`;
  t.equal(said(await send(leader, 'PATCH', place, { applikasjoner: [byggesak] }, WHATEVER)), '200');
  const late = await send(keeper, 'POST', path, body, giving);
  t.match(said(late), /^40[34] /);
  t.notOk(late.text.includes(person));
  t.equal(said(await send(leader, 'PATCH', place, { applikasjoner: null, kanGi: ['saksbehandler'] }, WHATEVER)), '200');
  t.match(said(await send(keeper, 'POST', path, body, giving)), /^403 /);
  t.equal(said(await send(leader, 'PATCH', place, { kanGi: null }, WHATEVER)), '200');
  t.equal(said(await send(keeper, 'POST', path, body, giving)), '201');

  const appointing = fresh();
  const appointed = { brukerIdent: somebody(), roller: ['tilgangsadministrator'] };
  t.equal(said(await send(leader, 'PATCH', place, { roller: ['organisasjonsadministrator'] }, WHATEVER)), '200');
  t.equal(said(await send(keeper, 'POST', administratorsOf(), appointed, appointing)), '201');
  t.equal(said(await send(leader, 'PATCH', place, { roller: ['tilgangsadministrator'] }, WHATEVER)), '200');
  const after = await send(keeper, 'POST', administratorsOf(), appointed, appointing);
  t.equal(said(after), '403 action-not-allowed');
  t.notOk(after.text.includes(appointed.brukerIdent));
});

t.test('a registration is repeated only to whoever may still register (threat 52)', async (t) => {
  const tilbyder = '983744516';
  const owner = { person: 'fhi-leder' };
  const list = `/leverandor-tjenester/api/v1/applikasjoner?tilbyder=${tilbyder}`;
  const terms = { navn: { nb: 'Nøkkelprøve' }, beskrivelse: { nb: 'Til prøve.' }, url: 'https://prove.example' };
  const appointed = { brukerIdent: numberOf('oslo-tilgang'), roller: ['applikasjonsadministrator'] };
  const { json: administrator } = await send(owner, 'POST', administratorsOf(tilbyder), appointed);
  const key = fresh();
  const first = await send(keeper, 'POST', list, terms, key);
  t.equal(said(first), '201');
  t.equal((await send(keeper, 'POST', list, terms, key)).text, first.text);
  const place = `${administratorsOf(tilbyder)}/${administrator.brukerId}`;
  t.equal(said(await send(owner, 'DELETE', place, undefined, WHATEVER)), '204');
  const late = await send(keeper, 'POST', list, terms, key);
  t.equal(said(late), '404 organisation-not-found');
  t.notOk(late.text.includes(first.json.appId));
  t.equal(said(await send(owner, 'POST', administratorsOf(tilbyder), appointed)), '201');
  t.equal((await send(keeper, 'POST', list, terms, key)).text, first.text);
});

/** An import whose sender has stopped in the middle of a line. */
async function halfSent(key: Readonly<Record<string, string>>, person: string) {
  const renewals: (() => void)[] = [];
  const { setInterval: real } = globalThis;
  globalThis.setInterval = ((act: () => void, ms: number) => {
    if (ms === 20_000) renewals.push(act);
    return real(act, ms);
  }) as typeof setInterval;
  const headers = { Authorization: `Bearer ${await gateway.tokenOf(leader)}`, 'Content-Type': 'text/csv', ...key };
  const sending = request(`${gateway.origin}${BASE}/${OSLO}/import`, { method: 'POST', headers });
  const answered = new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode, text });
    });
  });
  sending.write(`app,brukerIdent\n${smittevern}`);
  while (renewals.length === 0) await setImmediate();
  globalThis.setInterval = real;
  return {
    renew: renewals[0] as () => void,
    end(): typeof answered {
      sending.end(`,${person}\n`);
      return answered;
    },
  };
}

t.test('an import keeps its key while its sender lingers over a line, and whoever lost it is told so (fault 8)', async (t) => {
  const whole = (person: string): string => `app,brukerIdent\n${smittevern},${person}\n`;
  const again = (person: string, key: object) =>
    send(leader, 'POST', `${BASE}/${OSLO}/import`, whole(person), { 'Content-Type': 'text/csv', ...key });
  const [kept, lost] = [fresh(), fresh()];
  const [first, second] = [somebody(), somebody()];
  const lingering = await halfSent(kept, first);
  office.pass(45_000);
  lingering.renew();
  t.equal(said(await send(leader, 'POST', path, { brukerIdent: somebody() })), '201', 'written after the renewal');
  office.pass(45_000);
  t.equal(said(await again(first, kept)), '409 request-in-progress');
  t.match(await lingering.end(), { status: 200, text: '"gitt":1' });
  t.match((await again(first, kept)).json, { gitt: 1, gjenopptattEtter: 1 });

  const asleep = await halfSent(lost, second);
  office.pass(70_000);
  t.match((await again(second, lost)).json, { gitt: 1, gjenopptattEtter: 0 });
  t.match(await asleep.end(), { status: 409, text: '/problems/request-in-progress' });
});

t.test('a key of another form is refused', async (t) => {
  const person = somebody();
  for (const key of ['kort', 'a'.repeat(129), 'med blank', 'nøkkel-123', '"anførsel"', 'a/b/c/d/e', '', 'nokkel-1, nokkel-2']) {
    const answer = await send(leader, 'POST', path, { brukerIdent: person }, { 'Idempotency-Key': key });
    t.same([said(answer), pointers(answer)], ['400 invalid-request', ['Idempotency-Key']], key);
  }
  t.same(await told(smittevern, person), []);
  for (const key of ['a'.repeat(8), 'Aa0._-'.repeat(21)]) {
    t.equal(said(await send(leader, 'POST', path, { brukerIdent: somebody() }, { 'Idempotency-Key': key })), '201');
  }
});

t.test('what is kept for a repetition holds no person number in the clear, and the store is whole', async (t) => {
  await gateway.stop();
  const { access, close } = await openAccess(gateway.config, office.now);
  const kept = access.store.collection(keyedRequests);
  const { items } = await kept.query({ limit: 500 });
  t.ok(items.length >= 8);
  t.ok(
    items.every(({ value: { answer } }) => answer !== undefined),
    'no request is left at work',
  );
  t.notOk(JSON.stringify(items).match(/nokkel-/), 'nor the key itself');
  t.same(
    people.filter((number) => JSON.stringify(items).includes(number)),
    [],
  );
  t.same((await access.store.events.verify()).broken, undefined);
  await close();
  const files = readdirSync(gateway.config.data, { recursive: true })
    .map((name) => join(gateway.config.data, String(name)))
    .filter((file) => statSync(file).isFile());
  t.ok(files.length > 2);
  for (const file of files) {
    const bytes = readFileSync(file);
    t.same(
      people.filter((number) => bytes.includes(number) || bytes.includes(Buffer.from(number, 'utf16le'))),
      [],
      `nothing in ${file.slice(gateway.config.data.length)}`,
    );
  }
});

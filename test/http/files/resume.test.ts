import { request } from 'node:http';
import t from 'tap';
import { newPersons } from '../../fixtures/demo-folder.js';
import { runGateway } from '../../fixtures/gateway.js';
import { pause } from '../../fixtures/raw-exchange.js';
import { API, csv, OSLO, openDesk } from './desk.js';

/** Ends of what is written together: a multiple of the 128 lines that are. */
const BATCH = 1024;
const gateway = await runGateway(t, { refusalsPerMinute: 10_000 });
const { send, world, origin } = gateway;
const desk = openDesk(gateway);
const { app } = desk;
const token = await gateway.tokenOf({ client: 'oslo' });
const [extra = '', ...persons] = newPersons(2 * BATCH + 801, world);

async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await met())) await pause(50);
}

const count = async (id: string): Promise<number> => {
  const path = `/leverandor-tjenester/api/v1/applikasjoner/${id}/konsumenter?antall=500`;
  const { json } = await send({ client: id === app ? 'fhi' : 'dibk' }, 'GET', path);
  return json.konsumenter.find(({ orgnr }: { orgnr: string }) => orgnr === OSLO)?.antallBrukere;
};

/** Sends the beginning of a file, and breaks off once a batch of it has been written. */
async function breakOff(part: string, path: string, key: string, isWritten: () => Promise<boolean>): Promise<void> {
  const logged = gateway.lines.length;
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'text/csv', 'Idempotency-Key': key };
  const sending = request(`${origin}${path}`, { method: 'POST', headers });
  sending.on('error', () => {});
  sending.write(part);
  await until(isWritten);
  sending.destroy();
  await until(() => gateway.lines.slice(logged).some((line) => line.includes('malformed-http')));
}

t.test('an import that broke off goes on where it was, and gives nothing again that was withdrawn in between', async (t) => {
  const key = 'avbrutt-import-1';
  const rows = persons.slice(0, BATCH + 300).map((person) => [app, person]);
  const whole = csv('app,brukerIdent', ...rows);
  const part = csv('app,brukerIdent', ...rows.slice(0, BATCH + 100));
  const before = await count(app);
  await breakOff(part, `${API}/${OSLO}/import`, key, async () => (await count(app)) >= before + BATCH);
  t.equal(await count(app), before + BATCH, 'what was written stays');

  const withdrawn = persons[5] ?? '';
  const { json } = await send({ client: 'oslo' }, 'POST', `${API}/${OSLO}/oppslag`, { brukerIdent: withdrawn });
  const place = `${API}/${OSLO}/applikasjoner/${app}/brukere/${json.brukerId}`;
  t.equal((await send({ client: 'oslo' }, 'DELETE', place, undefined, { 'If-Match': '*' })).status, 204);

  const headers = { 'Idempotency-Key': key };
  const other = whole.replace(persons[0] ?? '', extra);
  t.match(await desk.import(other, { headers }), { status: 422, json: { type: '/problems/idempotency-key-reused' } });
  t.match(await desk.import(part.slice(0, 500), { headers }), { status: 422 }, 'a shorter file is another one');
  t.equal(await count(app), before + BATCH - 1, 'another file with the key writes nothing');

  const all = { linjer: rows.length, gitt: rows.length, endret: 0, uendret: 0, trukket: 0, feil: 0 };
  t.match((await desk.import(whole, { headers })).json, { ...all, gjenopptattEtter: BATCH });
  t.equal(await count(app), before + rows.length - 1);
  t.same((await gateway.ask(app, { brukerIdent: withdrawn })).json, { tilganger: [] });
  t.match((await desk.import(whole, { headers })).json, { ...all, gjenopptattEtter: rows.length }, 'and once more tells the same');
  t.same((await gateway.ask(app, { brukerIdent: withdrawn })).json, { tilganger: [] });
  const [next] = persons.slice(BATCH + 400);
  t.match(
    (await desk.import(csv('app,brukerIdent', [app, next ?? '']))).json,
    { gitt: 1, gjenopptattEtter: 0 },
    'without a key nothing is skipped',
  );
});

t.test('of two files at once under one key one is carried out, and its key is free again when it breaks off (fault 8)', async (t) => {
  const [own = '', others = ''] = [persons.at(-20) ?? '', persons.at(-21) ?? ''];
  const files = [own, others].map((person) => csv('app,brukerIdent', [app, person]));
  const headers = { 'Idempotency-Key': 'to-filer-samtidig' };
  const before = await count(app);
  const answers = await Promise.all(files.map((file) => desk.import(file, { headers })));
  t.same(answers.map(({ status }) => status === 200).sort(), [false, true]);
  t.match(answers.find(({ status }) => status !== 200)?.json.type, /request-in-progress|idempotency-key-reused/);
  t.equal(await count(app), before + 1);
  const again = await Promise.all(files.map((file) => desk.import(file, { headers: { 'Idempotency-Key': '"to-filer-samtidig"' } })));
  t.equal(await count(app), before + 1, 'in quotes it is the same key');
  t.ok(again.every(({ status }) => [200, 409, 422].includes(status)));
  const faulty = { headers: { 'Idempotency-Key': 'fri-etter-feil' } };
  t.match(await desk.import('app,brukerIdent\n"', faulty), { status: 200 });
});

t.test('a line that was refused before the break is faulty still, so that nobody is withdrawn', async (t) => {
  const key = 'avbrutt-import-2';
  const { second } = desk;
  const own = [extra, ...persons.slice(0, BATCH + 99)].map((person) => [second, person]);
  const rows = own.with(9, [second, persons[2] ?? '']);
  const kept = persons.at(-1) ?? '';
  await desk.import(csv('app,brukerIdent', [second, kept]));
  const before = await count(second);
  const whole = csv('app,brukerIdent', ...rows);
  const isWritten = async (): Promise<boolean> => (await count(second)) >= before + BATCH - 1;
  await breakOff(whole.slice(0, -500), `${API}/${OSLO}/import?modus=erstatt`, key, isWritten);
  const { json } = await desk.import(whole, { query: '?modus=erstatt', headers: { 'Idempotency-Key': key } });
  t.match(json, { linjer: rows.length, gitt: rows.length - 1, feil: 1, trukket: 0, gjenopptattEtter: BATCH });
  t.match(json.feilListe, [{ linje: 11, felt: 'brukerIdent', detalj: /line 5/ }]);
  t.same(await desk.rolesOf(kept, second), ['use']);
});

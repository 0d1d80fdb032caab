import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import t from 'tap';
import { DAY_MS, type PersonNumber, toInstant } from '#domain';
import { startGateway } from '#gateway';
import { createLog } from '#telemetry';
import { runGateway } from '../../fixtures/gateway.js';
import { CONTACT, MAILBOX, machine, NOON, OSLO, openRegistry } from './register.js';

const V1 = '/rest/v1/personer';
const V2 = '/rest/v2/personer';
const ago = (days: number): string => toInstant(NOON - days * DAY_MS);
const asked = (...personidentifikatorer: readonly string[]) => ({ personidentifikatorer });
const EMAIL = 'ola.nordmann@demo.example';

t.test('the contact register over HTTP (§8 29)', async (t) => {
  const registry = await openRegistry(t);
  const { gateway, post, keep, persons, asPerson } = registry;

  await t.test('0 or 1001 numbers, and what is no number, are 400; a thousand are answered, each once and in their order', async (t) => {
    const thousand = persons(1000);
    await keep(...thousand.slice(0, 600).map((personidentifikator) => ({ personidentifikator })));
    t.match(await post(V1, asked()), { status: 400, json: { errors: [{ pointer: '/personidentifikatorer' }] } });
    t.match(await post(V1, asked(...thousand, ...persons(1))), { status: 400, json: { errors: [{ pointer: '/personidentifikatorer' }] } });
    const wrong = `${(thousand[0] as string).slice(0, 10)}${(Number(thousand[0]?.[10]) + 1) % 10}`;
    const refused = await post(V1, asked(thousand[1] as string, wrong));
    t.match(refused, { status: 400, json: { errors: [{ pointer: '/personidentifikatorer/1', detail: 'has a wrong check digit' }] } });
    t.notOk(refused.text.includes(wrong));
    for (const body of [{}, { ...asked(...persons(1)), more: 1 }, { personidentifikatorer: 'x' }, [], { personidentifikatorer: [5] }]) {
      t.equal((await post(V1, body)).status, 400, JSON.stringify(body).slice(0, 40));
    }
    const whole = await post(V1, asked(...thousand.slice(1), thousand[5] as string));
    t.equal(whole.status, 200);
    t.same(
      whole.json.personer.map(({ personidentifikator, status }: { personidentifikator: string; status: string }) => [
        personidentifikator,
        status,
      ]),
      thousand.slice(1).map((person, i) => [person, i < 599 ? 'AKTIV' : 'IKKE_REGISTRERT']),
    );
  });

  await t.test('who has no scope of the register is 403, whoever is asked about; nobody is 401', async (t) => {
    const [known, unknown] = persons(2) as [PersonNumber, PersonNumber];
    await keep({ personidentifikator: known, epostadresse: EMAIL, epostadresse_oppdatert: ago(1) });
    const answers = [];
    for (const person of [known, unknown]) {
      const { status, json } = await post(V1, asked(person), machine('ks:fiks', 'krr:user/kontaktinformasjon.read'));
      answers.push([status, { ...json, requestId: undefined }]);
    }
    t.match(answers[0], [403, { type: '/problems/scope-missing', detail: /krr:global\/kontaktinformasjon\.read/ }]);
    t.same(answers[0], answers[1]);
    t.equal((await post(V1, asked(known), null)).status, 401);
    t.match(await gateway.send({ person: 'person-001' }, 'POST', V1, asked(known)), {
      status: 403,
      json: { type: '/problems/caller-not-a-machine' },
    });
    const { events } = await registry.parts.store.events.after(undefined, 1_000_000);
    t.match(events.findLast(({ action, onBehalfOf }) => action === 'attempt.refused' && onBehalfOf === OSLO)?.after, {
      action: 'person.list',
      reasons: ['scope_missing'],
    });
  });

  await t.test('each scope gives its fields and no others; reservation and status are always told', async (t) => {
    const [person] = persons(1) as [PersonNumber];
    const { orgnr } = gateway.world.idporten.mailboxProvider;
    await keep({
      personidentifikator: person,
      epostadresse: EMAIL,
      epostadresse_oppdatert: ago(9),
      mobiltelefonnummer: '+47 41 23 45 67',
      mobiltelefonnummer_sist_verifisert: ago(3),
      postkasseadresse: 'ola#12AB',
      postkasseleverandoeradresse: orgnr,
      spraak: 'nn',
      spraak_oppdatert: '2024-01-01',
    });
    const contact = {
      varslingsstatus: 'KAN_VARSLES',
      kontaktinformasjon: {
        epostadresse: EMAIL,
        epostadresse_oppdatert: ago(9),
        mobiltelefonnummer: '+47 41 23 45 67',
        mobiltelefonnummer_sist_verifisert: ago(3),
      },
      spraak: 'nn',
      spraak_oppdatert: '2023-12-31T23:00:00.000Z',
    };
    const mailbox = {
      digital_post: { postkasseadresse: 'ola#12AB', postkasseleverandoeradresse: orgnr },
      sertifikat: gateway.world.idporten.mailboxProvider.certificate,
    };
    const always = { personidentifikator: person, reservasjon: 'NEI', status: 'AKTIV' };
    const told = async (...scopes: string[]) => (await post(V1, asked(person), machine(...scopes))).json.personer[0];
    t.same(await told(CONTACT), { ...always, ...contact });
    t.same(await told('krr:global/kontaktinfo.read'), { ...always, ...contact });
    t.same(await told(MAILBOX), { ...always, ...mailbox });
    t.same(await told('krr:global/postkasse.read', CONTACT), { ...always, ...contact, ...mailbox });
  });

  await t.test(
    'of who is deleted or not registered nothing more is told; v2 leaves the latter out unless they are asked for',
    async (t) => {
      const [deleted, unknown] = persons(2) as [PersonNumber, PersonNumber];
      await keep({ personidentifikator: deleted, epostadresse: EMAIL, epostadresse_oppdatert: ago(1), reservasjon: 'JA' });
      await keep({ personidentifikator: deleted, status: 'SLETTET' });
      const both = machine(CONTACT, MAILBOX);
      const gone = { personidentifikator: deleted, reservasjon: 'NEI', status: 'SLETTET' };
      const nobody = { personidentifikator: unknown, reservasjon: 'NEI', status: 'IKKE_REGISTRERT' };
      t.same((await post(V1, asked(deleted, unknown), both)).json, { personer: [gone, nobody] });
      t.same((await post(V2, asked(deleted, unknown), both)).json, { personer: [gone] });
      t.same((await post(V2, { ...asked(unknown, deleted), inkluderIkkeRegistrerte: true }, both)).json, { personer: [nobody, gone] });
      t.same((await post(V2, { ...asked(unknown), inkluderIkkeRegistrerte: false }, both)).json, { personer: [] });
    },
  );

  await t.test('a channel counts for 18 months, each for itself; what is older is told, with KAN_IKKE_VARSLES', async (t) => {
    const [edge, over, other, reserved, bare] = persons(5) as [PersonNumber, PersonNumber, PersonNumber, PersonNumber, PersonNumber];
    const email = (personidentifikator: string, date: string) => ({
      personidentifikator,
      epostadresse: EMAIL,
      epostadresse_oppdatert: date,
    });
    await keep(
      email(edge, '2025-05-27T12:00:00Z'),
      email(over, '2025-05-26T12:00:00Z'),
      { ...email(other, '2019-01-01'), mobiltelefonnummer: '91234567', mobiltelefonnummer_sist_verifisert: ago(1) },
      { ...email(reserved, ago(1)), reservasjon: 'JA', reservasjonstidspunkt: ago(40) },
      { personidentifikator: bare },
    );
    const { personer } = (await post(V1, asked(edge, over, other, reserved, bare))).json;
    t.same(
      personer.map(({ varslingsstatus }: { varslingsstatus: string }) => varslingsstatus),
      ['KAN_VARSLES', 'KAN_IKKE_VARSLES', 'KAN_VARSLES', 'KAN_IKKE_VARSLES', 'KAN_IKKE_VARSLES'],
    );
    t.equal(personer[1].kontaktinformasjon.epostadresse, EMAIL);
    t.match(personer[3], { reservasjon: 'JA', reservasjonstidspunkt: ago(40), kontaktinformasjon: { epostadresse: EMAIL } });
    t.equal(personer[0].reservasjonstidspunkt, undefined);
    t.equal(personer[4].kontaktinformasjon, undefined);
  });

  await t.test('a person is told of oneself alone, at level substantial or higher, with a scope', async (t) => {
    const [me, other] = persons(2) as [PersonNumber, PersonNumber];
    await keep(
      { personidentifikator: me, epostadresse: EMAIL, epostadresse_oppdatert: ago(1) },
      { personidentifikator: other, epostadresse: 'kari@demo.example', epostadresse_oppdatert: ago(1) },
    );
    t.match(await asPerson(me, 'GET'), {
      status: 200,
      json: { personidentifikator: me, varslingsstatus: 'KAN_VARSLES', kontaktinformasjon: { epostadresse: EMAIL } },
    });
    t.match(await asPerson(me, 'GET', { query: '?personidentifikator=1' }), {
      status: 400,
      json: { errors: [{ parameter: 'personidentifikator' }] },
    });
    t.same((await asPerson(me, 'GET', { scopes: ['krr:user/digitalpost.read'] })).json, {
      personidentifikator: me,
      reservasjon: 'NEI',
      status: 'AKTIV',
    });
    t.equal((await asPerson(me, 'GET', { scopes: ['openid', CONTACT] })).status, 403);
    const weak = await asPerson(me, 'GET', { acr: 'idporten-loa-low' });
    t.match(weak, { status: 401, json: { type: '/problems/security-level-too-low' } });
    t.match(weak.headers.get('www-authenticate'), /acr_values="idporten-loa-substantial"/);
    t.match(await gateway.send(machine(CONTACT), 'GET', '/rest/v1/person'), { status: 403, json: { detail: /ID-porten/ } });
    const [stranger] = persons(1) as [PersonNumber];
    t.same((await asPerson(stranger, 'GET')).json, { personidentifikator: stranger, reservasjon: 'NEI', status: 'IKKE_REGISTRERT' });
  });

  await t.test('a person’s answer is signed if that is asked for, and is no token', async (t) => {
    const [me] = persons(1) as [PersonNumber];
    await keep({ personidentifikator: me, spraak: 'se' });
    const { headers, text } = await asPerson(me, 'GET', { accept: 'application/jose' });
    t.equal(headers.get('content-type'), 'application/jose');
    const keys = createRemoteJWKSet(new URL(`${gateway.origin}/idporten/jwk`));
    const { payload } = await jwtVerify(text, keys, { currentDate: new Date(NOON) });
    t.match(payload, { personidentifikator: me, spraak: 'se', exp: NOON / 1000 + 86_400 });
    t.equal((await gateway.get('/rest/v1/person', { headers: { Authorization: `Bearer ${text}` } })).status, 401);
  });

  await t.test('a person changes the own language with the scope for it; what is no language is 400', async (t) => {
    const [me, other, nobody] = persons(3) as [PersonNumber, PersonNumber, PersonNumber];
    await keep({ personidentifikator: me, spraak: 'nb' }, { personidentifikator: other, spraak: 'nb' });
    const scopes = ['krr:user/spraak.write'];
    t.match(await asPerson(me, 'PATCH', { body: { spraak: 'xx' }, scopes }), { status: 400, json: { errors: [{ pointer: '/spraak' }] } });
    t.equal((await asPerson(me, 'PATCH', { body: {}, scopes })).status, 400);
    t.equal((await asPerson(me, 'PATCH', { body: { spraak: 'en' } })).status, 403);
    t.equal((await asPerson(me, 'PATCH', { body: { spraak: 'en' }, scopes })).status, 204);
    t.match((await asPerson(me, 'GET')).json, { spraak: 'en', spraak_oppdatert: toInstant(NOON) });
    t.match((await asPerson(other, 'GET')).json, { spraak: 'nb' });
    t.match(await asPerson(nobody, 'PATCH', { body: { spraak: 'en' }, scopes }), {
      status: 404,
      json: { type: '/problems/person-not-found' },
    });
  });

  await t.test(
    'the decision log names whom it was about by the HMAC, and neither log nor store hold a number or an address (threat 37)',
    async (t) => {
      const [me] = persons(1) as [PersonNumber];
      await keep({ personidentifikator: me, epostadresse: EMAIL, mobiltelefonnummer: '+4741234567', epostadresse_oppdatert: ago(1) });
      const { headers } = await post(V1, asked(me));
      const folder = join(gateway.config.data, 'decisions');
      const log = readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.jsonl') || name.endsWith('.log') || name.endsWith('.ndjson'))
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .join('');
      const line = log.split('\n').find((one) => one.includes(headers.get('x-request-id') as string));
      t.match(JSON.parse(line ?? '{}'), {
        path: 'idporten/krr/may_ask',
        input: { subjects: [registry.parts.vault.nameOf(me)], action: { name: 'person.list' } },
        result: { allowed: true, fields: ['contact'] },
      });
      const stored = JSON.stringify(
        await registry.parts.store.collection((await import('#idporten/entities')).contacts).get(registry.parts.vault.nameOf(me)),
      );
      for (const text of [log, stored, gateway.lines.join('\n')]) {
        for (const secret of [me, EMAIL, '41234567']) t.notOk(text.includes(secret), 'nothing is in the clear');
      }
      t.notMatch(line, /AKTIV|reserv|channels/);
    },
  );
});

t.test('a gateway that is no ID-porten has neither register, and in production one that is says where it is', async (t) => {
  const gateway = await runGateway(t, { idporten: 'off' });
  for (const path of ['/rest/v1/person', '/authlevel/rest/v1/sikkerhetsnivaa', '/idporten/jwk'])
    t.equal((await gateway.get(path)).status, 404, path);
  const { mode: _, ...config } = gateway.config;
  const started = startGateway(
    { ...config, mode: 'production', idporten: 'on', maskinporten: 'off' } as never,
    createLog('error', { write() {} }),
  );
  t.match(await started.catch((error) => error), { slug: 'config-invalid', message: /with idporten on in production/ });
});

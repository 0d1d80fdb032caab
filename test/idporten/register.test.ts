import t, { type Test } from 'tap';
import { type ImportFault, type ImportRow, operatorRequest } from '#access';
import { demoWorld, syntheticOrgnr } from '#demo';
import { DAY_MS, Fault, type PersonNumber, toInstant } from '#domain';
import { changeOwnLanguage, importContacts, readRegisterStatus, showContact } from '#idporten';
import { contacts, sealedInIdporten } from '#idporten/entities';
import { newPersons } from '../fixtures/demo-folder.js';
import { NOON, openRoom } from '../maskinporten/room.js';

const [ada, ben, cid, dag] = newPersons(4, demoWorld(toInstant(0))) as [PersonNumber, PersonNumber, PersonNumber, PersonNumber];
const operator = operatorRequest();
const ago = (days: number): string => toInstant(NOON - days * DAY_MS);
const rowsOf = (...lines: readonly Record<string, unknown>[]): ImportRow[] => lines.map((fields, i) => ({ line: i + 2, fields }));
const person = (personidentifikator: string, more: Record<string, unknown> = {}) => ({ personidentifikator, ...more });
const email = (epostadresse: string) => ({ epostadresse, epostadresse_oppdatert: ago(1) });

async function openRegister(t: Test) {
  const room = await openRoom(t);
  const faults: ImportFault[] = [];
  return {
    ...room,
    room,
    faults,
    keep: (rows: Iterable<ImportRow> | AsyncIterable<ImportRow>, dryRun = false) =>
      importContacts(room, operator, rows, { dryRun, onFault: (fault) => void faults.push(fault) }),
    stored: async (whom: PersonNumber) => (await room.store.collection(contacts).get(room.vault.nameOf(whom)))?.value,
    show: (whom: PersonNumber) => showContact(room, operator, whom),
  };
}

t.test(
  'the same file again changes nothing; a line is all that is kept of its person, and SLETTET and IKKE_REGISTRERT take it away',
  async (t) => {
    const { keep, stored, show, store, vault } = await openRegister(t);
    const rows = rowsOf(
      person(ada, email('ada@demo.example')),
      person(ben, { ...email('ben@demo.example'), reservasjon: 'JA' }),
      person(cid),
    );
    t.match(await keep(rows), { lines: 3, given: 3, changed: 0, unchanged: 0, faulty: 0 });
    const before = await stored(ada);
    t.match(await keep(rows), { given: 0, changed: 0, unchanged: 3 });
    t.same(await stored(ada), before, 'not even sealed anew');
    t.match(await keep(rowsOf(person(ada, { mobiltelefonnummer: '91234567' }))), { changed: 1 });
    t.match(await show(ada), { status: 'AKTIV', mobile: { address: '91234567' } });
    t.notOk('email' in (await show(ada)));
    t.match(await keep(rowsOf(person(ben, { status: 'SLETTET' }), person(cid, { status: 'IKKE_REGISTRERT' }))), { changed: 2 });
    t.same(await stored(ben), { brukerId: vault.nameOf(ben), status: 'SLETTET' });
    t.equal(await stored(cid), undefined);
    t.match(await keep(rowsOf(person(ben, { status: 'SLETTET' }), person(cid, { status: 'IKKE_REGISTRERT' }))), {
      changed: 0,
      unchanged: 2,
    });
    const { events } = await store.events.of(contacts.name, vault.nameOf(ben), { limit: 10 });
    t.same(events, [], 'nothing of it is left in a history');
  },
);

t.test('faulty lines are told by field and left out, and never quoted; the others are written', async (t) => {
  const { keep, faults, show } = await openRegister(t);
  const bad: readonly (readonly [field: string, fields: Record<string, unknown>])[] = [
    ['personidentifikator', {}],
    ['personidentifikator', person('12345678901')],
    ['status', person(ada, { status: 'aktiv' })],
    ['reservasjon', person(ada, { reservasjon: 'ja' })],
    ['reservasjonstidspunkt', person(ada, { reservasjonstidspunkt: '2026-01-01' })],
    ['epostadresse', person(ada, { epostadresse: `${'a'.repeat(50)}@x.no` })],
    ['epostadresse', person(ada, { epostadresse: 'ada' })],
    ['epostadresse', person(ada, { epostadresse: 'ada\u200b@x.no' })],
    ['epostadresse', person(ada, { epostadresse: `${ben}@x.no` })],
    ['epostadresse_oppdatert', person(ada, { epostadresse_oppdatert: '2026-01-01' })],
    ['epostadresse_oppdatert', person(ada, { ...email('a@x.no'), epostadresse_oppdatert: '2027-01-01' })],
    ['mobiltelefonnummer', person(ada, { mobiltelefonnummer: '+47 21 23 45 67' })],
    ['mobiltelefonnummer', person(ada, { mobiltelefonnummer: '4123456' })],
    ['mobiltelefonnummer', person(ada, { mobiltelefonnummer: '+4741234567890123456789' })],
    ['mobiltelefonnummer', person(ada, { mobiltelefonnummer: '41234567x' })],
    ['mobiltelefonnummer_sist_verifisert', person(ada, { mobiltelefonnummer: '41234567', mobiltelefonnummer_sist_verifisert: 'i går' })],
    ['postkasseadresse', person(ada, { postkasseadresse: 'ada#1' })],
    ['postkasseleverandoeradresse', person(ada, { postkasseadresse: 'ada#1', postkasseleverandoeradresse: '123' })],
    ['spraak', person(ada, { spraak: 'no' })],
    ['spraak_oppdatert', person(ada, { spraak_oppdatert: '2026-01-01' })],
    ['adresse', person(ada, { adresse: 'Storgata 1' })],
    ['status', person(ada, { status: 5 })],
  ];
  const unreadable = { line: 1, fields: new Fault('has more fields than the header') };
  const report = await keep([unreadable, ...rowsOf(...bad.map(([, fields]) => fields), person(ben, email('ben@demo.example')))]);
  t.match(report, { lines: bad.length + 2, given: 1, faulty: bad.length + 1 });
  t.same(
    faults.map(({ line, field }) => [line, field]),
    [[1, undefined], ...bad.map(([field], i) => [i + 2, field])],
  );
  for (const secret of [ada, ben, 'Storgata', '41234567', 'a@x.no']) t.notOk(JSON.stringify(faults).includes(secret), 'nothing is quoted');
  t.equal((await show(ada)).status, 'IKKE_REGISTRERT');
  t.equal((await show(ben)).email?.address, 'ben@demo.example');
});

t.test('numbers and addresses of odd but right forms are taken', async (t) => {
  const { keep, faults } = await openRegister(t);
  const numbers = ['+4741234567', '004741234567', '412 34 567', '+47-912_34-567', '+46 70 123 45 67', '0014155550123'];
  const addresses = ['o.n+x@sub.demo.example', 'bjørn@blåbær.example', `${'a'.repeat(34)}@demo.example.no`];
  const rows = rowsOf(
    ...numbers.map((mobiltelefonnummer) => person(ada, { mobiltelefonnummer })),
    ...addresses.map((epostadresse) => person(ada, { epostadresse })),
    // As the API answers a person.
    person(ben, {
      kontaktinformasjon: email('ben@demo.example'),
      digital_post: { postkasseadresse: 'ben#1', postkasseleverandoeradresse: syntheticOrgnr('Post') },
    }),
  );
  await keep(rows);
  t.same(faults, []);
});

t.test('of two lines about one person the later one stays, and a language that was chosen later than the line says', async (t) => {
  const { keep, show, room } = await openRegister(t);
  await keep(
    rowsOf(
      person(ada, email('first@demo.example')),
      person(ada, { ...email('second@demo.example'), spraak: 'nb', spraak_oppdatert: ago(9) }),
    ),
  );
  t.match(await show(ada), { email: { address: 'second@demo.example' }, language: { code: 'nb' } });
  room.later(1);
  const me = {
    kind: 'person' as const,
    brukerId: room.vault.nameOf(ada),
    clientId: 'app',
    acr: 'idporten-loa-high',
    scopes: ['krr:user/spraak.write'],
  };
  await changeOwnLanguage(room, { caller: me }, { person: ada, language: 'en' });
  await keep(rowsOf(person(ada, { spraak: 'nn', spraak_oppdatert: ago(2) })));
  t.match((await show(ada)).language, { code: 'en' });
  room.later(2);
  await keep(rowsOf(person(ada, { spraak: 'nn', spraak_oppdatert: toInstant(room.now - DAY_MS) })));
  t.match((await show(ada)).language, { code: 'nn' });
});

t.test('an import that breaks off has written what it reported, and run again it completes; a trial writes nothing', async (t) => {
  const { keep, store, room } = await openRegister(t);
  const many = newPersons(5000, demoWorld(toInstant(0)));
  const rows = rowsOf(...many.map((one, i) => person(one, email(`p${i}@demo.example`))));
  t.match(await keep(rows, true), { given: 5000, faulty: 0 });
  const count = () => store.collection(contacts).count({});
  t.equal(await count(), 0, 'a trial');
  let reported = 0;
  function* broken() {
    yield* rows.slice(0, 4500);
    throw new Error('the disk is gone');
  }
  const told = {
    onWritten: ({ given }: { given: number }) => {
      reported = given;
    },
  };
  await t.rejects(importContacts(room, operator, broken(), told), /the disk is gone/);
  t.ok(reported > 0 && reported < 5000, `${reported} were reported`);
  t.ok((await count()) >= reported);
  const { given, unchanged } = await keep(rows);
  t.ok(unchanged >= reported);
  t.equal(given + unchanged, 5000);
  t.equal(await count(), 5000);
  t.match(await readRegisterStatus(room, operator), { persons: 5000, latest: { lines: 5000, given, unchanged, faulty: 0 } });
});

t.test('an import and a person who chooses a language at the same time lose nothing of each other', async (t) => {
  const { keep, show, room } = await openRegister(t);
  const rows = rowsOf(...[ada, ben, cid, dag].map((one) => person(one, { spraak: 'nb', spraak_oppdatert: ago(100) })));
  await keep(rows);
  const me = (whom: PersonNumber) => ({
    caller: {
      kind: 'person' as const,
      brukerId: room.vault.nameOf(whom),
      clientId: 'app',
      acr: 'Level4',
      scopes: ['krr:user/spraak.write'],
    },
  });
  const again = rowsOf(
    ...[ada, ben, cid, dag].map((one) => person(one, { ...email('a@demo.example'), spraak: 'nb', spraak_oppdatert: ago(100) })),
  );
  await Promise.all([keep(again), ...[ada, ben].map((one) => changeOwnLanguage(room, me(one), { person: one, language: 'se' }))]);
  for (const one of [ada, ben]) t.match(await show(one), { email: { address: 'a@demo.example' }, language: { code: 'se' } });
});

const sealedContacts = sealedInIdporten[2];

t.test('addresses are sealed and move to another sealing key with the rest', async (t) => {
  const { keep, stored, vault } = await openRegister(t);
  await keep(rowsOf(person(ada, { ...email('ada@demo.example'), mobiltelefonnummer: '41234567' }), person(ben)));
  const kept = await stored(ada);
  t.notMatch(JSON.stringify(kept), /demo\.example|41234567/);
  const opened: string[] = [];
  const mapped = sealedContacts.mapped(kept as NonNullable<typeof kept>, (sealed, boundTo) => {
    opened.push(vault.unsealText(sealed, boundTo));
    return 'other';
  });
  t.same(
    opened.map((text) => JSON.parse(text)),
    [{ email: 'ada@demo.example', mobile: '41234567' }],
  );
  t.equal(mapped.sealed, 'other');
  const bare = (await stored(ben)) as NonNullable<typeof kept>;
  t.equal(
    sealedContacts.mapped(bare, () => 'other'),
    bare,
  );
});

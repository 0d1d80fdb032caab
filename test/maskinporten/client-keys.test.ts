import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { toInstant } from '#domain';
import {
  createClient,
  deactivateClient,
  KeyEndings,
  type KeyWarning,
  listEndingKeys,
  publicKeyInText,
  publicKeyOf,
  putKey,
  readKey,
  readKeys,
  removeKey,
  removeKeys,
  replaceKeys,
} from '#maskinporten';
import { clients } from '#maskinporten/entities';
import type { ProblemError } from '#problem';
import { BERGEN, keyPair, machine, NOON, OSLO, openRoom, VISMA } from './room.js';

const NOW = toInstant(NOON);
const [ONE, TWO] = [keyPair('one'), keyPair('two')];
const MACHINE = { name: 'Fagsystem', integrationType: 'maskinporten' as const };
const KEEPING = machine(OSLO, 'idporten:dcr.modify', 'idporten:dcr.read', 'idporten:dcr.write');

function faultOf(read: () => unknown): string {
  try {
    read();
    return '';
  } catch (error) {
    const { at, slug, detail = '' } = error as ProblemError;
    return at.length === 0 ? `${slug} ${detail}` : at.map(({ pointer, detail }) => `${pointer} ${detail}`).join();
  }
}

async function refusalOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => '',
    ({ at, slug }: ProblemError) => (at.length === 0 ? slug : at.map(({ pointer }) => pointer).join(' ')),
  );
}

t.test('MP 23: of a key only its public members are kept, and a private one is refused without being told again', (t) => {
  const { kid, jwk, alg } = publicKeyOf({ ...ONE.jwk, key_ops: ['verify'], x5t: 'x', more: { d: 'x' } }, '', NOW);
  t.same({ kid, alg, jwk }, { kid: 'one', alg: 'RS256', jwk: ONE.jwk });
  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
    const text = faultOf(() => publicKeyOf({ ...ONE.jwk, [name]: null }, '/keys/0', NOW));
    t.match(text, `/keys/0/${name} makes it a private key`);
  }
  const secret = JSON.stringify(ONE.secret);
  for (const text of [
    faultOf(() => publicKeyOf(ONE.secret, '', NOW)),
    faultOf(() => publicKeyInText(secret, NOW)),
    faultOf(() => publicKeyInText(`${secret}{`, NOW)),
  ]) {
    t.not(text, '');
    t.notOk(text.includes(ONE.secret.d as string) || text.includes(ONE.jwk.n as string));
  }
  t.end();
});

t.test('MP 23: a key is for signing, by RSA of a length that can be trusted and borne', (t) => {
  const refused = (change: object): string => faultOf(() => publicKeyOf({ ...ONE.jwk, ...change }, '', NOW)).split(' ', 1)[0] as string;
  for (const use of ['enc', '', undefined, 'SIG']) t.equal(refused({ use }), '/use');
  for (const alg of ['none', 'HS256', 'PS256', 'ES256', 'rs256', 5]) t.equal(refused({ alg }), '/alg');
  for (const alg of ['RS256', 'RS384', 'RS512']) t.equal(refused({ alg }), '');
  for (const kty of ['EC', 'oct', 'OKP', undefined]) t.equal(refused({ kty }), '/kty');
  for (const kid of ['', 'a b', '../key', '.', 'a/b', 'ø', 'a'.repeat(101), '20914695016', 5, null]) t.equal(refused({ kid }), '/kid');
  for (const kid of ['-a_b.C', 'a'.repeat(100)]) t.equal(refused({ kid }), '');
  const { kid } = publicKeyOf({ ...ONE.jwk, kid: undefined }, '', NOW);
  t.match(kid, /^[A-Za-z0-9_-]{43}$/, 'without one it is the thumbprint');
  const modulus = (bytes: number, last = 0x11): string =>
    Buffer.alloc(bytes, 0xff)
      .fill(last, bytes - 1)
      .toString('base64url');
  t.equal(refused({ n: keyPair('x', 1024).jwk.n }), '/n');
  t.equal(refused({ n: modulus(1025) }), '/n');
  t.equal(refused({ n: modulus(256, 0xfe) }), '/n', 'even');
  t.equal(refused({ n: modulus(256, 0xff) }), '/n', 'a product of small primes');
  for (const n of ['', '===', 5, undefined, [ONE.jwk.n], `${ONE.jwk.n}=`, 'a'.repeat(100_000)]) t.equal(refused({ n }), '/n');
  for (const e of ['AQ', 'Aw', 'AQAA', 'AQAC', '', 'AQAAAAAAAQ', undefined, 'a'.repeat(100)]) t.equal(refused({ e }), '/e');
  t.same(publicKeyOf({ ...ONE.jwk, n: `AAAA${ONE.jwk.n}`, e: 'AAEAAQ' }, '', NOW).jwk, ONE.jwk, 'zeros before it make it no other key');
  t.end();
});

t.test('a modulus of the broken generator (ROCA) is refused', (t) => {
  // Modulo each of the primes that give it away it is 65537 to the power of 3, as those of that generator are some power.
  const primes = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157].map(BigInt);
  const product = primes.reduce((all, prime) => all * prime, 2n);
  let n = 65_537n ** 3n + product * 2n ** 1980n;
  while (
    n.toString(2).length < 2048 ||
    [3n, 5n, 7n, 23n, 29n, 31n, 41n, 43n, 47n, 59n, 67n, 83n, 89n, 101n, 113n, 131n, 137n, 139n, 149n, 163n, 167n].some((p) => n % p === 0n)
  ) {
    n += product * (2n ** 1984n + 1n);
  }
  const text = n.toString(16);
  const sent = { ...ONE.jwk, n: Buffer.from(text.length % 2 === 0 ? text : `0${text}`, 'hex').toString('base64url') };
  t.match(
    faultOf(() => publicKeyOf(sent, '', NOW)),
    '/n was made by a generator',
  );
  t.end();
});

t.test('a key is taken as a JWK, as a public key in PEM or as a certificate, and a private one never', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tilgang-certificate-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = (name: string): string => join(folder, name);
  const make = (key: string, out: string, days: string, subject = '/CN=Oslo/serialNumber=958935420'): void => {
    const args = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      file(key),
      '-out',
      file(out),
      '-days',
      days,
      '-subj',
      subject,
    ];
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  make('key.pem', 'cert.pem', '100');
  const certificate = readFileSync(file('cert.pem'), 'utf8');
  const fromCertificate = publicKeyInText(certificate, NOW);
  const spki = ONE.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const pkcs1 = ONE.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string;
  const { n, e } = ONE.jwk;
  for (const text of [spki, pkcs1, `\n${spki}\n`]) t.match(publicKeyInText(text, NOW).jwk, { kty: 'RSA', use: 'sig', n, e });
  t.same(publicKeyInText(JSON.stringify(ONE.jwk), NOW).jwk, ONE.jwk);
  t.notOk('x5c' in fromCertificate.jwk, 'a certificate gives its key, and locks nobody to itself');
  for (const text of ['', 'x', '{', '[]', `${spki}${spki}`, readFileSync(file('key.pem'), 'utf8'), spki.replace('MIIB', 'AAAA'), 'null']) {
    const fault = faultOf(() => publicKeyInText(text, NOW));
    t.match(fault, /^(invalid-request|malformed-json|\/kty)/, text.slice(0, 30));
  }
  const der = certificate.replace(/-----[^-]+-----|\s/g, '');
  const own = { ...ONE.jwk, ...(fromCertificate.jwk as { n: string; e: string }), kid: 'c' };
  const now = toInstant(Date.now());
  const locked = publicKeyOf({ ...own, x5c: [der] }, '', now);
  t.same(locked.jwk['x5c'], [der]);
  t.ok(locked.certifiedUntil !== undefined && locked.certifiedUntil < toInstant(Date.now() + 101 * 86_400_000));
  const refused = (x5c: unknown, key: object = own, at = now): string =>
    faultOf(() => publicKeyOf({ ...key, x5c }, '', at)).split(' ', 1)[0] as string;
  t.equal(refused([der], ONE.jwk), '/x5c/0', 'of another key');
  t.equal(refused([der], own, toInstant(Date.now() + 101 * 86_400_000)), '/x5c/0', 'over');
  for (const x5c of [der, [], Array(6).fill(der), null, {}]) t.equal(refused(x5c), '/x5c');
  for (const x5c of [
    [der, 'x'],
    [der, 5],
    [der, 'A'.repeat(9000)],
  ])
    t.equal(refused(x5c), '/x5c/1');
  make('p.pem', 'person.pem', '9', '/CN=Ola/serialNumber=UN:NO-20914695016');
  const person = readFileSync(file('person.pem'), 'utf8');
  const ofPerson = { ...own, ...(publicKeyInText(person, NOW).jwk as { n: string }), kid: 'c' };
  t.equal(refused([person.replace(/-----[^-]+-----|\s/g, '')], ofPerson), '/x5c/0', 'of a person');
  t.end();
});

t.test('a key that is locked to a certificate is of the organisation that keeps the client', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tilgang-certificate-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [key, pem] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const certified = (subject: string): object => {
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', pem, '-days', '100', '-subj', subject];
    execFileSync('openssl', args, { stdio: 'ignore' });
    const text = readFileSync(pem, 'utf8');
    return { ...publicKeyInText(text, NOW).jwk, kid: 'c', x5c: [text.replace(/-----[^-]+-----|\s/g, '')] };
  };
  const room = await openRoom(t);
  const { value } = await createClient(room, machine(OSLO), { name: 'A', integrationType: 'maskinporten' });
  const of = (jwk: object) => replaceKeys(room, machine(OSLO), value.id, 'any', [ONE.jwk, jwk as typeof ONE.jwk]);
  for (const subject of [`/CN=x/serialNumber=${VISMA}`, '/CN=x', `/CN=x/serialNumber=${OSLO}/organizationIdentifier=NTRNO-${VISMA}`]) {
    await t.rejects(of(certified(subject)), { at: [{ pointer: '/keys/1/x5c/0', detail: /another organisation/ }] } as never, subject);
  }
  const own = certified(`/CN=x/organizationIdentifier=NTRNO-${OSLO}`);
  t.same(
    (await of(own)).value.keys.map(({ kid }) => kid),
    [ONE.jwk.kid, 'c'],
  );
  const put = putKey(room, machine(OSLO), value.id, 'any', (at) => publicKeyOf(certified(`/CN=x/serialNumber=${VISMA}`) as never, '', at));
  await t.rejects(put, { at: [{ pointer: '/x5c/0' }] } as never);
});

t.test('MP 23: a set takes the place of all keys, one key takes its own place, and each counts for a year', async (t) => {
  const room = await openRoom(t);
  await createClient(room, KEEPING, { ...MACHINE, id: 'c' });
  t.equal(await refusalOf(readKeys(room, KEEPING, 'c')), 'not-found');
  const set = (...kids: string[]) =>
    replaceKeys(
      room,
      KEEPING,
      'c',
      'any',
      kids.map((kid) => ({ ...ONE.jwk, kid })),
    );
  const kids = async (): Promise<string> => (await readKeys(room, KEEPING, 'c')).value.keys.map(({ kid }) => kid).join(' ');
  t.equal(await refusalOf(set('a', 'b', 'c', 'd', 'e', 'f')), '/keys');
  t.equal(await refusalOf(set()), '/keys');
  t.equal(await refusalOf(set('a', 'b', 'a')), '/keys/2/kid');
  t.equal(await refusalOf(replaceKeys(room, KEEPING, 'c', 'any', [ONE.jwk, TWO.secret])), '/keys/1/d');
  t.equal(await refusalOf(readKeys(room, KEEPING, 'c')), 'not-found', 'nothing of a set that is refused is kept');
  await set('a', 'b', 'c');
  await set('d');
  t.equal(await kids(), 'd');
  const put = (kid: string, jwk: object = ONE.jwk) => putKey(room, KEEPING, 'c', 'any', (at) => publicKeyOf({ ...jwk, kid }, '', at));
  t.equal((await put('a')).key.until, '2027-11-27T12:00:00.000Z');
  room.later(300);
  await put('a', TWO.jwk);
  t.equal(await kids(), 'd a');
  const { key } = await readKey(room, KEEPING, 'c', 'a');
  t.match(key, { added: '2027-09-23T12:00:00.000Z', jwk: { n: TWO.jwk.n } });
  for (const kid of ['b', 'c', 'e']) await put(kid);
  t.equal(await refusalOf(put('f')), 'quota-reached');
  await put('e');
  await removeKey(room, KEEPING, 'c', 'e', 'any');
  t.equal(await refusalOf(removeKey(room, KEEPING, 'c', 'e', 'any')), 'not-found');
  t.equal(await refusalOf(readKey(room, KEEPING, 'c', 'e')), 'not-found');
  await removeKeys(room, KEEPING, 'c', 'any');
  t.equal(await refusalOf(readKeys(room, KEEPING, 'c')), 'not-found');
  const events = JSON.stringify(await room.eventsOf('c'));
  t.notOk(events.includes(TWO.secret.d as string), 'no event has a private member');
  t.equal(await refusalOf(replaceKeys(room, machine(OSLO, 'idporten:dcr.read'), 'c', 'any', [ONE.jwk])), 'scope-missing');
  t.equal(await refusalOf(replaceKeys(room, machine(BERGEN), 'c', 'any', [ONE.jwk])), 'action-not-allowed');
});

t.test('keys that are added at once all stay', async (t) => {
  const room = await openRoom(t);
  const { revision } = await createClient(room, KEEPING, { ...MACHINE, id: 'c' });
  const kids = ['a', 'b', 'c', 'd', 'e'];
  await Promise.all(kids.map((kid) => putKey(room, KEEPING, 'c', 'any', (at) => publicKeyOf({ ...ONE.jwk, kid }, '', at))));
  const { value } = await readKeys(room, KEEPING, 'c');
  t.same(value.keys.map(({ kid }) => kid).sort(), kids);
  t.equal(await refusalOf(removeKeys(room, KEEPING, 'c', [revision])), 'precondition-failed');
});

t.test('that a key ends is told 60, 30 and 7 days ahead, once each, by one of those who look', async (t) => {
  const room = await openRoom(t);
  const told: KeyWarning[] = [];
  const lookers = [1, 2].map(() => new KeyEndings(room.store, room.clock, (warning) => told.push(warning)));
  const look = async (): Promise<string> => {
    told.length = 0;
    await Promise.all(lookers.map((one) => one.look()));
    return told.map(({ client, kid, days }) => `${client.id} ${kid} ${days}`).join();
  };
  await createClient(room, KEEPING, { ...MACHINE, id: 'c' });
  await createClient(room, KEEPING, { ...MACHINE, id: 'gone' });
  for (const id of ['c', 'gone']) await replaceKeys(room, KEEPING, id, 'any', [ONE.jwk]);
  await deactivateClient(room, KEEPING, 'gone', 'any');
  t.equal(await look(), '');
  room.later(304);
  t.equal(await look(), '');
  room.later(1);
  t.equal(await look(), 'c one 60');
  t.equal(await look(), '');
  room.later(55);
  t.equal(await look(), 'c one 7', 'of what was missed only the nearest is told');
  await putKey(room, KEEPING, 'c', 'any', (at) => publicKeyOf(ONE.jwk, '', at));
  room.later(100);
  t.equal(await look(), '', 'a key that is sent again begins anew');
  room.later(235);
  t.equal(await look(), 'c one 30');
  const warnings = (await room.eventsOf('c')).filter(({ action }) => action === 'client-key.ends-soon');
  t.equal(warnings.length, 3);
  const { events } = await room.store.events.concerning(OSLO, { limit: 100 });
  t.equal(events.filter(({ action }) => action === 'client-key.ends-soon').length, 3, 'its organisation has them in its history');
  await Promise.all(lookers.map((one) => one.end()));
});

t.test('that a key ends is told without undoing what is changed meanwhile', async (t) => {
  const room = await openRoom(t);
  await createClient(room, KEEPING, { ...MACHINE, id: 'c' });
  await replaceKeys(room, KEEPING, 'c', 'any', [ONE.jwk]);
  room.later(360);
  const real = room.store.collection(clients);
  let isFirst = true;
  const late = {
    query: (query: never) => real.query(query),
    async putMany(changes: never, facts: never) {
      if (isFirst) await replaceKeys(room, KEEPING, 'c', 'any', [TWO.jwk]);
      isFirst = false;
      return real.putMany(changes, facts);
    },
  };
  const store = new Proxy(room.store, {
    get: (target, name) => {
      if (name === 'collection') return (entity: never) => (entity === clients ? late : target.collection(entity));
      const member = target[name as 'read'];
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  t.equal(await new KeyEndings(store, room.clock).look(), 0);
  t.same(
    (await readKeys(room, KEEPING, 'c')).value.keys.map(({ kid }) => kid),
    ['two'],
  );
});

t.test('many keys that end at once are told of page by page', async (t) => {
  const room = await openRoom(t);
  for (let i = 0; i < 120; i += 1)
    await createClient(
      room,
      KEEPING,
      { ...MACHINE, id: `c${i}` },
      { keys: (at) => [{ kid: 'k', alg: 'RS256', jwk: {}, added: at, until: toInstant(NOON + 86_400_000) }] },
    );
  let count = 0;
  const endings = new KeyEndings(room.store, room.clock, () => {
    count += 1;
  });
  t.equal(await endings.look(), 120);
  t.equal(count, 120);
  t.equal(await endings.look(), 0);
});

t.test('an organisation lists the keys that end soon, the first to end first', async (t) => {
  const room = await openRoom(t);
  const supplier = machine(VISMA, 'idporten:dcr.supplier', 'idporten:dcr.read', 'idporten:dcr.write');
  await createClient(room, KEEPING, { ...MACHINE, id: 'a' });
  await createClient(room, supplier, { ...MACHINE, id: 'b', orgnr: OSLO });
  await replaceKeys(room, KEEPING, 'a', 'any', [ONE.jwk]);
  room.later(10);
  await putKey(room, KEEPING, 'a', 'any', (at) => publicKeyOf(TWO.jwk, '', at));
  await replaceKeys(room, supplier, 'b', 'any', [ONE.jwk]);
  const listed = async (of: ReturnType<typeof machine>, days: number): Promise<string> =>
    (await listEndingKeys(room, of, days, { limit: 100 })).items.map(({ client, key }) => `${client.id} ${key.kid}`).join();
  room.later(300);
  t.equal(await listed(KEEPING, 54), '');
  t.equal(await listed(KEEPING, 60), 'a one');
  t.equal(await listed(KEEPING, 90), 'a one,a two,b one');
  t.equal(await listed(supplier, 90), 'b one');
  t.equal(await listed(machine(BERGEN), 90), '');
  room.later(60);
  t.equal(await listed(KEEPING, 1), 'a one', 'one that has ended is told of too');
});

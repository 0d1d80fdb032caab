import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TokenFault, tokenCertificates } from '#maskinporten';
import { temporaryFolder } from '../../fixtures/gateway.js';
import {
  type Authority,
  authority,
  certificatePem,
  type LeafTerms,
  longRevocationList,
  organisationCertificate,
  revocationList,
  trustFolders,
  x5c,
} from './certificates.js';
import { C, clientKey, first, L, NOON, said, second, tokenWorld } from './token-world.js';

const DAY = 86_400_000;
const UNTRUSTED = '400 invalid_grant MP-120';
const UNREADABLE = '400 invalid_grant MP-123';

const root = await authority('Root', NOON);
const ca = await authority('CA', NOON, { issuer: root });
const leaf = (terms: LeafTerms = {}, orgnr = C, key = first) =>
  organisationCertificate(orgnr, key.privateKey, NOON, { issuer: ca, ...terms });
const good = await leaf();
const revoked = await leaf();
const listsOf = async (...authorities: readonly Authority[]): Promise<Record<string, string>> => {
  const lists = await Promise.all(authorities.map((one) => revocationList(one, [], NOON)));
  return Object.fromEntries(lists.map((text, at) => [`list-${at}`, text]));
};
const lists = { ...(await listsOf(root)), ca: await revocationList(ca, [revoked], NOON) };

const constrained = await authority('Only Kommune', NOON, { issuer: root, permitted: ['Kommune'] });
const excluding = await authority('No Fylke', NOON, { issuer: root, excluded: ['Fylke'] });
const short = await authority('No authority below', NOON, { issuer: root, pathLength: 0 });
const below = await authority('Below', NOON, { issuer: short });
const noAuthority = await authority('None', NOON, { issuer: root, isAuthority: false });
const unsigning = await authority('Not for certificates', NOON, { issuer: root, keyUsage: 0x80 });
const old = await authority('Old', NOON, { issuer: root, notBefore: NOON - 9 * DAY, notAfter: NOON - DAY });
const selfSigned = await authority('Self', NOON);
const all = [root, constrained, excluding, short, below, noAuthority, unsigning, old];

// One for all: a store and its rules take most of the time.
const world = await tokenWorld(t, { more: trustFolders(temporaryFolder(t), [root], { ...(await listsOf(...all)), ca: lists.ca }) });
/** A client of C without registered keys. */
const noKeys = (more: Parameters<typeof world.put.client>[1] = {}) => world.put.client('x', { keys: [], ...more });
await noKeys();

const asking = (chain: unknown, key = first) => world.ask({ header: { kid: undefined, x5c: chain }, claims: { iss: 'x' }, key });
const answered = async (chain: unknown, key = first) => said(await asking(chain, key));

t.test('an organisation certificate under a root of ours gives a token, which says so', async (t) => {
  const reply = await asking(x5c(good, ca));
  t.equal(reply.status, 200, reply.text);
  t.match(world.claimsOf(reply), { client_amr: 'virksomhetssertifikat', client_id: 'x' });
  t.equal((await asking(x5c(good, ca, root))).status, 200, 'the root may be sent too');
  t.equal((await asking(x5c(await leaf({ attributes: [['2.5.4.5', C]] }), ca))).status, 200, 'its number may be the serialNumber');
  t.equal(await answered(x5c(good, ca), second), '400 invalid_grant MP-124', 'whoever has the certificate alone has nothing');
});

t.test('MP 10: a certificate of another organisation is MP-122, no array of certificates MP-123, an untrusted root MP-120', async (t) => {
  const [text = ''] = x5c(good);
  t.equal(await answered(x5c(await leaf({}, L), ca)), '400 invalid_grant MP-122');
  for (const chain of [text, [], [1], ['']]) t.equal(await answered(chain), UNREADABLE, JSON.stringify(chain).slice(0, 20));
  for (const spelled of [`${text}\n`, text.replace(/=*$/, '!'), certificatePem(good), Buffer.from(certificatePem(good)).toString('base64')])
    t.equal(await answered([spelled]), UNREADABLE);
  t.equal(await answered([Buffer.concat([Buffer.from(text, 'base64'), Buffer.alloc(3)]).toString('base64')]), UNREADABLE);
  t.equal(await answered(Array(6).fill(text)), UNREADABLE, 'at most five');
  t.equal(await answered(['A'.repeat(20_000)]), UNREADABLE);
  const other = await authority('Root', NOON);
  const otherCa = await authority('CA', NOON, { issuer: other });
  t.equal(await answered(x5c(await leaf({ issuer: otherCa }), otherCa, other)), UNTRUSTED, 'of the other environment, by the same names');
});

t.test('a chain that is not as RFC 5280 wants it is MP-120, whatever is wrong with it', async (t) => {
  const under = async (issuer: Authority, terms: LeafTerms = {}, ...more: Authority[]) =>
    answered(x5c(await leaf({ issuer, ...terms }), issuer, ...more));

  t.equal(await answered(x5c(selfSigned)), UNTRUSTED, 'self-signed');
  t.equal(await answered(x5c(root)), UNTRUSTED, 'a root itself');
  t.equal(await answered(x5c(good)), UNTRUSTED, 'without its issuer');
  t.equal(await answered(x5c(ca, good)), UNTRUSTED, 'in another order');
  t.equal(await answered(x5c(selfSigned, ca)), UNTRUSTED, 'in front of a chain that is not its own');
  t.equal(await answered(x5c(selfSigned, good, ca)), UNTRUSTED);
  t.equal(await answered(x5c(revoked, ca)), UNTRUSTED, 'revoked');
  t.equal(await under(ca, { notAfter: NOON - 1000 }), UNTRUSTED, 'expired');
  t.equal(await under(ca, { notBefore: NOON + 1000 }), UNTRUSTED, 'not yet valid');
  t.equal(await under(ca, { keyUsage: 0x20 }), UNTRUSTED, 'not for signatures');
  t.equal(await under(ca, { keyUsage: null }), UNTRUSTED, 'for nothing in particular');
  t.equal(await under(ca, { critical: '1.2.3.4' }), UNTRUSTED, 'with a critical extension that nobody knows');
  t.equal(await under(ca, { attributes: [] }), UNTRUSTED, 'of no organisation');
  t.equal(
    await under(ca, {
      attributes: [
        ['2.5.4.97', `NTRNO-${C}`],
        ['2.5.4.5', L],
      ],
    }),
    UNTRUSTED,
    'of two',
  );
  t.equal(await under(old), UNTRUSTED, 'of an authority that has expired');
  t.equal(await under(noAuthority), UNTRUSTED, 'of whoever is no authority');
  t.equal(await under(unsigning), UNTRUSTED, 'of an authority that may not issue');
  t.equal(await under(below, {}, short), UNTRUSTED, 'of one authority too many');
  t.equal(await under(short), '200', 'which may issue itself');
  t.equal(await under(constrained, { organisation: 'Fylke' }), UNTRUSTED, 'by a name outside a name constraint');
  t.equal(await under(constrained), '200', 'and inside it');
  t.equal(await under(excluding, { organisation: 'Fylke' }), UNTRUSTED, 'by a name that is excluded');
  t.equal(await under(excluding), '200');
});

t.test('whether a certificate counts without a list in date is configured; a list that has it counts however old', async (t) => {
  const folder = temporaryFolder(t);
  const places = trustFolders(folder, [root], lists);
  const told: string[] = [];
  const options = { ...places, looksEveryMs: 0, tell: (event: string) => told.push(event) };
  const [required, known] = await Promise.all(
    (['required', 'if-known'] as const).map((certificateRevocation) => tokenCertificates({ ...options, certificateRevocation })),
  );
  const judged = async (chain: string[]) =>
    Promise.all(
      [required, known].map(async (judge) => {
        const found = await judge?.judge(chain, NOON);
        return found instanceof TokenFault ? found.name : found?.orgnr;
      }),
    );
  const [chain, withdrawn] = [x5c(good, ca), x5c(revoked, ca)];
  t.same(await judged(chain), [C, C]);
  t.same(told, []);
  const file = join(places.certificateRevocationLists, 'ca.crl');
  writeFileSync(file, await revocationList(ca, [revoked], NOON, [-3, -1]));
  t.same(await judged(chain), ['MP-120', C], 'stale; what was judged before no longer counts');
  t.same(await judged(withdrawn), ['MP-120', 'MP-120']);
  t.match(told, ['no revocation list in date'], 'the operator is told');
  const stranger = await authority('CA', NOON);
  writeFileSync(file, await revocationList(stranger, [], NOON));
  t.same(await judged(chain), ['MP-120', C], 'signed by somebody of the same name');
  writeFileSync(file, await revocationList(ca, [good], NOON));
  t.same(await judged(chain), ['MP-120', 'MP-120'], 'revoked a moment ago');
  rmSync(file);
  t.same(await judged(chain), ['MP-120', C], 'gone');
  writeFileSync(file, 'no list');
  t.same(await judged(chain), ['MP-120', C], 'a file that cannot be read changes nothing');
  t.ok(told.includes('certificates not read again'));
  await t.rejects(tokenCertificates({ ...options, certificateRevocation: 'required' }), {
    name: 'ProblemError',
    detail: /ca\.crl cannot be used/,
  });
});

t.test('an authority between may be the root, so that others under the same root of all count for nothing', async (t) => {
  const aside = await authority('For persons', NOON, { issuer: root });
  const places = trustFolders(temporaryFolder(t), [ca], { ca: lists.ca, aside: await revocationList(aside, [], NOON) });
  const judge = await tokenCertificates({ ...places, certificateRevocation: 'required', tell: () => {} });
  const judged = async (...chain: (Authority | typeof good)[]) => {
    const found = await judge.judge(x5c(...chain), NOON);
    return found instanceof TokenFault ? found.name : found.orgnr;
  };
  t.equal(await judged(good), C);
  t.equal(await judged(good, ca), C);
  t.equal(await judged(good, ca, root), C, 'whoever sends all of the chain sends more than is asked for');
  t.equal(await judged(revoked, ca, root), 'MP-120');
  const other = await leaf({ issuer: aside });
  t.equal(await judged(other, aside, root), 'MP-120');
  t.equal(await judged(other, ca, root), 'MP-120');
  t.equal(await judged(ca, root), 'MP-120');
});

t.test('a revocation list may be as long as those of an authority of a whole country', async (t) => {
  const folder = temporaryFolder(t);
  const list = await longRevocationList(ca, [revoked], NOON, 20_000);
  const places = trustFolders(folder, [root], { ...lists, ca: list });
  const der = Buffer.from(list.replace(/-.*-/g, ''), 'base64');
  const judged = async () => {
    const judge = await tokenCertificates({ ...places, certificateRevocation: 'required', tell: () => {} });
    const found = await Promise.all([good, revoked].map((one) => judge.judge(x5c(one, ca), NOON)));
    return found.map((one) => (one instanceof TokenFault ? one.name : one.orgnr));
  };
  t.same(await judged(), [C, 'MP-120']);
  const file = join(places.certificateRevocationLists, 'ca.crl');
  writeFileSync(file, der);
  t.same(await judged(), [C, 'MP-120'], 'as DER');
  const alone = await tokenCertificates({ ...places, certificateRevocation: 'required', tell: () => {} });
  t.match(await alone.judge(x5c(revoked, ca), NOON), { name: 'MP-120', description: /revoked/ });
  for (const [why, bytes] of Object.entries({
    'cut off': der.subarray(0, -1),
    'with something behind it': Buffer.concat([der, Buffer.alloc(1)]),
    'of a length that is not there': Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
    'without an end': Buffer.from([0x30, 0x80, 0, 0]),
    empty: Buffer.alloc(0),
  })) {
    writeFileSync(file, bytes);
    await t.rejects(judged(), { name: 'ProblemError', detail: /ca\.crl cannot be used/ }, why);
  }
  const altered = Buffer.from(der);
  altered.writeUInt8(altered.readUInt8(der.length >> 1) ^ 1, der.length >> 1);
  writeFileSync(file, altered);
  t.same(await judged().catch(() => ['MP-120', 'MP-120']), ['MP-120', 'MP-120'], 'one that its authority has not signed says nothing');
});

t.test('a client of a supplier comes with the supplier’s certificate; one with registered keys with none', async (t) => {
  await world.put.access('t:s', L);
  await noKeys({ supplier: L });
  t.teardown(noKeys);
  t.equal((await asking(x5c(await leaf({}, L), ca))).status, 200);
  t.equal(await answered(x5c(good, ca)), '400 invalid_grant MP-122');
  await world.put.client('x', { keys: [clientKey(second)] });
  const reply = await asking(x5c(good, ca));
  t.equal(said(reply), '400 invalid_grant registered-key-required');
  t.match(reply.json.error_description, /requires pre-registered jwk/);
});

t.test('a registered key that came with a certificate ends with it', async (t) => {
  const locked = (chain: string[]) => {
    const key = clientKey(first);
    return world.put.client('x', { keys: [{ ...key, jwk: { ...key.jwk, x5c: chain } }] });
  };
  await locked(x5c(good, ca));
  const reply = await world.ask({ claims: { iss: 'x' } });
  t.equal(world.claimsOf(reply)['client_amr'], 'private_key_jwt');
  await locked(x5c(revoked, ca));
  t.equal(said(await world.ask({ claims: { iss: 'x' } })), UNTRUSTED);
});

t.test('where no roots are configured nobody comes with a certificate', async (t) => {
  const judge = await tokenCertificates({ certificateRevocation: 'required', tell: () => {} });
  t.match(await judge.judge(x5c(good, ca), NOON), { name: 'MP-120' });
});

import t from 'tap';
import { type Orgnr, type PersonNumber, parseOrgnr, parsePersonNumber } from '#domain';
import { personClaims } from '#idporten';
import { machineClaims } from '#maskinporten';
import { type Caller, createTokenVerifier, type TrustedIssuer } from '#tokens';
import { newKey } from '../fixtures/signing-key.js';
import { AUDIENCE, claims, keyPair, NOW, outcome, PID, SECONDS, signed, startIssuer, verifierFor } from './issuer.js';

const pair = await keyPair('k1');

t.test('a Maskinporten token names consumer, supplier, client and scopes', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const supplier = { authority: 'iso6523-actorid-upis', ID: '0192:974760673' };
  t.same(await verifierFor(issuer).verify(await signed(pair, claims(issuer, { supplier, aud: ['x', AUDIENCE] }))), {
    kind: 'machine',
    issuer,
    consumer: '991825827',
    supplier: '974760673',
    clientId: 'client-1',
    scopes: ['ks:tilgang', 'ks:tilgang.admin'],
    expiresAtMs: NOW + 120_000,
  });
});

t.test('times are taken with ten seconds of tolerance', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  for (const changed of [{ exp: SECONDS - 9 }, { iat: SECONDS + 10 }, { nbf: SECONDS + 10 }]) {
    t.equal(await outcome(verifierFor(issuer).verify(await signed(pair, claims(issuer, changed)))), 'taken', JSON.stringify(changed));
  }
});

t.test('each algorithm that may be configured verifies', async (t) => {
  for (const alg of ['RS384', 'PS256', 'ES256', 'ES384', 'ES512'] as const) {
    const key = await keyPair('k', alg);
    const { issuer } = await startIssuer(t, [pair.jwk, key.jwk]);
    t.equal(await outcome(verifierFor(issuer, {}, { algorithms: [alg] }).verify(await signed(key, claims(issuer)))), 'taken', alg);
  }
});

t.test('the claims that the demo issuer writes are those that the verifier reads', async (t) => {
  const keys = await newKey('RS256');
  const server = await startIssuer(t, [keys.jwk]);
  const { issuer } = server;
  const sign = (body: object) => keys.sign(body, { expiresInSeconds: 120, now: NOW });
  const client = { id: 'c', orgnr: parseOrgnr('991825827') as Orgnr, supplierOrgnr: parseOrgnr('974760673') as Orgnr };
  const machine = await verifierFor(issuer).verify(await sign(machineClaims({ issuer, audience: AUDIENCE, client, scopes: ['a', 'b'] })));
  t.match(machine, { kind: 'machine', consumer: '991825827', supplier: '974760673', scopes: ['a', 'b'] });
  const pid = parsePersonNumber(PID) as PersonNumber;
  const body = personClaims({ issuer, audience: AUDIENCE, pid, clientId: 'web', acr: 'idporten-loa-high' });
  const person: Caller = await verifierFor(issuer, {}, { kind: 'idporten' }).verify(await sign(body));
  t.match(person, { kind: 'person', pid: PID, clientId: 'web', acr: 'idporten-loa-high', scopes: ['openid', 'profile'] });
  t.match(await outcome(verifierFor(issuer).verify(await sign(body))), /claim consumer/);
});

t.test('an issuer that is not safe to trust is refused with every fault at once', async (t) => {
  const unsafe = [
    { issuer: 'http://issuer.example.test/', kind: 'maskinporten', audience: undefined, algorithms: ['HS256', 'RS256', 'none'] },
    { issuer: 'https://issuer.example.test/', kind: 'other', audience: 'a', algorithms: [], jwksUri: 'file:///etc/passwd' },
  ] as unknown as TrustedIssuer[];
  const pointers = ['/issuers/0/issuer', '/issuers/0/audience', '/issuers/0/algorithms/0', '/issuers/0/algorithms/2'];
  try {
    createTokenVerifier({ issuers: unsafe, clock: () => NOW });
    t.fail('taken');
  } catch (error) {
    const { slug, at } = error as { slug: string; at: { pointer: string }[] };
    t.equal(slug, 'config-invalid');
    t.same(
      at.map(({ pointer }) => pointer),
      [...pointers, '/issuers/1/kind', '/issuers/1/algorithms', '/issuers/1/jwksUri'],
    );
  }
});

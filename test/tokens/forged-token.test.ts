import { inspect } from 'node:util';
import { exportSPKI, importJWK, SignJWT } from 'jose';
import t from 'tap';
import { AUDIENCE, claims, keyPair, outcome, PID, SECONDS, signed, startIssuer, verifierFor } from './issuer.js';

const pair = await keyPair('k1');
const other = await keyPair('k2');
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

t.test('a token without signature (none) is refused', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const token = `${part({ alg: 'none', kid: 'k1' })}.${part(claims(issuer))}.`;
  t.match(await outcome(verifierFor(issuer).verify(token)), /^token-invalid: The algorithm \(alg\) is not allowed/);
});

t.test('HS256 with the public key as secret is refused', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const publicKey = await importJWK(pair.jwk, 'RS256', { extractable: true });
  const secrets = [await exportSPKI(publicKey as Exclude<typeof publicKey, Uint8Array>), pair.jwk.n as string, JSON.stringify(pair.jwk)];
  for (const secret of secrets) {
    const token = await new SignJWT(claims(issuer)).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(Buffer.from(secret));
    t.match(await outcome(verifierFor(issuer).verify(token)), /^token-invalid: The algorithm \(alg\) is not allowed/);
  }
});

t.test('a key that the issuer publishes for one algorithm does not serve another', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const token = await signed({ ...pair, privateKey: (await keyPair('k1', 'ES256')).privateKey, alg: 'ES256' }, claims(issuer));
  t.match(
    await outcome(verifierFor(issuer, {}, { algorithms: ['RS256', 'ES256'] }).verify(token)),
    /is not for signatures with the algorithm/,
  );
});

t.test('a symmetric key in the key document is not taken', async (t) => {
  const { issuer } = await startIssuer(t, [{ kty: 'oct', kid: 'k1', k: 'AAAA' }]);
  t.match(await outcome(verifierFor(issuer).verify(await signed(pair, claims(issuer)))), /^token-invalid: The key \(kid\)/);
});

t.test('keys and addresses in the header are neither used nor fetched', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const attacker = await startIssuer(t, [other.jwk]);
  const forged = { ...other, kid: 'k1' };
  for (const header of [{ jwk: other.jwk }, { jku: `${attacker.issuer}jwk` }, { x5u: `${attacker.issuer}jwk` }, { x5c: ['AAAA'] }]) {
    t.match(await outcome(verifierFor(issuer).verify(await signed(forged, claims(issuer), header))), /^token-invalid: The signature/);
  }
  t.same(attacker.hits, []);
});

t.test('a changed token is refused', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const [header, , signature] = (await signed(pair, claims(issuer))).split('.');
  const token = `${header}.${part(claims(issuer, { scope: 'more' }))}.${signature}`;
  t.match(await outcome(verifierFor(issuer).verify(token)), /^token-invalid: The signature/);
});

t.test('what is not a signed JWT is refused without a fetch', async (t) => {
  const { issuer, hits } = await startIssuer(t, [pair.jwk]);
  const good = await signed(pair, claims(issuer));
  const untrusted = await signed(pair, claims(issuer.slice(0, -1)));
  const critical = `${part({ alg: 'RS256', kid: 'k1', crit: ['b64'], b64: true })}.${part(claims(issuer))}.AAAA`;
  const nameless = `${part({ alg: 'RS256' })}.${part(claims(issuer))}.AAAA`;
  const shapeless = ['', 'x', '..', 'a.b.c', `${good}.x`, ` ${good}`, `${good}\n`, `${part([])}.${part(null)}.AAAA`];
  const bad = [...shapeless, untrusted, critical, nameless];
  for (const token of bad) t.match(await outcome(verifierFor(issuer).verify(token)), /^token-invalid: /, token.slice(0, 20));
  t.match(await outcome(verifierFor(issuer).verify(`${good}${'A'.repeat(16_384)}`)), /longer than 16384/);
  t.same(hits, []);
});

t.test('each claim that is missing or wrong is named, and its value is not', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const consumer = (ID: unknown, authority = 'iso6523-actorid-upis') => ({ consumer: { authority, ID } });
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ aud: undefined }, /no audience/],
    [{ aud: 'https://other.example.test/' }, /audience \(aud\) is not this/],
    [{ aud: ['https://other.example.test/', `${AUDIENCE}x`] }, /audience \(aud\) is not this/],
    [{ exp: undefined }, /claim exp/],
    [{ exp: '1e999' }, /claim exp/],
    [{ exp: 1e300 }, /claim exp/],
    [{ exp: SECONDS - 10 }, /^token-expired$/],
    [{ iat: SECONDS + 11 }, /issued in the future/],
    [{ iat: 'x' }, /claim iat/],
    [{ nbf: SECONDS + 11 }, /not valid yet/],
    [{ consumer: undefined }, /claim consumer/],
    [consumer('0192:991825828'), /consumer has a wrong check digit/],
    [consumer('0192:991825827:1'), /consumer is not nine digits/],
    [consumer('0192: 991825827'), /consumer is not nine digits/],
    [consumer('991825827'), /claim consumer/],
    [consumer(['0192:991825827']), /claim consumer/],
    [consumer('NTRNO-991825827', 'etsi-en-319-412'), /claim consumer/],
    [{ consumer: '0192:991825827' }, /claim consumer/],
    [{ supplier: null }, /claim supplier/],
    [{ supplier: { authority: 'iso6523-actorid-upis', ID: '0192:991825828' } }, /supplier has a wrong check digit/],
    [{ scope: undefined }, /claim scope/],
    [{ scope: ['a'] }, /claim scope/],
    [{ client_id: undefined }, /claim client_id/],
    [{ client_id: 'a\nb' }, /client_id has a control character/],
    [{ client_id: 'a\u202eb' }, /client_id has an invisible character/],
    [{ client_id: ' a' }, /client_id has blanks around it/],
    [{ client_id: '01 81 90 00049' }, /client_id holds what looks like a person number/],
  ];
  const verifier = verifierFor(issuer);
  for (const [changed, expected] of cases) {
    const answer = await outcome(verifier.verify(await signed(pair, claims(issuer, changed))));
    t.match(answer, expected, JSON.stringify(changed));
    t.match(answer, /^token-(invalid: |expired$)/);
    t.notMatch(answer, /\d{9}/);
  }
});

t.test('a refused token says in one stable word what did not fit (fault 20)', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const stranger = await keyPair('k1');
  const verifier = verifierFor(issuer);
  const good = await signed(pair, claims(issuer));
  const cases: readonly (readonly [string, string])[] = [
    ['malformed', 'x'],
    ['issuer-unknown', await signed(pair, claims('https://other.example.test/'))],
    ['algorithm-not-allowed', `${part({ alg: 'PS256', kid: 'k1' })}.${good.split('.')[1]}.AAAA`],
    ['key-unknown', await signed({ ...pair, kid: 'k9' }, claims(issuer))],
    ['signature-wrong', await signed(stranger, claims(issuer))],
    ['audience-wrong', await signed(pair, claims(issuer, { aud: 'https://other.example.test/' }))],
    ['audience-wrong', await signed(pair, claims(issuer, { aud: undefined }))],
    ['expired', await signed(pair, claims(issuer, { exp: SECONDS - 60 }))],
    ['not-yet-valid', await signed(pair, claims(issuer, { nbf: SECONDS + 60 }))],
    ['not-yet-valid', await signed(pair, claims(issuer, { iat: SECONDS + 60 }))],
    ['claim-wrong', await signed(pair, claims(issuer, { consumer: undefined }))],
  ];
  for (const [reason, token] of cases) {
    const error = await Promise.resolve(verifier.verify(token)).catch((fault: unknown) => fault);
    t.match(error, { reason });
  }
});

t.test('no error about a person’s token has the person number, however deep one looks', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const verifier = verifierFor(issuer, {}, { kind: 'idporten' });
  const wrongDigit = `${PID.slice(0, 10)}${(Number(PID[10]) + 1) % 10}`;
  const changes = [
    { exp: SECONDS - 60 },
    { aud: 'x' },
    { nbf: SECONDS + 60 },
    { pid: wrongDigit },
    { pid: 1 },
    { pid: undefined },
    { acr: 3 },
  ];
  for (const changed of changes) {
    const token = await signed(pair, claims(issuer, { pid: PID, ...changed }));
    const error = await Promise.resolve(verifier.verify(token)).catch((cause: unknown) => cause);
    t.type(error, Error);
    t.notMatch(inspect(error, { depth: 20, showHidden: true }), new RegExp(PID.slice(0, 9)));
  }
});

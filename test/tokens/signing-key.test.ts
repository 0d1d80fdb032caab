import { decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose';
import t from 'tap';
import { generateSigningKey, openSigningKey } from '#tokens';
import { newKey } from '../fixtures/signing-key.js';
import { NOW } from './issuer.js';

t.test('a token names its key and algorithm, has both times, and verifies by the public half alone', async (t) => {
  const members = { RS256: ['alg', 'e', 'kid', 'kty', 'n', 'use'], ES256: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'] };
  for (const [alg, names] of Object.entries(members)) {
    const { jwk, sign } = await newKey(alg as 'RS256' | 'ES256');
    t.same(Object.keys(jwk).sort(), names, 'no private member');
    const token = await sign({ a: 'ø' }, { expiresInSeconds: 60, now: NOW + 999 });
    t.same(decodeProtectedHeader(token), { alg, kid: jwk.kid });
    const { payload } = await jwtVerify(token, await importJWK(jwk as unknown as JWK), { currentDate: new Date(NOW) });
    t.same(payload, { a: 'ø', iat: NOW / 1000, exp: NOW / 1000 + 60 });
  }
});

t.test('a long key signs in a thread of its own, several at once, each its own token', async (t) => {
  const { jwk, secret } = await generateSigningKey('RS256', 3072);
  const signer = openSigningKey(jwk, secret);
  const key = await importJWK(jwk as unknown as JWK);
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 1);
  const tokens = await Promise.all(Array.from({ length: 12 }, (_, n) => signer.sign({ n }, { expiresInSeconds: 60, now: NOW })));
  clearInterval(counting);
  t.ok(turns > 3, 'meanwhile others are answered');
  const verified = await Promise.all(tokens.map((token) => jwtVerify(token, key, { currentDate: new Date(NOW) })));
  t.same(
    verified.map(({ payload }) => payload['n']),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  );
});

import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import t from 'tap';
import { openSigningKeys } from '#tokens';
import { NOW } from './issuer.js';

t.test('openers that start together agree on one key, in one file that only its owner reads', async (t) => {
  const folder = join(t.testdir(), 'keys');
  const all = await Promise.all([1, 2, 3].map(() => openSigningKeys(folder)));
  const later = await openSigningKeys(folder);
  t.equal(new Set([...all, later].map((keys) => keys.jwks().keys[0]?.kid)).size, 1);
  t.same(readdirSync(folder), ['signing-key.json']);
  t.equal(statSync(join(folder, 'signing-key.json')).mode & 0o777, 0o600);
});

t.test('only the public half is published, and tokens name it', async (t) => {
  const keys = await openSigningKeys(t.testdir());
  const [key] = keys.jwks().keys;
  t.same(Object.keys(key ?? {}).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
  const token = await keys.sign({ a: 1 }, { expiresInSeconds: 60, now: NOW + 999 });
  t.same(decodeProtectedHeader(token), { alg: 'RS256', kid: key?.kid });
  t.same(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()), { a: 1, iat: NOW / 1000, exp: NOW / 1000 + 60 });
});

t.test('a spoilt key file is refused and not quoted', async (t) => {
  for (const text of ['', 'null', '{"kty":"oct","k":"secret"}', '{"kty":"RSA","d":"secret","n":"AQ","e":"AQAB"}', 'secret']) {
    const folder = t.testdir();
    writeFileSync(join(folder, 'signing-key.json'), text);
    const error = await openSigningKeys(folder).catch((cause: unknown) => cause);
    t.match(error, { slug: 'config-invalid', cause: undefined });
    t.notMatch(String(error), /secret/);
  }
});

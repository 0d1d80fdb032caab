import t from 'tap';
import { claims, clockAt, keyPair, NOW, outcome, signed, startIssuer, verifierFor } from './issuer.js';

const pair = await keyPair('k1');

t.test('a remembered token answers at once with the same caller', async (t) => {
  const { issuer, hits } = await startIssuer(t, [pair.jwk]);
  const verifier = verifierFor(issuer);
  const token = await signed(pair, claims(issuer));
  const first = await verifier.verify(token);
  const before = hits.length;
  t.equal(verifier.verify(token), first);
  t.ok(Object.isFrozen(first) && Object.isFrozen(first.scopes));
  t.equal(hits.length, before);
});

t.test('a remembered token expires to the millisecond, ten seconds after exp', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const clock = clockAt();
  const verifier = verifierFor(issuer, { clock });
  const token = await signed(pair, claims(issuer));
  await verifier.verify(token);
  clock.now = NOW + 129_999;
  t.notOk(verifier.verify(token) instanceof Promise);
  clock.now = NOW + 130_000;
  t.equal(await outcome(verifier.verify(token)), 'token-expired');
});

t.test('a remembered token is refused if the clock falls back before its time', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const clock = clockAt();
  const verifier = verifierFor(issuer, { clock });
  const token = await signed(pair, claims(issuer));
  await verifier.verify(token);
  clock.now = NOW - 10_001;
  t.match(await outcome(verifier.verify(token)), /in the future/);
});

t.test('no more tokens are remembered than allowed, and the oldest goes first', async (t) => {
  const { issuer } = await startIssuer(t, [pair.jwk]);
  const verifier = verifierFor(issuer, { maxRemembered: 2 });
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((jti) => signed(pair, claims(issuer, { jti }))));
  for (const token of [a, b, c]) await verifier.verify(token as string);
  t.notOk(verifier.verify(c as string) instanceof Promise);
  t.notOk(verifier.verify(b as string) instanceof Promise);
  const again = verifier.verify(a as string);
  t.ok(again instanceof Promise);
  await again;
});

import t from 'tap';
import { C, NOON, P, said, tokenWorld } from './token-world.js';

t.test('MP 1: a fresh grant of a client with a granted scope gives a token as Maskinporten’s', async (t) => {
  const world = await tokenWorld(t);
  const reply = await world.ask();
  t.equal(reply.status, 200, reply.text);
  t.match(reply.json, { token_type: 'Bearer', expires_in: 120, scope: 't:s' });
  t.equal(reply.headers.get('cache-control'), 'no-store');
  t.equal(reply.headers.get('pragma'), 'no-cache');
  const claims = world.claimsOf(reply);
  t.match(claims, {
    iss: world.issuer,
    scope: 't:s',
    client_id: 'c',
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${C}` },
    iat: NOON / 1000,
    exp: NOON / 1000 + 120,
  });
  t.same(Object.keys(claims).sort(), ['client_amr', 'client_id', 'consumer', 'exp', 'iat', 'iss', 'jti', 'scope', 'token_type']);
  t.ok(world.issuer.endsWith('/'));
  t.not(P, C);
  const again = await world.ask(world.assertion({ claims: { scope: 't:unknown' } }));
  t.equal(said(again), '400 invalid_scope MP-200');
});

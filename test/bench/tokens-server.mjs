// A bare Koa server that issues tokens for the same form: it reads it, verifies the assertion by the one key that it is given, and signs a token as the gateway does. It looks nothing up, judges
// nothing and logs nothing; with a folder it also keeps each jti in LMDB, flushed, before it answers. What no server in Node that does that can be much quicker than.
// Started as a process of its own: node tokens-server.mjs ALGORITHM KEY [FOLDER], the key as a public JWK; prints its port.
import { createPublicKey, verify } from 'node:crypto';
import Koa from 'koa';
import { open } from 'lmdb';
import { generateSigningKey, openSigningKey } from '#tokens';

const [algorithm, key, folder] = process.argv.slice(2);
const client = createPublicKey({ key: JSON.parse(key), format: 'jwk' });
const { jwk, secret } = await generateSigningKey(algorithm, 4096);
const issuer = openSigningKey(jwk, secret);
const kept = folder === undefined ? undefined : open({ path: folder, overlappingSync: false });

async function formOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

async function issue(assertion) {
  const end = assertion.lastIndexOf('.');
  const isRight = verify('sha256', Buffer.from(assertion.slice(0, end)), client, Buffer.from(assertion.slice(end + 1), 'base64url'));
  if (!isRight) throw new Error('it does not verify');
  const { iss, aud, scope, jti } = JSON.parse(Buffer.from(assertion.split('.')[1], 'base64url'));
  await kept?.put(`${iss} ${jti}`, '');
  const consumer = { authority: 'iso6523-actorid-upis', ID: '0192:910000000' };
  const claims = { iss: aud, client_id: iss, client_amr: 'private_key_jwt', token_type: 'Bearer', scope, consumer, jti };
  const access_token = await issuer.sign(claims, { expiresInSeconds: 120, now: Date.now() });
  return { access_token, token_type: 'Bearer', expires_in: 120, scope };
}

const app = new Koa();
app.use(async (ctx) => {
  ctx.body = await issue((await formOf(ctx.req)).get('assertion'));
});
const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importPKCS8, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import t from 'tap';
import { publicClientKey } from '#tokens';
import { documentedCode, runDocumentedApi } from '../../fixtures/documented.js';
import { runGateway } from '../../fixtures/gateway.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const PYTHON = '.tools/pymaskinporten/python';
/** The grant says who the client is: it shows it in no other way. */
const asItIs = (): void => {};

const gateway = await runGateway(t);
const issuer = `${gateway.origin}/maskinporten/`;
const pem = readFileSync(join(gateway.config.data, 'demo-client.pem'), 'utf8');
const { kid } = (await publicClientKey(pem)) as { kid: string };

/** What every client library leaves to its user: the assertion (RFC 7523 §3), for the demo client `fhi`. */
async function assertion(scope: string): Promise<string> {
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer('fhi')
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('60s')
    .setJti(randomUUID())
    .sign(await importPKCS8(pem, 'RS256'));
}

/** Whether the token opens the Tilgang API. */
async function opens(token: string): Promise<boolean> {
  const { appId, brukerIdent } = gateway.world.first;
  const { status, json } = await gateway.ask(appId, { brukerIdent }, { token });
  return status === 200 && json.tilganger.length >= 2;
}

t.test('openid-client finds the endpoint by the name of the issuer, and its token opens the Tilgang API', async (t) => {
  const options = { algorithm: 'oauth2' as const, execute: [openid.allowInsecureRequests] };
  const config = await openid.discovery(new URL(issuer), 'fhi', undefined, asItIs, options);
  t.match(config.serverMetadata(), { issuer, token_endpoint: `${issuer}token`, jwks_uri: `${issuer}jwk` });
  const answer = await openid.genericGrantRequest(config, GRANT, { assertion: await assertion('ks:fiks') });
  t.match(answer, { token_type: 'bearer', expires_in: 120, scope: 'ks:fiks' });
  t.ok(await opens(answer.access_token));
  const refused = openid.genericGrantRequest(config, GRANT, { assertion: await assertion('fhi:vaksine/ukjent.read') });
  await t.rejects(refused, {
    error: 'invalid_scope',
    status: 400,
    error_description: /^Token request contains invalid scopes for client/,
  } as never);
});

t.test('oauth4webapi does, and what it asks is checked as it asks it', async (t) => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const url = new URL(issuer);
  const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure }));
  const client: oauth.Client = { client_id: 'fhi' };
  const ask = async (sent: string) =>
    oauth.processGenericTokenEndpointResponse(
      as,
      client,
      await oauth.genericTokenEndpointRequest(as, client, asItIs, GRANT, new URLSearchParams({ assertion: sent }), insecure),
    );
  const once = await assertion('ks:fiks');
  t.ok(await opens((await ask(once)).access_token));
  await t.rejects(
    ask(once),
    { error: 'invalid_grant', status: 400, error_description: /used before/ } as never,
    'the same assertion once more',
  );
});

const SCRIPT = `
import json, sys
from pymaskinporten import MaskinportenClient, MaskinportenSecrets, MaskinportenTokenError
${documentedCode('maskinporten', 'Python')}
def client(scope):
    secrets = MaskinportenSecrets(PRIVATE_KEY=sys.stdin_text, MASKINPORTEN_CLIENT_ID="fhi", KID=os.environ["KID"], SCOPE=scope)
    return MaskinportenClient(config=secrets, token_url=f"{ISSUER}token", audience=ISSUER)

sys.stdin_text = sys.stdin.read()
token = client("ks:fiks").get_token()
told = {"token": token, "consumer": consumer_of(f"Bearer {token}")}
for name, wrong in (("scope", client("ks:fiks.tilbyder").get_token()), ("signature", token[:-4] + "AAAA")):
    try:
        consumer_of(f"Bearer {wrong}")
    except (PermissionError, jwt.PyJWTError) as refused:
        told[name] = type(refused).__name__
try:
    client("fhi:vaksine/ukjent.read").get_token()
except MaskinportenTokenError as refused:
    told["refused"] = [refused.status, refused.code]
print(json.dumps(told))
`;

const skip = existsSync(PYTHON) ? false : 'pymaskinporten is not installed: `make pymaskinporten` does it, and needs Python 3.13';

t.test('pymaskinporten, made for the real service, takes our address and its token opens the Tilgang API', { skip }, async (t) => {
  const env = { PATH: process.env['PATH'], ISSUER: issuer, AUDIENCE: gateway.origin, SCOPE: 'ks:fiks', KID: kid };
  // In a process of its own: this one is the gateway.
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    const child = execFile(PYTHON, ['-c', SCRIPT], { env, encoding: 'utf8', timeout: 60_000 }, (_error, out, err) =>
      resolve({ stdout: out, stderr: err }),
    );
    child.stdin?.end(pem);
  });
  t.match(stdout, /^\{/, stderr);
  const { token, ...told } = JSON.parse(stdout);
  t.same(told, { consumer: '983744516', scope: 'PermissionError', signature: 'InvalidSignatureError', refused: [400, 'invalid_scope'] });
  t.ok(await opens(token));
});

t.test('the API server of the documentation takes a token that is for it, and no other', async (t) => {
  const api = await runDocumentedApi(t, { issuer, audience: gateway.origin, scope: 'ks:fiks' });
  const ask = async (token?: string) => {
    const response = await fetch(api, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });
    return { status: response.status, challenge: response.headers.get('WWW-Authenticate'), text: await response.text() };
  };
  const invalid = { status: 401, challenge: 'Bearer error="invalid_token"' };
  const fhi = await gateway.tokenOf({ client: 'fhi' });
  t.match(await ask(fhi), { status: 200, text: '{"consumer":"983744516"}' });
  const { status, text } = await ask(await gateway.tokenOf({ client: 'leverandor' }));
  t.equal(status, 200);
  t.match(JSON.parse(text), { consumer: '974760223', supplier: /^[0-9]{9}$/ });
  t.match(await ask(), invalid);
  t.match(await ask(`${fhi.slice(0, -4)}AAAA`), invalid);
  t.match(await ask(await gateway.tokenOf({ person: 'person-001' })), invalid, 'another issuer with the same key');
  t.match(await ask(await gateway.tokenOf({ client: 'uten-scope' })), { status: 403, challenge: 'Bearer error="insufficient_scope"' });
  t.match(await ask(await gateway.tokenOf({ client: 'oslo' })), { status: 403 }, 'a scope that begins alike is another one');
});

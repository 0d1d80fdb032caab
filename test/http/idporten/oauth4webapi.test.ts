import * as oauth from 'oauth4webapi';
import t from 'tap';
import { grantAccess } from '#maskinporten';
import { runGateway } from '../../fixtures/gateway.js';
import { FHI, HOME, idportenSide, logIn, UserAgent } from '../../fixtures/idporten.js';

const insecure = { [oauth.allowInsecureRequests]: true };

void t.test('oauth4webapi pushes a request, redeems the code, refreshes, asks about the token and revokes it', async (t) => {
  const gateway = await runGateway(t);
  const side = await idportenSide(t, gateway);
  await grantAccess(side.parts, side.operator, { scope: 'idporten:token.introspection', consumer: FHI });
  const scope = await side.scope('egne.read');
  const scopes = ['openid', 'profile', scope];
  const made = await side.client({ integrationType: 'api_klient', scopes });
  const owner = await side.client({ integrationType: 'api_klient', orgnr: FHI, scopes: ['openid', 'idporten:token.introspection'] });
  const client: oauth.Client = { client_id: made.id };
  const auth = oauth.ClientSecretBasic(made.secret ?? '');
  const issuer = new URL(side.issuer);
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));

  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
  const asked = {
    response_type: 'code',
    redirect_uri: HOME,
    scope: scopes.join(' '),
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    acr_values: 'idporten-loa-high',
  };
  const pushed = await oauth.processPushedAuthorizationResponse(
    as,
    client,
    await oauth.pushedAuthorizationRequest(as, client, auth, asked, insecure),
  );
  const address = new URL(as.authorization_endpoint ?? '');
  address.search = new URLSearchParams({ client_id: made.id, request_uri: pushed.request_uri }).toString();
  const back = await logIn(new UserAgent(gateway.origin), address, side.person);

  const came = oauth.validateAuthResponse(as, client, back.url, state);
  const redeem = () => oauth.authorizationCodeGrantRequest(as, client, auth, came, HOME, verifier, insecure);
  const checks = { expectedNonce: nonce, requireIdToken: true };
  const response = await redeem();
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, checks);
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  t.match(oauth.getValidatedIdTokenClaims(tokens), { pid: side.person.brukerIdent, acr: 'idporten-loa-high', aud: made.id });

  const ask = async (token: string) => {
    const sent = await oauth.introspectionRequest(
      as,
      { client_id: owner.id },
      oauth.ClientSecretBasic(owner.secret ?? ''),
      token,
      insecure,
    );
    return oauth.processIntrospectionResponse(as, { client_id: owner.id }, sent);
  };
  const refresh = async (token = '') =>
    oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, auth, token, insecure));
  const next = await refresh(tokens.refresh_token);
  t.match(await ask(next.access_token), { active: true, scope: scopes.join(' '), pid: side.person.brukerIdent });
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, next.refresh_token ?? '', insecure));
  t.same(await ask(next.access_token), { active: false });
  await t.rejects(refresh(next.refresh_token), { error: 'invalid_grant', status: 400 } as never);
  await t.rejects(oauth.processAuthorizationCodeResponse(as, client, await redeem(), checks), { error: 'invalid_grant' } as never);
});

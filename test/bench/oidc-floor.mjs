// A bare oidc-provider with its own memory adapter, for the same log-in: one client, anybody who comes is a person, and tokens that are signed as ours are. Prints its port.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

console.warn = () => {};
console.info = () => {};
const { Provider } = await import('oidc-provider');

const server = createServer().listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const issuer = `http://127.0.0.1:${port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const api = 'urn:bench:api';
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'bench',
        client_secret: 'x'.repeat(43),
        redirect_uris: ['http://127.0.0.1:9/cb'],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['bench'] },
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub'] },
    pkce: { required: () => true },
    issueRefreshToken: async () => true,
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => api,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => ({ scope: 'openid profile', audience: api, accessTokenTTL: 120, accessTokenFormat: 'jwt' }),
      },
    },
    findAccount: async (_ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    loadExistingGrant: async (ctx) => {
      const { client, session, provider: own } = ctx.oidc;
      const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile');
      grant.addResourceScope(api, 'openid profile');
      await grant.save();
      return grant;
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    ttl: { AccessToken: 120, IdToken: 120, Grant: 7200, Session: 1800, Interaction: 1800, RefreshToken: 600 },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    provider.interactionFinished(request, response, { login: { accountId: 'person' } }).catch(() => response.writeHead(500).end());
  });
  process.stdout.write(`${port}\n`);
});

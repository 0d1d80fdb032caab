import t from 'tap';
import { demoWorld } from '#demo';
import { toInstant } from '#domain';
import { idportenIssuer, idportenName, personClaims } from '#idporten';

const origin = 'https://tilgang.example';
const keys = { jwks: () => ({ keys: [] }), look: async () => {} };

t.test('the issuer ends without a slash, is trusted for its own origin, and names only what exists', async (t) => {
  const { trusted, path, metadata, jwks } = idportenIssuer(origin, keys);
  t.equal(idportenName(origin), 'https://tilgang.example/idporten');
  t.same(trusted, { issuer: idportenName(origin), kind: 'idporten', audience: origin, algorithms: ['RS256', 'ES256'] });
  t.equal(path, '/idporten');
  t.match(metadata, {
    issuer: 'https://tilgang.example/idporten',
    jwks_uri: 'https://tilgang.example/idporten/jwk',
    authorization_endpoint: 'https://tilgang.example/idporten/authorize',
    token_endpoint: 'https://tilgang.example/idporten/token',
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
  });
  t.same(jwks(), { keys: [] });
});

t.test('a person has one sub with a client, another with the next, and it is no person number', async (t) => {
  const pid = demoWorld(toInstant(0)).first.brukerIdent;
  const claims = (clientId: string) =>
    personClaims({ issuer: idportenName(origin), audience: origin, pid, clientId, acr: 'idporten-loa-high' });
  t.equal(claims('a').sub, claims('a').sub);
  t.not(claims('a').sub, claims('b').sub);
  t.match(claims('a').sub, /^[\w-]{43}$/);
  t.match(claims('a'), { pid, acr: 'idporten-loa-high', scope: 'openid profile', client_id: 'a' });
  t.not(claims('a').jti, claims('a').jti);
});

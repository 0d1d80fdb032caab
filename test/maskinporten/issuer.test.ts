import t from 'tap';
import { syntheticOrgnr } from '#demo';
import { machineClaims, maskinportenIssuer, maskinportenName } from '#maskinporten';

const origin = 'https://tilgang.example';
const keys = { jwks: () => ({ keys: [] }), look: async () => {} };

t.test('the issuer ends in a slash, is trusted for its own origin, and names only what exists', async (t) => {
  const { trusted, path, metadata, jwks } = maskinportenIssuer(origin, keys);
  t.equal(maskinportenName(origin), 'https://tilgang.example/maskinporten/');
  t.same(trusted, { issuer: maskinportenName(origin), kind: 'maskinporten', audience: origin, algorithms: ['RS256', 'ES256'] });
  t.equal(path, '/maskinporten/');
  t.same(metadata, {
    issuer: 'https://tilgang.example/maskinporten/',
    token_endpoint: 'https://tilgang.example/maskinporten/token',
    jwks_uri: 'https://tilgang.example/maskinporten/jwk',
    grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'RS512'],
  });
  t.same(jwks(), { keys: [] });
});

t.test('a supplier makes it a delegation; without one no claim tells of it', async (t) => {
  const [orgnr, supplierOrgnr] = [syntheticOrgnr('Kunde'), syntheticOrgnr('Leverandør')];
  const options = { issuer: maskinportenName(origin), audience: origin, scopes: ['a', 'b'], jti: 'one' };
  const alone = machineClaims({ ...options, client: { id: 'c', orgnr } });
  t.same(alone, {
    iss: 'https://tilgang.example/maskinporten/',
    aud: origin,
    scope: 'a b',
    client_id: 'c',
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${orgnr}` },
    jti: 'one',
  });
  t.same(machineClaims({ ...options, client: { id: 'c', orgnr, supplierOrgnr } }), {
    ...alone,
    supplier: { authority: 'iso6523-actorid-upis', ID: `0192:${supplierOrgnr}` },
    delegation_source: 'https://tt02.altinn.no/',
  });
});

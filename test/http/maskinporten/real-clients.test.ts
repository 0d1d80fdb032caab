import t from 'tap';
import { runDocumentedApi } from '../../fixtures/documented-api.js';
import { runGateway } from '../../fixtures/gateway.js';

t.test('the API server of the documentation takes a token that is for it, and no other', async (t) => {
  const gateway = await runGateway(t);
  const issuer = `${gateway.origin}/maskinporten/`;
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

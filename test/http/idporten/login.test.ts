import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { claimsIn, idportenSide, logIn, UserAgent } from '../../fixtures/idporten.js';

t.test('a synthetic person logs in by code and PKCE, and the tokens say what ID-porten’s do', async (t) => {
  const gateway = await runGateway(t);
  const side = await idportenSide(t, gateway);
  const client = await side.client();
  const login = await client.begin();
  const agent = new UserAgent(gateway.origin);
  const back = await logIn(agent, login.url, side.person);
  console.log(back.status, back.text.slice(0, 300), gateway.lines.slice(-6).join(''));
  t.equal(back.url.searchParams.get('state'), login.state);
  t.equal(back.url.searchParams.get('iss'), side.issuer);
  const tokens = await login.finish(back.url);
  console.log(JSON.stringify(tokens, null, 1), claimsIn(tokens.access_token), claimsIn(tokens.id_token));
  console.log(gateway.lines.slice(-12).join(''));
});

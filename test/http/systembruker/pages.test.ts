import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { hiddenFields, logIn, UserAgent } from '../../fixtures/idporten.js';
import { CUSTOMER, RECEIPT, systemUserWorld } from '../../fixtures/system-pages.js';

const gateway = await runGateway(t);
const world = await systemUserWorld(t, gateway);
const { origin } = gateway;

t.test('x', async (t) => {
  t.ok(true);
  const id = await world.ask({ redirectUrl: RECEIPT });
  const agent = new UserAgent(origin);
  const page = await logIn(agent, `${origin}/systembruker/foresporsel?id=${id}`, world.manager, { acr: 'idporten-loa-substantial' });
  console.log(page.status, page.url.href, page.text, page.headers);
  console.log(gateway.lines.filter((l) => /fault|error/.test(l)).slice(-3), CUSTOMER, hiddenFields(page.text));
});

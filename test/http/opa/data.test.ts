import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';

const gateway = await runGateway(t);
const { appId, brukerIdent, clientId } = gateway.world.first;
t.test('x', async (t) => {
  const input = { subject: { type: 'person', id: brukerIdent }, action: { name: 'use' }, resource: { type: 'application', id: appId } };
  for (const [m, p, b] of [
    ['POST', '/v1/data/tilgang/decision?pretty&metrics=true&provenance=true', { input }],
    ['GET', '/v1/data/tilgang/decision', undefined],
    ['POST', '/v1/data/tilgang%2fdecision', { input }],
    ['POST', '/', input],
    ['POST', '/v1/batch/data/tilgang/decision', { inputs: { a: input, b: 3 } }],
    ['GET', '/v1/status', undefined],
    ['GET', '/health', undefined],
    ['GET', '/v1/query', undefined],
    ['PUT', '/v1/data/x', {}],
    ['GET', '/', undefined],
    ['GET', '/v1/data/x?explain=full', undefined],
  ] as const) {
    const a = await gateway.send({ client: clientId }, m, p, b);
    t.comment(m, p, a.status, a.text, a.headers.get('content-type'));
  }
});

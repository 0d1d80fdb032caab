import t from 'tap';
import { organisations } from '#access';
import { openAccess } from '#installation';
import { runGateway } from '../fixtures/gateway.js';
import { serverOfSuite } from '../fixtures/store-of-suite.js';
import { BASE, grantsOf, leader, said } from './konsument/office.js';

const LIMIT = 24 * 2 ** 20;
const FOREIGN = '964338531';

const onMongo =
  serverOfSuite() !== undefined && 'a database has no bound that a test can set; test/storage shows what a server without room means';

t.test(
  'while the store is full, changes are 507, questions are answered, and readiness says so (threats 24, 49)',
  { skip: onMongo },
  async (t) => {
    const gateway = await runGateway(t, { storeMapBytes: LIMIT, refusalsPerMinute: 2 });
    const { first, persons } = gateway.world;
    const asked = { brukerIdent: first.brukerIdent };
    const before = await gateway.ask(first.appId, asked);
    t.equal(before.status, 200);
    // Another process with a wider bound fills the file.
    const { access, close } = await openAccess({ ...gateway.config, storeMapBytes: LIMIT * 8 });
    const facts = { action: 'test.fill', at: '2026-01-01T00:00:00.000Z' as never, actor: 'operator' };
    for (let i = 0; i < 24; i += 1) {
      const orders = Array.from({ length: 100 }, (_, j) => ({
        value: {
          fiksOrgId: `${i}`,
          orgnr: `filler-${i}-${j}` as never,
          name: 'x'.repeat(5000),
          mayBeTilbyder: false,
          mayBeKonsument: false,
        },
        expect: 'any' as const,
      }));
      await access.store.collection(organisations).putMany(orders, facts);
    }
    const person = persons.at(-1)?.brukerIdent;
    const given = await gateway.send(leader, 'POST', grantsOf(first.appId), { brukerIdent: person });
    t.equal(said(given), '507 store-full');
    t.equal(given.headers.get('retry-after'), '60');
    const during = await gateway.ask(first.appId, asked);
    t.same([during.status, during.json], [200, before.json]);
    const ready = await gateway.get('/health/ready');
    t.match([ready.status, ready.json], [200, { ready: true, parts: { store: 'full' } }]);
    const foreign = async (): Promise<string> => said(await gateway.send(leader, 'GET', `${BASE}/${FOREIGN}`));
    const attempts = [await foreign(), await foreign(), await foreign()];
    t.same(attempts, ['507 store-full', '507 store-full', '429 too-many-requests'], 'what cannot be recorded is counted');
    await close();
  },
);

import t from 'tap';
import { organisations } from '#access';
import { openAccess } from '#installation';
import { type RunningGateway, runGateway } from '../fixtures/gateway.js';
import { HOME, hiddenFields, idportenSide, logIn, UserAgent } from '../fixtures/idporten.js';
import { serverOfSuite } from '../fixtures/store-of-suite.js';
import type { PageAnswer } from '../fixtures/user-agent.js';
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
    const logins = await loginsUnderWay(t, gateway);
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
    await logins.meetFullStore();
    await close();
  },
);

type Test = Pick<typeof t, 'equal' | 'match' | 'notMatch' | 'teardown'>;

/** Logins that have come to each place at which something is written, and what they are answered once that cannot be. */
async function loginsUnderWay(t: Test, gateway: RunningGateway) {
  const side = await idportenSide(t, gateway);
  const client = await side.client();
  const agents = [0, 1, 2].map(() => new UserAgent(gateway.origin)) as [UserAgent, UserAgent, UserAgent];
  const [fresh, choosing, loggedIn] = agents;
  const [login, code] = [await client.begin(), await client.begin()];
  const step = await choosing.get(login.url);
  await logIn(loggedIn, code.url, side.person);
  const redeemed = await client.begin();
  const back = (await loggedIn.get(redeemed.url)).url;
  return {
    async meetFullStore(): Promise<void> {
      const isSorry = ({ status, text, headers }: PageAnswer, where: string): void => {
        t.match([status, text], [/50[37]/, /<h1[^>]*>Tjenesten er ikke tilgjengelig nå/], where);
        t.match(headers.get('retry-after'), /^\d+$/, where);
        t.notMatch(headers.get('location'), /./, where);
        t.notMatch(headers.get('set-cookie') ?? '', /idporten/, where);
      };
      isSorry(await fresh.get((await client.begin()).url), 'a login that begins');
      isSorry(await choosing.post(step.url, { ...hiddenFields(step.text), person: side.person.id }), 'a person who is chosen');
      isSorry(await loggedIn.get((await client.begin()).url), 'a code');
      const form = {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: HOME,
        code_verifier: redeemed.verifier,
      };
      const headers = { Authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` };
      const refused = await gateway.get('/idporten/token', { method: 'POST', body: new URLSearchParams(form), headers });
      t.match([refused.status, refused.json], [503, { error: 'temporarily_unavailable' }], 'a code that is redeemed');
      t.equal(refused.headers.get('retry-after'), '60');
    },
  };
}

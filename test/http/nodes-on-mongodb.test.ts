// Takes about 18 s.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { demoWorld } from '#demo';
import { parseOrgnr, toInstant } from '#domain';
import { newPersons } from '../fixtures/demo-folder.js';
import { temporaryFolder } from '../fixtures/gateway.js';
import { startGatewayProcess } from '../fixtures/gateway-process.js';
import { ownBundle } from '../fixtures/own-bundle.js';
import { policyAuthor } from '../fixtures/policy-author.js';
import { systemUserOnNodes } from '../fixtures/system-user-nodes.js';
import { startProxy } from '../storage/mongodb-proxy.js';
import { startMongo, whyNoMongo } from '../storage/mongodb-server.js';

const OSLO = parseOrgnr('958935420') as string;
/** Each node gives once, and withdraws once what the other gave. */
const ROUNDS = 2;

const missing = whyNoMongo();
void t.test(
  'what one gateway is told another answers at once, all its workers too: granted, withdrawn, judged by another bundle, switched off; tokens of system users (threats 9, 21, 22, 23)',
  { skip: missing ?? false },
  async (t) => {
    const server = await startMongo();
    t.teardown(() => server.stop());
    const uri = server.freshUri();
    const folder = temporaryFolder(t);
    const first = await startGatewayProcess(t, join(folder, 'one'), { TILGANG_MONGODB_URI: uri, TILGANG_WORKERS: '2' });
    // The secrets of persons are not in the store.
    cpSync(join(folder, 'one'), join(folder, 'two'), { recursive: true });
    const proxy = await startProxy(t, uri);
    const second = await startGatewayProcess(t, join(folder, 'two'), { TILGANG_MONGODB_URI: proxy.uri });
    const nodes = [first, second];
    const world = demoWorld(toInstant(Date.now()));
    const { appId } = world.first;
    const [anne = ''] = newPersons(1, world);
    const mine = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/applikasjoner/${appId}`;
    const leader = { person: 'oslo-leder' };
    const told = () => Promise.all(nodes.map((node) => node.told(world, appId, anne)));
    const all = (answer: string[]) => nodes.map(() => answer);

    for (let round = 0; round < ROUNDS; round += 1) {
      const [one, other] = round % 2 === 0 ? [first, second] : [second, first];
      const given = await one.send(leader, 'POST', `${mine}/brukere`, { brukerIdent: anne });
      t.equal(given.status, 201);
      t.same(await told(), all([OSLO]));
      const etag = { 'If-Match': given.headers.get('etag') ?? '' };
      t.equal((await other.send(leader, 'DELETE', given.headers.get('location') ?? '', { begrunnelse: 'Slutt' }, etag)).status, 204);
      t.same(await told(), all([]));
    }

    await systemUserOnNodes(t, nodes, world, join(folder, 'one', 'demo-client.pem'));

    await first.send(leader, 'POST', `${mine}/brukere`, { brukerIdent: anne });
    const fhi = { client: 'fhi' };
    const orgnr = world.clients.find(({ id }) => id === 'fhi')?.orgnr ?? '';
    const { base, key } = await policyAuthor(first, fhi, orgnr, appId);
    const ANY = { 'If-Match': '*' };
    for (let round = 0; round < ROUNDS; round += 1) {
      const [one, other] = round % 2 === 0 ? [first, second] : [second, first];
      const bytes = await ownBundle({ key, revision: `${round + 1}`, mode: 'none' });
      t.equal((await one.send(fhi, 'POST', `${base}/regelpakker`, bytes, { 'Content-Type': 'application/gzip' })).status, 201);
      t.equal((await other.send(fhi, 'PUT', `${base}/regelpakke/aktiv`, { revisjon: `${round + 1}` }, ANY)).status, 200);
      t.same(await told(), all([]), 'every node judges by it from its activation on');
      t.equal((await one.send(fhi, 'DELETE', `${base}/regelpakke/aktiv`, undefined, ANY)).status, 200);
      t.same(await told(), all([OSLO]));
    }

    const before = await first.send(leader, 'GET', `${mine}/aktivering`);
    const off = await first.send(
      leader,
      'PUT',
      `${mine}/aktivering`,
      { aktiv: false, begrunnelse: 'Stengt' },
      { 'If-Match': before.headers.get('etag') ?? '' },
    );
    t.equal(off.status, 200);
    t.same(await told(), all([]), 'the registry too');
    await told();
    const tries: string[][] = [];
    for (let i = 0; i < 5; i += 1) {
      proxy.commands();
      await second.told(world, appId, anne);
      tries.push(proxy.commands());
    }
    // Now and then a node looks after itself meanwhile.
    t.same(
      tries.find((seen) => seen.length === 1),
      ['find'],
      'a decision is one round trip',
    );
    for (const node of nodes) t.equal(await node.stop(), 0);
  },
);

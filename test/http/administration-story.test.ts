import t from 'tap';
import { type Orgnr, parseOrgnr, toInstant } from '#domain';
import { openAccess } from '#installation';
import { alterEvent } from '../fixtures/alter-event.js';
import { newPersons } from '../fixtures/demo-folder.js';
import { type Answer, demoConfig, runGateway } from '../fixtures/gateway.js';

const OSLO = parseOrgnr('958935420') as Orgnr;
const APPS = '/leverandor-tjenester/api/v1/applikasjoner';
const OFFICE = `/konsument-bruker/api/v1/organisasjoner/${OSLO}`;
const DAY_MS = 86_400_000;

t.test('from a new application to an altered history, as a tilbyder and a kommune live through it (threat 39)', async (t) => {
  let now = Date.now();
  const gateway = await runGateway(t, {}, () => now);
  const { config, world, send } = gateway;
  const [anne, bo] = newPersons(2, world) as string[] as [string, string];
  const fhi = { client: 'fhi' };
  const leader = { person: 'oslo-leder' };
  const etag = ({ headers }: Answer) => ({ 'If-Match': headers.get('etag') ?? '' });

  const registered = await send(fhi, 'POST', APPS, {
    navn: { nb: 'Badeplasser' },
    beskrivelse: { nb: 'Viser badevannskvalitet.' },
    url: 'https://bade.example',
  });
  t.match(registered, { status: 201, json: { tilstand: 'utkast', roller: ['use'] } });
  const { appId } = registered.json;
  const app = `${APPS}/${appId}`;
  const mine = `${OFFICE}/applikasjoner/${appId}`;
  const asked = async (brukerIdent: string): Promise<string[]> =>
    (await gateway.ask(appId, { brukerIdent })).json.tilganger.map(({ orgnr }: { orgnr: string }) => orgnr);

  const tooEarly = await send(leader, 'PUT', `${mine}/aktivering`, { aktiv: true }, { 'If-Match': '"0"' });
  t.match(tooEarly, { status: 404, json: { type: '/problems/application-not-found' } }, 'a draft is nobody’s but its tilbyder’s');
  t.equal((await send(fhi, 'PATCH', app, { tilstand: 'aktiv' }, etag(registered))).status, 200);
  const before = await send(leader, 'GET', `${mine}/aktivering`);
  t.match(before, { status: 200, json: { aktiv: false } });
  t.match(await send(leader, 'PUT', `${mine}/aktivering`, { aktiv: true, begrunnelse: 'Sommeren kommer' }, etag(before)), {
    status: 200,
    json: { aktiv: true },
  });

  const tomorrow = toInstant(now + DAY_MS);
  const forAnne = await send(leader, 'POST', `${mine}/brukere`, { brukerIdent: anne, begrunnelse: 'Badevakt' });
  const forBo = await send(leader, 'POST', `${mine}/brukere`, { brukerIdent: bo, til: tomorrow });
  t.match([forAnne.status, forBo.status], [201, 201]);
  t.same([await asked(anne), await asked(bo)], [[OSLO], [OSLO]]);

  const ofAnne = forAnne.headers.get('location') ?? '';
  t.equal(
    (await send(leader, 'DELETE', ofAnne, { begrunnelse: 'Sluttet' }, { ...etag(forAnne), 'Content-Type': 'application/json' })).status,
    204,
  );
  t.same([await asked(anne), await asked(bo)], [[], [OSLO]], 'withdrawn: gone from the next query');
  now += DAY_MS;
  // Tokens of yesterday have ended too.
  const asOf = async (brukerIdent: string) => gateway.ask(appId, { brukerIdent }, { token: await gateway.tokenOf(fhi) });
  t.same((await asOf(bo)).json, { tilganger: [] }, 'past its end');
  const leaderToday = { Authorization: `Bearer ${await gateway.tokenOf(leader)}` };
  const hendelser = await gateway.get(`${OFFICE}/hendelser?app=${appId}`, { headers: leaderToday });
  t.same(
    hendelser.json.hendelser.map(({ handling, begrunnelse }: Record<string, string>) => [handling, begrunnelse]),
    [
      ['grant.withdraw', 'Sluttet'],
      ['grant.give', undefined],
      ['grant.give', 'Badevakt'],
      ['activation.activate', 'Sommeren kommer'],
      ['attempt.refused', undefined],
    ],
  );
  const leaderId = forAnne.json.gittAv;
  t.ok(
    hendelser.json.hendelser.every((event: { aktor: string; paaVegneAv: string }) => event.aktor === leaderId && event.paaVegneAv === OSLO),
  );

  await gateway.stop();
  const verified = async () => {
    const { access, close } = await openAccess(demoConfig(config.data));
    const found = await access.store.events.verify();
    await close();
    return found;
  };
  t.equal((await verified()).broken, undefined);
  const last = hendelser.json.hendelser[0].id as string;
  await alterEvent(config.data, last, 'Sluttet', 'Slutter');
  t.match((await verified()).broken, { cursor: last, entity: 'grant-document' }, 'one byte, and it is named');
});

// Takes about 8 s.
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { operatorRequest, rotateSecrets } from '#access';
import { openExistingAccess } from '#installation';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';
import { demoConfig } from '../fixtures/filled-folder.js';
import { type Answer, type Holder, runGateway } from '../fixtures/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../fixtures/gateway-process.js';

const OSLO = '958935420';
const API = `/konsument-bruker/api/v1/organisasjoner/${OSLO}`;
const leader: Holder = { person: 'oslo-leder' };

t.test('the sealing secret is rotated under two gateways at work, and no request fails', async (t) => {
  const { data, world } = await demoFolder(t);
  const config = demoConfig(data);
  const gateways = await Promise.all([startGatewayProcess(t, data), startGatewayProcess(t, data)]);
  const [one] = gateways;
  const app = world.applications.find(({ name }) => name.nb === 'Smittevernmelding')?.id ?? '';
  const path = `${API}/applikasjoner/${app}/brukere`;
  const strangers = newPersons(2000, world);
  const answers: Answer[] = [];
  const kept = { brukerIdent: strangers.pop() };
  const key = { 'Idempotency-Key': 'for-rotasjonen' };
  const first = await one.send(leader, 'POST', path, kept, key);
  const etag = first.headers.get('etag');
  const revision = { 'Tilgang-Revision': first.headers.get('tilgang-revision') ?? '' };
  const past = new Date().toISOString();
  let isOver = false;
  const work = async (at: number): Promise<void> => {
    for (let round = 0; !isOver; round += 1) {
      const gateway = gateways[(at + round) % 2] as GatewayProcess;
      const brukerIdent = strangers.pop() ?? '';
      answers.push(await gateway.send(leader, 'POST', path, { brukerIdent }, { 'Idempotency-Key': `rotasjon-${at}-${round}` }));
      answers.push(await gateway.send(leader, 'GET', `${API}/administratorer`));
      const seen = await gateway.send(leader, 'POST', `${API}/oppslag`, { brukerIdent });
      if (seen.json.tilganger?.[0]?.brukerIdent !== undefined) t.equal(seen.json.tilganger[0].brukerIdent, brukerIdent);
      answers.push(seen, await gateway.send(leader, 'GET', `${path}?antall=20`));
      await setImmediate();
    }
  };
  const working = Promise.all([0, 1, 2].map(work));
  const { access, sealed, close } = await openExistingAccess(config, false);
  const steps: string[] = [];
  const outcome = await rotateSecrets(access, operatorRequest(), {
    places: sealed,
    graceMs: 500,
    onStep({ step }) {
      if (steps.at(-1) !== step) steps.push(step);
      if (step === 'waiting') for (const gateway of gateways) gateway.running.child.kill('SIGHUP');
    },
  }).finally(() => {
    isOver = true;
  });
  await working;
  t.match(outcome, { state: 'done', unreadable: 0, leftInFile: [] });
  t.match(steps.slice(0, 5), ['made', 'announced', 'waiting', 'switched', 'sealed']);
  t.ok(answers.length > 20, `${answers.length} requests were sent meanwhile`);
  t.same(
    answers.filter(({ status }) => status >= 300).map(({ status, text }) => `${status} ${text}`),
    [],
  );
  await close();
  for (const gateway of gateways) t.equal(await gateway.stop(), 0);

  const anew = await runGateway(t, { data });
  const again = await anew.send(leader, 'POST', path, kept, key);
  t.same([again.status, again.json], [201, first.json], 'an answer that was kept under the old key is told under the new one');
  const read = await anew.send(leader, 'GET', first.headers.get('location') ?? '', undefined, revision);
  t.equal(read.status, 200, 'a revision from before is still known');
  t.equal(read.headers.get('etag'), etag, 'an ETag from before still holds');
  const then = await anew.send(leader, 'GET', `${path}?tidspunkt=${past}&antall=500`);
  t.ok(
    then.json.brukere.some(({ brukerIdent }: { brukerIdent: string }) => brukerIdent === kept.brukerIdent),
    'who had access before is told by number, though events hold what the old key sealed',
  );
  const looked = await anew.send(leader, 'POST', `${API}/oppslag`, { ...kept, tidspunkt: past });
  t.match(looked, { status: 200, json: { tilganger: [{}] } });
  const { hendelser } = (await anew.send(leader, 'GET', `${API}/hendelser?handling=secrets`)).json;
  t.same(hendelser, [], 'it is nothing that a konsument did');
});

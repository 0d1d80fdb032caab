import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runInside } from '../../fixtures/command-inside.js';
import { type Answer, runGateway } from '../../fixtures/gateway.js';
import { ownBundle } from '../../fixtures/own-bundle.js';
import { policyAuthor } from '../../fixtures/policy-author.js';

const gateway = await runGateway(t, { bundleDeadlineMs: 2000 });
const { ask, send, world } = gateway;
const { first } = world;
const fhi = { client: 'fhi' };
const orgnr = world.clients.find(({ id }) => id === 'fhi')?.orgnr ?? '';
const author = await policyAuthor(gateway, fhi, orgnr, first.appId);
const ANY = { 'If-Match': '*' };
const at = (what: string): string => `${author.base}/regelpakke/${what}`;
const said = ({ status, json }: Answer): string => `${status} ${json?.type?.replace('/problems/', '') ?? ''}`.trim();
const found = async (more: object = {}): Promise<number> =>
  (await ask(first.appId, { brukerIdent: first.brukerIdent, ...more })).json.tilganger.length;
const standard = await found();

t.test('what a pushed bundle would change is told by konsument and reason, and no persons', async (t) => {
  await author.push({ revision: '1', mode: 'high' });
  const answer = await send(fhi, 'POST', at('sammenligning'), { revisjon: '1' });
  t.equal(answer.status, 200);
  const { mister, far, tall, fullstendig, kandidat } = answer.json;
  t.match({ far, fullstendig, kandidat }, { far: 0, fullstendig: true, kandidat: { revisjon: '1' } });
  t.ok(mister > standard, `${mister} would lose access`);
  t.match(tall[0], { orgnr: /^\d{9}$/, endring: 'mister', grunn: 'other_reasons' });
  t.equal(
    tall.reduce((sum: number, { antall }: { antall: number }) => sum + antall, 0),
    mister,
  );
  t.notMatch(JSON.stringify(tall), /[A-Za-z0-9_-]{43}/, 'no brukerId');
  t.equal(said(await send({ client: 'dibk' }, 'POST', at('sammenligning'), { revisjon: '1' })), '404 organisation-not-found');
  t.equal(said(await send(fhi, 'POST', at('sammenligning'), { revisjon: '2' })), '404 not-found');
});

t.test('an activation demands what it is told to', async (t) => {
  t.match((await send(fhi, 'PUT', at('krav'), { krav: 'tomt' }, ANY)).json, { krav: 'tomt' });
  const activate = () => send(fhi, 'PUT', at('aktiv'), { revisjon: '1' }, ANY);
  t.equal(said(await activate()), '409 comparison-needed');
  await send(fhi, 'PUT', at('krav'), { krav: 'godkjent' }, ANY);
  t.equal(said(await activate()), '409 comparison-needed');
  const { json: compared } = await send(fhi, 'POST', at('sammenligning'), { revisjon: '1' });
  const approve = (tidspunkt: string) =>
    send(fhi, 'POST', at('godkjenning'), { revisjon: '1', tidspunkt, begrunnelse: 'Tapene er meningen' });
  t.equal(said(await approve('2026-01-01T00:00:00Z')), '409 comparison-needed', 'of another comparison');
  const { json: approved } = await approve(compared.tidspunkt);
  t.match(approved, { kandidat: { revisjon: '1' }, far: 0, mister: Number, standardrevisjon: String }, 'it is said what was taken');
  t.equal((await activate()).status, 200);
  t.match([await found(), await found({ sikkerhetsniva: 'hoyt' })], [0, standard]);
  t.notOk('krav' in (await send(fhi, 'PUT', at('krav'), { krav: 'ingen' }, ANY)).json);
});

t.test('a shadow sees live questions, and touches no answer', async (t) => {
  await author.push({ revision: '2', mode: 'none' });
  t.match((await send(fhi, 'PUT', at('skygge'), { revisjon: '2' }, ANY)).json, { skygge: { revisjon: '2' } });
  t.equal(await found({ sikkerhetsniva: 'hoyt' }), standard);
  t.match((await send(fhi, 'GET', at('skygge'))).json, { pakke: { revisjon: '2' }, prosesser: 0, tall: [] }, 'nothing is told yet');
});

t.test('the command says the same here: over all grants, over the log, with persons for the operator', async (t) => {
  await gateway.stop();
  const { data } = gateway.config;
  const env = { TILGANG_DATA: data, TILGANG_MODE: 'demo' };
  const app = ['--app', first.appId];
  const shadow = await runInside(['policy', 'shadow', ...app, '--samples'], env);
  t.match(shadow.stdout, /^revision 2, asked from .* in 1 process; 0 questions passed over/);
  t.match(shadow.stdout, new RegExp(`${standard} lose, 0 gain access; 1 questions`));
  t.match(shadow.stdout, /"subject":"[A-Za-z0-9_-]{43}"/);

  const same = await runInside(['policy', 'diff', '1', ...app], env);
  t.match([same.code, same.stdout], [0, /0 lose, 0 gain access/]);
  const file = join(data, 'candidate.tar.gz');
  writeFileSync(file, await ownBundle({ revision: '7', mode: 'none' }));
  const other = await runInside(['policy', 'diff', file, ...app, '--level', 'high', '--persons', '--json'], env);
  t.equal(other.code, 1);
  const lines = other.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const summary = lines.at(-1);
  t.equal(lines.length - 1, summary.losses);
  t.match(lines[0], { kind: 'loss', subject: /^[A-Za-z0-9_-]{43}$/, securityLevel: 'high' });
  t.match(summary, { gains: 0, isComplete: true });

  const logged = await runInside(['policy', 'diff', 'standard', ...app, '--log', '--json'], env);
  // The two questions that named no level; the two of a high log-in are answered alike.
  t.match([logged.code, JSON.parse(logged.stdout)], [1, { questions: 4, gains: 2 * standard, losses: 0, isComplete: true }]);
  t.equal((await runInside(['policy', 'diff', 'standard', ...app, '--log', '--level', 'high'], env)).code, 2);
  t.equal((await runInside(['policy', 'demand', 'empty', ...app], env)).stdout, 'done: an activation demands empty\n');
  t.match(await runInside(['policy', 'approve', '2', ...app, '--compared', '2026-11-27', '--reason', 'x'], env), {
    code: 1,
    stderr: /comparison-needed/,
  });
  t.equal((await runInside(['policy', 'shadow', '--none', ...app], env)).stdout, 'done: nothing judges beside\n');
});

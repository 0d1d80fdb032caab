import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import {
  type AdminRequest,
  activateBundle,
  giveGrants,
  pushBundle,
  putPolicyKey,
  trustBundle,
  type WhyAnswer,
  whyForKonsument,
  whyForTilbyder,
} from '#access';
import { holdsPersonNumber, type Orgnr } from '#domain';
import { type Mode, ownBundle, testKey } from '../fixtures/own-bundle.js';
import { ADA, APP, konsumenter, LUNDBY, NOON, openWorld, operator, order, SANDVIK, TILBYDER, type World, withdraw } from './world.js';

const problem = (slug: string) => ({ name: 'ProblemError', slug }) as never;
const key = testKey('k1');
const machine = (consumer: Orgnr, scope: string): AdminRequest => ({
  caller: { kind: 'machine', consumer, clientId: 'ci', scopes: [scope] },
});
const author = machine(TILBYDER, 'ks:fiks.tilbyder');
const office = machine(SANDVIK, 'ks:fiks.konsument');
const question = { person: ADA };
const ofSandvik = (world: World, asker = office, orgnr: Orgnr = SANDVIK) => whyForKonsument(world, asker, { orgnr, appId: APP }, question);
const shown = ({ decisions }: WhyAnswer) =>
  decisions.map(({ konsument, allowed, reasons }) => [konsument.orgnr, allowed, reasons.map(({ slug }) => slug).join()]);

/** A bundle of the application that judges from now on. */
async function judgingBy(world: World, mode: Mode, revision: string, metadata: object = {}): Promise<void> {
  await putPolicyKey(world, author, TILBYDER, key.kid, { algorithm: key.algorithm, jwk: key.jwk }, 'any');
  const place = { orgnr: TILBYDER, appId: APP };
  const bytes = await ownBundle({
    key,
    revision,
    mode,
    before(files) {
      const manifest = JSON.parse(Buffer.from(files.get('.manifest') as Uint8Array).toString());
      files.set('.manifest', Buffer.from(JSON.stringify({ ...manifest, metadata })));
    },
  });
  await pushBundle(world, author, place, bytes);
  await activateBundle(world, author, place, revision, 'any');
}

async function worldWithGrants(t: Test): Promise<World> {
  const world = await openWorld(t);
  await giveGrants(world, operator, [order(), order({ konsument: LUNDBY })]);
  await withdraw(world, { konsument: LUNDBY });
  return world;
}

t.test('each is told what concerns it: the konsument of its grant, the tilbyder whether, the operator all', async (t) => {
  const world = await worldWithGrants(t);
  const standard = [{ source: 'standard', entrypoint: 'tilgang/access/search', revision: world.bundle.revision }];
  t.match(await ofSandvik(world), {
    role: 'use',
    time: new Date(NOON).toISOString(),
    decisions: [{ allowed: true, reasons: [{ slug: 'granted', text: { nn: /gjeld no/ } }], decidedBy: standard, grantRevision: 1 }],
  });
  const lundby = machine(LUNDBY, 'ks:fiks.konsument');
  const withdrawn = await ofSandvik(world, lundby, LUNDBY);
  t.same(shown(withdrawn), [[LUNDBY, false, 'grant_withdrawn']]);
  t.match(withdrawn.decisions, [{ decidedBy: standard, grantRevision: 2 }]);
  const told = await whyForTilbyder(world, author, APP, question, LUNDBY);
  t.same(shown(told), [[LUNDBY, false, 'grant_missing']], 'how a konsument keeps its grants is not the tilbyder’s');
  t.notOk('grantRevision' in (told.decisions[0] as object));
  t.same(shown(await whyForTilbyder(world, author, APP, question)), [], 'nor is for whom there are any');
  const all = await whyForTilbyder(world, operator, APP, question);
  t.same(shown(all), [
    [SANDVIK, true, 'granted'],
    [LUNDBY, false, 'grant_withdrawn'],
  ]);
  const never = konsumenter[5] as Orgnr;
  t.same(shown(await whyForTilbyder(world, operator, APP, question, never)), [[never, false, 'grant_missing']]);
  t.notOk(holdsPersonNumber(JSON.stringify(all)));
});

t.test('who may not know is told nothing, and an explanation is a look-up that is kept (threat 27)', async (t) => {
  const world = await worldWithGrants(t);
  await t.rejects(ofSandvik(world, machine(LUNDBY, 'ks:fiks.konsument')), problem('organisation-not-found'));
  await t.rejects(ofSandvik(world, author), problem('scope-missing'));
  await t.rejects(whyForTilbyder(world, machine(LUNDBY, 'ks:fiks.tilbyder'), APP, question, SANDVIK), problem('application-not-found'));
  const lookUps = async (orgnr: Orgnr): Promise<number> =>
    (await world.store.events.of('look-up', `${orgnr}/${world.vault.nameOf(ADA)}`, { limit: 100 })).events.length;
  t.same([await lookUps(SANDVIK), await lookUps(TILBYDER)], [0, 0]);
  await ofSandvik(world);
  await whyForTilbyder(world, author, APP, question, SANDVIK);
  t.same([await lookUps(SANDVIK), await lookUps(TILBYDER)], [1, 1]);
  await t.rejects(whyForTilbyder(world, author, APP, question, '999999999' as Orgnr), problem('invalid-request'));
});

t.test('an own rule that says no is named with its bundle, and its reasons have the texts that the bundle brings', async (t) => {
  const world = await worldWithGrants(t);
  const reasons = {
    level_too_low: { nb: 'For svak innlogging.', en: 'Log in more surely.', nn: 'x\u0007' },
    other: 'x',
    more: { en: 'x' },
  };
  await judgingBy(world, 'high', '1', { tilgang: { reasons } });
  const own = { source: 'own', entrypoint: 'application/search', revision: '1' };
  const denied = await ofSandvik(world);
  t.match(denied.decisions, [{ allowed: false, decidedBy: [own] }]);
  t.same(denied.decisions[0]?.reasons, [{ slug: 'level_too_low', text: { nb: 'For svak innlogging.', en: 'Log in more surely.' } }]);
  t.same(shown(await whyForTilbyder(world, author, APP, question, SANDVIK)), [[SANDVIK, false, 'level_too_low']]);
  const high = await whyForKonsument(world, office, { orgnr: SANDVIK, appId: APP }, { ...question, securityLevel: 'high' });
  t.match(high, { securityLevel: 'high', decisions: [{ allowed: true, decidedBy: [{ source: 'standard' }, own] }] });
  const both = await ofSandvik(world, machine(LUNDBY, 'ks:fiks.konsument'), LUNDBY);
  t.match(both.decisions, [{ reasons: [{ slug: 'grant_withdrawn' }], decidedBy: [{ source: 'standard' }] }]);
  await judgingBy(world, 'none', '2');
  t.match((await ofSandvik(world)).decisions, [{ reasons: [{ slug: 'own_rule', text: { en: /own rules/ } }] }]);
  await judgingBy(world, 'all', '3');
  await trustBundle(world, operator, { orgnr: 'of-application', appId: APP }, '3');
  t.match((await ofSandvik(world, machine(LUNDBY, 'ks:fiks.konsument'), LUNDBY)).decisions, [
    { allowed: true, reasons: [{ slug: 'granted' }], decidedBy: [{ ...own, revision: '3' }] },
  ]);
});

t.test('every reason of the standard rules has a text in each language', async (t) => {
  const rules = ['access/access.rego', 'grants/grants.rego'].map((file) => readFileSync(`policies/tilgang/${file}`, 'utf8')).join();
  const slugs = new Set(
    [...rules.matchAll(/_faults contains "([a-z_]+)"|^\t"([a-z_]+)",$/gm)].map(([, one, other]) => (one ?? other) as string),
  );
  t.ok(slugs.size >= 8 && slugs.has('grant_expired') && slugs.has('application_not_active'));
  const texts = readFileSync('src/access/ask/reason-texts.ts', 'utf8');
  for (const slug of slugs) t.match(texts, new RegExp(`${slug}: \\{\\s*nb: '.+?',\\s*nn: '.+?',\\s*en: '.+?'`, 's'), slug);
});

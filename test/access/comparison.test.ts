import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  type AdminRequest,
  activateBundle,
  approveComparison,
  type Comparison,
  compareDecisions,
  compareGrants,
  type Difference,
  demandComparison,
  giveGrants,
  pushBundle,
  putPolicyKey,
  readBinding,
  readShadow,
  reportBundles,
  rollBackBundle,
  Shadows,
  searchOrganisations,
  setActivation,
  setShadow,
  trustBundle,
} from '#access';
import { DAY_MS, type Instant, type Orgnr, type PersonNumber, toInstant } from '#domain';
import { type OwnBundle, ownBundle, testKey } from '../fixtures/own-bundle.js';
import {
  ADA,
  APP,
  konsumenter,
  LUNDBY,
  openWorld,
  operator,
  order,
  persons,
  type Random,
  SANDVIK,
  seeded,
  TILBYDER,
  tilbyder,
  type World,
  withdraw,
} from './world.js';

const key = testKey('k1');
const place = { orgnr: TILBYDER, appId: APP };
const author: AdminRequest = { caller: { kind: 'machine', consumer: TILBYDER, clientId: 'ci', scopes: ['ks:fiks.tilbyder'] } };
const problem = (slug: string, message: RegExp = /./) => ({ name: 'ProblemError', slug, message }) as never;
const push = async (world: World, bundle: OwnBundle) => pushBundle(world, author, place, await ownBundle({ key, ...bundle }));

/** Two hundred and fifty persons with access in one to three organisations, and one whose only grant is withdrawn. */
async function peopledWorld(t: Test): Promise<World> {
  const world = await openWorld(t);
  await putPolicyKey(world, author, TILBYDER, key.kid, { algorithm: key.algorithm, jwk: key.jwk }, 'any');
  await giveGrants(
    world,
    operator,
    persons
      .slice(0, 250)
      .flatMap((person, i) =>
        [SANDVIK, LUNDBY, konsumenter[2] as Orgnr].slice(0, 1 + (i % 3)).map((konsument) => order({ person, konsument })),
      ),
  );
  await withdraw(world, { person: persons[3] as PersonNumber });
  return world;
}

/** Says in the manifest what a reason means: others could spell a person, and are not told by name. */
function declaring(files: Map<string, Uint8Array>): void {
  const manifest = JSON.parse(Buffer.from(files.get('.manifest') as Uint8Array).toString());
  const metadata = { tilgang: { reasons: { level_too_low: { nb: 'For svak innlogging.' } } } };
  files.set('.manifest', Buffer.from(JSON.stringify({ ...manifest, metadata })));
}

/** What a use case told one by one. */
async function listed(work: (onDifference: (one: Difference) => void) => Promise<unknown>): Promise<readonly Difference[]> {
  const all: Difference[] = [];
  await work((one) => void all.push(one));
  return all;
}

t.test('over all grants a candidate is compared with what judges: who gains, who loses, where and why', async (t) => {
  const world = await peopledWorld(t);
  await push(world, { revision: '1', mode: 'first' });
  const steps: [number, number][] = [];
  const first = await compareGrants(world, author, place, { revision: '1' }, { onProgress: (done, total) => steps.push([done, total]) });
  // Each third person has two, each third has three; one of those with a single grant has none.
  t.match(first, { gains: 0, losses: 83 + 2 * 83, failedBefore: 0, failedAfter: 0, isComplete: true, candidate: { revision: '1' } });
  t.notOk('active' in first, 'the standard rules judged alone');
  t.same(first.counts, [
    { konsument: LUNDBY, kind: 'loss', reason: 'own_rule', count: 166 },
    { konsument: konsumenter[2], kind: 'loss', reason: 'own_rule', count: 83 },
  ]);
  t.same(steps, [
    [100, 250],
    [200, 250],
    [250, 250],
  ]);
  await activateBundle(world, author, place, '1', 'any');
  const back = await compareGrants(world, author, place, 'standard');
  t.match(back, { gains: 249, losses: 0, active: { revision: '1' } });
  t.same(await compareGrants(world, author, place, { revision: '1' }).then(({ gains, losses, counts }) => [gains, losses, counts]), [
    0,
    0,
    [],
  ]);

  const strict = await ownBundle({ revision: '9', mode: 'high', before: declaring });
  const differences = await listed((onDifference) => compareGrants(world, operator, place, { bytes: strict }, { onDifference }));
  const losses = differences.filter(({ kind }) => kind === 'loss');
  t.equal(differences.length - losses.length, 249, 'with a high log-in the rest of the organisations is gained');
  t.equal(losses.length, 249, 'with a lower one the first of them is lost');
  t.match(losses[0], { konsument: SANDVIK, role: 'use', reasons: ['level_too_low'], securityLevel: 'substantial' });
  t.equal(new Set(losses.map(({ subject }) => subject)).size, 249);
  const high = await compareGrants(world, operator, place, { bytes: strict }, { levels: ['high'] });
  t.match(high, { gains: 249, losses: 0, counts: [{ reason: 'own_rule' }, {}] });
});

t.test('persons are named to the operator alone, and a comparison is for the tilbyder (threat 27)', async (t) => {
  const world = await peopledWorld(t);
  await push(world, { revision: '1', mode: 'none' });
  const onDifference = (): void => {
    t.fail('a person was named');
  };
  await t.rejects(compareGrants(world, author, place, { revision: '1' }, { onDifference }), problem('action-not-allowed', /operator/));
  await t.rejects(readShadow(world, author, place, true), problem('action-not-allowed', /operator/));
  const foreign = { caller: { ...author.caller, consumer: SANDVIK } } as AdminRequest;
  await t.rejects(compareGrants(world, foreign, { ...place, orgnr: SANDVIK }, 'standard'), problem('application-not-found'));
  await t.rejects(compareGrants(world, author, place, { revision: '2' }), problem('not-found'));
  t.match(await compareGrants(world, author, place, { revision: '1' }), { losses: 249 + 249 - 0 });
});

t.test('a candidate that fails is no answer of any kind, and is counted', async (t) => {
  const world = await peopledWorld(t);
  const odd = await ownBundle({ revision: '1', mode: 'odd' });
  t.match(await compareGrants(world, operator, place, { bytes: odd }, { levels: ['high'] }), {
    gains: 0,
    losses: 0,
    failedBefore: 0,
    failedAfter: 500,
  });
});

const MODES = ['all', 'high', 'last', 'some', 'first', 'none'] as const;
const LOG_INS = [undefined, 'high'] as const;

/** Sixty persons with grants of any kind: of either role, to come, over, withdrawn, of organisations that have not activated the application. */
async function randomWorld(t: Test, random: Random): Promise<World> {
  const world = await openWorld(t);
  await putPolicyKey(world, author, TILBYDER, key.kid, { algorithm: key.algorithm, jwk: key.jwk }, 'any');
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const at = (days: number): Instant => toInstant(world.now + days * DAY_MS);
  const terms = [{}, {}, { from: at(1) }, { from: at(-1), until: at(1) }, { until: at(0.5) }];
  const held = persons
    .slice(0, 60)
    .flatMap((person) => konsumenter.slice(0, 5).flatMap((konsument, i) => (i === 0 || random() < 0.5 ? [{ person, konsument }] : [])));
  await giveGrants(
    world,
    operator,
    held.map((whose) => order({ ...whose, roles: pick([['use'], ['admin'], ['admin', 'use']]), ...pick(terms) })),
  );
  for (const whose of held) if (random() < 0.1) await withdraw(world, whose);
  await setActivation(world, operator, { appId: APP, orgnr: konsumenter[4] as Orgnr }, { active: false }, 'any');
  world.now += DAY_MS / 2;
  return world;
}

/** What each person is answered now, one question after the other; `undefined`: nothing. */
async function answersOf(world: World): Promise<ReadonlyMap<string, ReadonlySet<string> | undefined>> {
  const answers = new Map<string, ReadonlySet<string> | undefined>();
  for (const person of persons.slice(0, 60)) {
    for (const role of ['admin', 'use']) {
      for (const securityLevel of LOG_INS) {
        const asked = { caller: tilbyder, appId: APP, person, action: role, ...(securityLevel && { securityLevel }) };
        const found = await searchOrganisations(world, asked).catch(() => undefined);
        answers.set(
          `${world.vault.nameOf(person)} ${role} ${securityLevel}`,
          found && new Set(found.organisations.map(({ orgnr }) => orgnr)),
        );
      }
    }
  }
  return answers;
}

t.test('in any world those gain and lose who are answered otherwise one by one, under whatever rules', async (t) => {
  const world = await randomWorld(t, seeded(5));
  for (const [i, mode] of MODES.entries()) await push(world, { revision: String(i + 1), mode });
  // One of them judges alone.
  await trustBundle(world, operator, place, '3');
  const answers = [await answersOf(world)];
  const compared: { before: number; after: number; seen: readonly string[]; failed: readonly number[] }[] = [];
  for (let before = 0; before <= MODES.length; before += 1) {
    if (before > 0) {
      await activateBundle(world, operator, place, String(before), 'any');
      answers.push(await answersOf(world));
    }
    for (let after = 0; after <= MODES.length; after += 1) {
      const candidate = after === 0 ? 'standard' : { revision: String(after) };
      for (const level of LOG_INS) {
        const seen: string[] = [];
        const onDifference = ({ kind, subject, role, konsument }: Difference): void =>
          void seen.push(`${kind} ${subject} ${role} ${level} ${konsument}`);
        const { failedBefore, failedAfter } = await compareGrants(world, operator, place, candidate, { levels: [level], onDifference });
        compared.push({ before, after, seen: seen.sort(), failed: [level === 'high' ? 1 : 0, failedBefore, failedAfter] });
      }
    }
  }
  let differences = 0;
  for (const { before, after, seen, failed } of compared) {
    const [was, becomes] = [answers[before], answers[after]] as [
      ReadonlyMap<string, ReadonlySet<string>>,
      ReadonlyMap<string, ReadonlySet<string>>,
    ];
    const level = LOG_INS[failed[0] as number];
    const asked = [...was.keys()].filter((question) => question.endsWith(` ${level}`));
    const expected = asked.flatMap((question) => {
      const [had, has] = [was.get(question), becomes.get(question)];
      if (had === undefined || has === undefined) return [];
      return [
        ...[...had].filter((orgnr) => !has.has(orgnr)).map((orgnr) => `loss ${question} ${orgnr}`),
        ...[...has].filter((orgnr) => !had.has(orgnr)).map((orgnr) => `gain ${question} ${orgnr}`),
      ];
    });
    differences += expected.length;
    const unanswered = [was, becomes].map((all) => asked.filter((question) => all.get(question) === undefined).length);
    t.same([seen, failed.slice(1)], [expected.sort(), unanswered], `${before} and ${after}`);
  }
  t.ok(differences > 1000, `${differences} differences`);
});

t.test('logged decisions are put again to both: those that flip are counted, those of others passed over', async (t) => {
  const world = await peopledWorld(t);
  const strict = await ownBundle({ revision: '1', mode: 'high', before: declaring });
  const grants = [{ konsument: SANDVIK, roles: ['use'], activated: true, mayBeKonsument: true }];
  const input = (securityLevel: string | undefined, more: object = {}) => ({
    subject: { type: 'person', id: world.vault.nameOf(ADA) },
    application: { id: APP, state: 'active', roles: ['use'] },
    action: { name: 'use' },
    grants,
    context: { time: '2026-11-21T12:00:00.000Z', ...(securityLevel === undefined ? {} : { securityLevel }) },
    ...more,
  });
  async function* decisions() {
    yield { path: 'tilgang/access/search', input: input('high') };
    yield { path: 'tilgang/access/search', input: input('low') };
    yield { path: 'tilgang/access/search', input: input(undefined) };
    yield { path: 'tilgang/access/search', input: input('low', { grants: [] }) };
    yield { path: 'tilgang/access/search', input: input('low', { application: { id: 'another' } }) };
    yield { path: 'tilgang/admin/evaluate', input: {} };
  }
  const compared = await compareDecisions(world, author, place, { bytes: strict }, decisions());
  t.match(compared, {
    questions: 4,
    losses: 2,
    gains: 0,
    isComplete: true,
    counts: [{ konsument: SANDVIK, kind: 'loss', reason: 'level_too_low', count: 2 }],
  });
  async function* masked() {
    yield { path: 'tilgang/access/search', input: { ...input('low'), subject: undefined } };
  }
  t.match(await compareDecisions(world, author, place, { bytes: strict }, masked()), { questions: 0, isComplete: false });
  async function* withGap() {
    yield { path: 'system/log/gap' };
    yield* decisions();
  }
  t.match(await compareDecisions(world, author, place, { bytes: strict }, withGap()), { questions: 4, isComplete: false });
});

t.test('whoever is told of differences in the log and fails ends the comparison, and nothing else', async (t) => {
  const world = await peopledWorld(t);
  const none = await ownBundle({ revision: '1', mode: 'none' });
  const input = {
    subject: { type: 'person', id: world.vault.nameOf(ADA) },
    application: { id: APP, state: 'active', roles: ['use'] },
    action: { name: 'use' },
    grants: [{ konsument: SANDVIK, roles: ['use'], activated: true, mayBeKonsument: true }],
    context: { time: '2026-11-21T12:00:00.000Z' },
  };
  let isTold = false;
  async function* decisions() {
    yield { path: 'tilgang/access/search', input };
    // The log goes on long after the first of them has failed.
    while (!isTold) await pause(1);
    await pause(1);
  }
  const onDifference = (): never => {
    isTold = true;
    throw new Error('nobody listens');
  };
  await t.rejects(compareDecisions(world, operator, place, { bytes: none }, decisions(), { onDifference }), /nobody listens/);
});

t.test('a shadow judges what is asked without touching answers, and tells what it would have said', async (t) => {
  const world = await peopledWorld(t);
  const shadows = new Shadows({ store: world.store, ownBundles: world.ownBundles, clock: world.clock });
  const live = Object.assign(Object.create(world), { shadows }) as World;
  await push(world, { revision: '1', mode: 'high' });
  await setShadow(world, author, place, '1', 'any');
  t.match(await readBinding(world, author, place), { binding: { shadow: { revision: '1' } } });
  const ask = async (securityLevel?: 'high') => {
    const question = { caller: tilbyder, appId: APP, person: persons[1] as PersonNumber };
    return (await searchOrganisations(live, securityLevel === undefined ? question : { ...question, securityLevel })).organisations.length;
  };
  t.same(await Promise.all([ask(), ask('high'), ask()]), [2, 2, 2]);
  const stop = reportBundles({ ...live, store: world.store, ownBundles: world.ownBundles, clock: world.clock } as never, 1);
  while ((await readShadow(world, operator, place)).questions < 3) await pause(10);
  await stop();
  const seen = await readShadow(world, author, place);
  t.match(seen, { bundle: { revision: '1' }, questions: 3, losses: 4, gains: 0, failedAfter: 0, passedOver: 0, processes: 1 });
  t.same(
    seen.counts.map(({ konsument, kind, reason, count }) => [konsument, kind, reason, count]),
    [
      [SANDVIK, 'loss', 'other_reasons', 2],
      [LUNDBY, 'loss', 'other_reasons', 2],
    ],
  );
  t.notOk('samples' in seen, 'its author sees counts');
  t.match((await readShadow(world, operator, place, true)).samples, [{ subject: world.vault.nameOf(persons[1] as PersonNumber) }]);

  const gone = Object.assign(Object.create(world.ownBundles), { rulesBy: () => Promise.reject(new Error('gone')) }) as World['ownBundles'];
  const blind = new Shadows({ store: world.store, ownBundles: gone, clock: world.clock });
  Object.assign(live, { shadows: blind });
  t.equal(await ask(), 2, 'a shadow that cannot be had changes no answer');
  for (let looked = 0; looked < 500 && (await readShadow(world, operator, place)).failedAfter < 1; looked += 1) {
    await blind.tell();
    await pause(10);
  }
  t.match(await readShadow(world, author, place), { questions: 4, failedAfter: 1, processes: 2 });
  await setShadow(world, author, place, undefined, 'any');
  t.match(await readShadow(world, author, place), { questions: 0, processes: 0 });
});

t.test('an activation may demand that nothing changes, or that what changes is approved by name', async (t) => {
  const world = await peopledWorld(t);
  await push(world, { revision: '1', mode: 'all' });
  await push(world, { revision: '2', mode: 'none' });
  await demandComparison(world, author, place, 'empty', 'any');
  const activate = (revision: string) => activateBundle(world, author, place, revision, 'any');
  await t.rejects(activate('1'), problem('comparison-needed', /first/));
  await compareGrants(world, operator, place, { revision: '1' }, { at: toInstant(0) });
  await compareGrants(world, operator, place, { revision: '1' }, { levels: ['low'] });
  await t.rejects(activate('1'), problem('comparison-needed', /first/), 'only what is asked as persons ask now counts');
  await compareGrants(world, author, place, { revision: '1' });
  await activate('1');
  const { keptAt } = await compareGrants(world, author, place, { revision: '2' });
  await t.rejects(activate('2'), problem('comparison-needed', /changes nothing/));
  await demandComparison(world, author, place, 'approved', 'any');
  await t.rejects(activate('2'), problem('comparison-needed', /approve/));
  world.now += 1000;
  await giveGrants(world, operator, [order({ person: persons[260] as PersonNumber })]);
  const again = await compareGrants(world, author, place, { revision: '2' });
  const seen = { revision: '2', at: keptAt as Instant };
  await t.rejects(approveComparison(world, author, place, seen), problem('comparison-needed', /found last/), 'it has found more since');
  const approve = (revision: string, { keptAt: at }: Comparison, ...reason: [string?]) =>
    approveComparison(world, author, place, { revision, at: at as Instant }, ...reason);
  t.match(await approve('2', again, 'it is meant so'), {
    losses: 499,
    approved: { by: TILBYDER, reason: 'it is meant so' },
  });
  await activate('2');
  t.match(
    (
      await world.store.events.of('policy-comparison', `${APP}/${(await readBinding(world, author, place)).binding.active?.digest}`, {
        limit: 1,
      })
    ).events,
    [{ action: 'bundle.approve', actor: TILBYDER, reason: 'it is meant so' }],
  );
  await push(world, { revision: '3', mode: 'first' });
  await push(world, { revision: '4', mode: 'none' });
  await compareGrants(world, author, place, { revision: '4' });
  await activate('4');
  const rollBack = (revision: string) => rollBackBundle(world, author, place, revision, 'any', 'back');
  await t.rejects(rollBack('3'), problem('comparison-needed', /first/), 'one that never judged is no way back');
  await rollBack('2');
  await push(world, { revision: '5', mode: 'all' });
  const fifth = await compareGrants(world, author, place, { revision: '5' });
  const { bundle } = world;
  t.match(await approve('5', fifth), { standard: bundle.revision, active: { revision: '2' } });
  world.bundle = { ...bundle, revision: 'another' };
  await t.rejects(activate('5'), problem('comparison-needed', /first/), 'the standard rules beside it are others');
  await t.rejects(approve('5', fifth), problem('comparison-needed'));
  world.bundle = bundle;
  await trustBundle(world, operator, place, '5');
  await t.rejects(activate('5'), problem('comparison-needed', /first/), 'it would judge alone, which nobody has compared');
  await trustBundle(world, operator, place, undefined);
  await t.rejects(
    trustBundle(world, operator, place, '2'),
    problem('comparison-needed', /later revision/),
    'it judges, and would give more at once',
  );
  world.now += 25 * 3_600_000;
  await t.rejects(activate('5'), problem('comparison-needed'), 'what was seen a day ago may not hold');
});

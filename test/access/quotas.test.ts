import t from 'tap';
import {
  type AdminRequest,
  type ApplicationView,
  administrators,
  applications,
  appointAdministrator,
  changeAdministrator,
  changeApplication,
  createApplication,
  listAdministrators,
  listApplications,
  listEvents,
  registerOrganisation,
  removeAdministrator,
  retireApplication,
} from '#access';
import type { AppId, PersonNumber } from '#domain';
import { ProblemError } from '#problem';
import { ADA, konsumenter, openWorld, operator, orgnrs, persons, SANDVIK, TILBYDER, type World } from './world.js';

const OTHER = orgnrs[140] as typeof TILBYDER;
const TERMS = { name: { nb: 'Prøve' }, description: { nb: 'Til prøve.' }, url: 'https://prove.example', roles: ['use'] };
const ROLES = { roles: ['organisasjonsadministrator'] } as const;

function tilbyderOf(orgnr: typeof TILBYDER): AdminRequest {
  return {
    caller: { kind: 'machine', consumer: orgnr, clientId: 'system', scopes: ['ks:fiks.tilbyder', 'ks:fiks.konsument'] },
    requestId: 'request',
  };
}
const own = tilbyderOf(TILBYDER);
const created = (world: World, request = own, orgnr = TILBYDER, identity?: string): Promise<ApplicationView> =>
  createApplication(world, request, orgnr, TERMS, identity);
const activated = (world: World, { application: { id } }: ApplicationView) =>
  changeApplication(world, own, id, 'any', (one) => ({ ...one, state: 'active' }));

/** The outcomes of what is tried at once: those done, and the slugs of those refused. */
async function together<T>(count: number, attempt: (i: number) => Promise<T>): Promise<{ done: T[]; refused: (string | undefined)[] }> {
  const outcomes = await Promise.allSettled(Array.from({ length: count }, (_, i) => attempt(i)));
  return {
    done: outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    refused: outcomes.flatMap((one) =>
      one.status === 'rejected' ? [one.reason instanceof ProblemError ? one.reason.slug : String(one.reason)] : [],
    ),
  };
}

/** A world with quotas, and a second tilbyder. The application that is there was registered by the operator and has no seat. */
async function openQuotas(test: Parameters<typeof openWorld>[0], quotas: Partial<World['quotas']>): Promise<World> {
  const world = await openWorld(test);
  world.quotas = { ...world.quotas, ...quotas };
  const fiksOrgId = '00000000-0000-4000-8000-00000000ffff';
  await registerOrganisation(world, operator, { orgnr: OTHER, name: 'B', fiksOrgId, mayBeTilbyder: true, mayBeKonsument: false });
  return world;
}

t.test('fifty at once for the last ten seats are exactly ten, and another tilbyder is not touched (fault 4)', async (t) => {
  const world = await openQuotas(t, { applicationsPerTilbyder: 30, draftsPerTilbyder: 90 });
  for (let i = 0; i < 20; i += 1) await created(world);
  const { done, refused } = await together(50, () => created(world));
  t.equal(done.length, 10);
  t.same(refused, Array(40).fill('quota-reached'));
  const { items } = await listApplications(world, own, TILBYDER, {}, { limit: 100 });
  t.equal(items.length, 31, 'with the one that the operator has registered');
  t.equal((await together(30, () => created(world, tilbyderOf(OTHER), OTHER))).done.length, 30);
  await t.rejects(created(world), {
    name: 'ProblemError',
    slug: 'quota-reached',
    detail: 'A tilbyder may have 30 applications that are not retired: retire one, or ask the operator for more.',
  });
});

t.test('drafts have seats of their own, which end with the draft, and each freed seat is used again (fault 4)', async (t) => {
  const world = await openQuotas(t, { applicationsPerTilbyder: 12, draftsPerTilbyder: 5 });
  const { done, refused } = await together(20, () => created(world));
  t.equal(done.length, 5);
  t.same(new Set(refused), new Set(['quota-reached']));
  await t.rejects(created(world), {
    name: 'ProblemError',
    detail: 'A tilbyder may have 5 drafts: make one active or retire it, or ask the operator for more.',
  });
  const [first, second, ...rest] = done as [ApplicationView, ApplicationView, ...ApplicationView[]];
  await activated(world, first);
  await retireApplication(world, own, second.application.id, 'any');
  t.equal((await together(20, () => created(world))).done.length, 2, 'one for the active, one for the retired');
  for (const draft of rest) await activated(world, draft);
  t.equal((await together(20, () => created(world))).done.length, 3);
  for (const { application } of (await listApplications(world, own, TILBYDER, { state: 'draft' }, { limit: 100 })).items)
    await activated(world, { application, revision: 0 });
  t.equal((await together(20, () => created(world))).done.length, 3, 'nine are active: three are left of the twelve');
  await retireApplication(world, own, first.application.id, 'any');
  t.equal((await together(20, () => created(world))).done.length, 1, 'of the retired one');
});

t.test('a lower quota takes nothing away, and lets none in before there are fewer', async (t) => {
  const world = await openQuotas(t, { applicationsPerTilbyder: 10, draftsPerTilbyder: 10 });
  const { done } = await together(10, () => created(world));
  world.quotas = { ...world.quotas, applicationsPerTilbyder: 4 };
  for (const [i, { application }] of done.entries()) {
    await t.rejects(created(world), { name: 'ProblemError', slug: 'quota-reached' }, `${10 - i} are left`);
    if (i < 6) await retireApplication(world, own, application.id, 'any');
    else break;
  }
  await retireApplication(world, own, (done[6] as ApplicationView).application.id, 'any');
  await created(world);
  await t.rejects(created(world), { name: 'ProblemError', slug: 'quota-reached' });
});

t.test('the same request sent again takes no second seat, also at once and at the quota', async (t) => {
  const world = await openQuotas(t, { draftsPerTilbyder: 1 });
  const { done } = await together(8, () => created(world, own, TILBYDER, 'key'));
  t.equal(new Set(done.map(({ application }) => application.id)).size, 1);
  t.equal(done.length, 8);
});

t.test('a change keeps the seat, and nobody is shown it', async (t) => {
  const world = await openQuotas(t, {});
  const view = await created(world);
  await changeApplication(world, own, view.application.id, 'any', ({ seats: _, ...one }) => ({ ...one, name: { nb: 'Ny' } }));
  const stored = await world.store.collection(applications).get(view.application.id as AppId);
  t.same(stored?.value.seats, view.application.seats);
  t.ok(stored?.value.seats);
  const { events } = await world.store.events.of(applications.name, view.application.id, { limit: 5 });
  t.match(JSON.stringify(events), 'seats');
  const told = await listEvents(world, tilbyderOf(TILBYDER), TILBYDER, { appId: view.application.id }, { limit: 5 });
  t.equal(told.items.length, 2);
  t.notMatch(JSON.stringify(told), 'seats');
});

t.test('administrators are as many as may be, exactly, and a removed one makes room (fault 4)', async (t) => {
  const most = 6;
  const world = await openQuotas(t, { administratorsPerOrganisation: most });
  const appoint = (i: number) => appointAdministrator(world, operator, SANDVIK, persons[i] as PersonNumber, ROLES);
  await appoint(0);
  const { done, refused } = await together(15, (i) => appoint(i + 1));
  t.equal(done.length, most - 1);
  t.same(new Set(refused), new Set(['quota-reached']));
  await t.rejects(appoint(20), {
    name: 'ProblemError',
    detail: `An organisation may have ${most} administrators: remove one that is no longer needed, or ask the operator for more.`,
  });
  await appoint(0);
  const listed = async () => (await listAdministrators(world, operator, SANDVIK)).map(({ assignment }) => assignment.brukerId);
  for (let i = 30; i < 50; i += 1) {
    const [, last = ''] = await listed();
    await removeAdministrator(world, operator, { orgnr: SANDVIK, brukerId: last as never }, 'any', undefined);
    await appoint(i);
  }
  t.equal((await listed()).length, most);
  const document = await world.store.collection(administrators).get(SANDVIK);
  t.equal(document?.value.assignments.length, 2 * most, 'of those that were removed the latest are kept, as many again');
  t.equal(
    (await appointAdministrator(world, operator, konsumenter[3] as typeof SANDVIK, ADA, ROLES)).isNew,
    true,
    'others are not touched',
  );
});

t.test('what administrators are limited to fits one document (fault 4)', async (t) => {
  const world = await openQuotas(t, {});
  const roles = (count: number) => Array.from({ length: count }, (_, i) => `role-${i}`);
  const appoint = (i: number, mayGive: readonly string[]) =>
    appointAdministrator(world, operator, SANDVIK, persons[i] as PersonNumber, { roles: ['tilgangsadministrator'], mayGive });
  for (let i = 0; i < 2; i += 1) await appoint(i, roles(2500));
  await t.rejects(appoint(2, roles(1)), { name: 'ProblemError', slug: 'quota-reached', detail: /5000 applications and roles together/ });
  const whose = { orgnr: SANDVIK, brukerId: world.vault.nameOf(ADA) };
  const leader = persons[20] as PersonNumber;
  await appointAdministrator(world, operator, SANDVIK, leader, ROLES);
  const caller = { kind: 'person', brukerId: world.vault.nameOf(leader), acr: 'Level4', clientId: 'c', scopes: [] } as const;
  await changeAdministrator(world, { caller }, whose, 'any', (one) => ({ ...one, mayGive: roles(10) }));
  t.equal((await appoint(2, roles(1))).isNew, true);
});

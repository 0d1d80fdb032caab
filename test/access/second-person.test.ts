import t, { type Test } from 'tap';
import {
  type AdminRequest,
  type AssignmentTerms,
  administrators,
  appointAdministrator,
  changeAdministrator,
  changeSettings,
  closeOrganisation,
  confirmSettings,
  listEvents,
  readSettings,
  registerOrganisation,
  rejectSettings,
  removeAdministrator,
} from '#access';
import { type BrukerId, DAY_MS, type OrganisationSettings, type PersonNumber } from '#domain';
import { ProblemError } from '#problem';
import { LUNDBY, machineOf, NOON, openWorld, operator, persons, SANDVIK, type World } from './world.js';

const [ANNE, BERIT, CARL, DINA] = persons.slice(20) as [PersonNumber, PersonNumber, PersonNumber, PersonNumber];
const ORGADMIN: AssignmentTerms = { roles: ['organisasjonsadministrator'] };
type Terms = Pick<OrganisationSettings, 'fourEyes' | 'longestGrantDays'>;

/** An organisation that asks for four eyes and 30 days at most, and whom the operator has made its administrators. */
class Kommune {
  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  static async open(t: Test, ...staff: readonly PersonNumber[]): Promise<Kommune> {
    const kommune = new Kommune(await openWorld(t));
    for (const person of staff) await kommune.appoint(person, undefined);
    await kommune.change(staff[0] as PersonNumber, { fourEyes: true, longestGrantDays: 30 });
    return kommune;
  }

  nameOf(person: PersonNumber): BrukerId {
    return this.world.vault.nameOf(person);
  }

  by(person: PersonNumber): AdminRequest {
    const caller = { kind: 'person', brukerId: this.nameOf(person), acr: 'idporten-loa-high', clientId: 'client', scopes: [] } as const;
    return { caller, requestId: 'request' };
  }

  pass(days: number): void {
    this.world.now += days * DAY_MS;
  }

  async appoint(person: PersonNumber, by: PersonNumber | undefined, terms = ORGADMIN): Promise<void> {
    await appointAdministrator(this.world, by === undefined ? operator : this.by(by), SANDVIK, person, terms);
  }

  async remove(person: PersonNumber, by: PersonNumber | undefined): Promise<boolean> {
    const request = by === undefined ? operator : this.by(by);
    const { wasOne } = await removeAdministrator(this.world, request, { orgnr: SANDVIK, brukerId: this.nameOf(person) }, 'any', undefined);
    return wasOne;
  }

  change(by: PersonNumber, to: Terms, revision?: number): ReturnType<typeof changeSettings> {
    return changeSettings(this.world, this.by(by), SANDVIK, revision === undefined ? 'any' : [revision], () => to);
  }

  /** Confirms what is there. */
  async confirm(by: PersonNumber, revision?: number): Promise<void> {
    const seen = revision ?? (await this.read()).revision;
    await confirmSettings(this.world, this.by(by), SANDVIK, [seen]);
  }

  read(): ReturnType<typeof readSettings> {
    return readSettings(this.world, machineOf(SANDVIK), SANDVIK);
  }

  async fourEyes(): Promise<boolean> {
    return (await this.read()).settings.fourEyes;
  }

  /** What has happened to the settings, the oldest first. */
  async events(): Promise<string[]> {
    const { items } = await listEvents(this.world, machineOf(SANDVIK), SANDVIK, { action: 'settings' }, { limit: 100 });
    return items.map(({ action }) => action).reverse();
  }
}

const OFF: Terms = { fourEyes: false, longestGrantDays: 30 };

/** What a promise is refused with: slug and detail. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'done';
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.slug;
  }
}

t.test('one asks, another confirms, and only then is it so (fault 9, threat 56)', async (t) => {
  const kommune = await Kommune.open(t, ANNE, BERIT);
  const asked = await kommune.change(ANNE, OFF);
  t.match(asked, { waits: true, settings: { fourEyes: true, longestGrantDays: 30, pending: { ...OFF, askedBy: kommune.nameOf(ANNE) } } });
  t.equal(await refusal(kommune.confirm(ANNE)), 'action-not-allowed', 'nobody confirms the own request');
  t.ok(await kommune.fourEyes());
  await kommune.confirm(BERIT);
  t.same((await kommune.read()).settings, { orgnr: SANDVIK, ...OFF });
  t.equal(await refusal(kommune.confirm(BERIT)), 'nothing-pending');
  t.same(await kommune.events(), ['settings.change', 'settings.ask', 'settings.confirm']);
});

t.test('more days, or no bound on them, need two as well, and what tightens is done at once', async (t) => {
  const kommune = await Kommune.open(t, ANNE, BERIT);
  for (const to of [{ fourEyes: true }, { fourEyes: true, longestGrantDays: 31 }, { fourEyes: false, longestGrantDays: 1 }]) {
    t.equal((await kommune.change(ANNE, to)).waits, true);
  }
  t.match((await kommune.read()).settings, { fourEyes: true, longestGrantDays: 30 });
  const tightened = await kommune.change(ANNE, { fourEyes: true, longestGrantDays: 20 });
  t.same(tightened.settings, { orgnr: SANDVIK, fourEyes: true, longestGrantDays: 20 }, 'what waited was asked of other settings');
  t.equal(tightened.waits, false);
  t.equal(await refusal(kommune.confirm(BERIT)), 'nothing-pending');
});

t.test('whoever asked takes it back, any other such administrator rejects it, and it lapses after 14 days', async (t) => {
  const kommune = await Kommune.open(t, ANNE, BERIT);
  for (const by of [ANNE, BERIT]) {
    await kommune.change(ANNE, OFF);
    await rejectSettings(kommune.world, kommune.by(by), SANDVIK, 'any');
    await rejectSettings(kommune.world, kommune.by(by), SANDVIK, 'any');
    t.equal(await refusal(kommune.confirm(BERIT)), 'nothing-pending');
  }
  t.same((await kommune.events()).slice(1), ['settings.ask', 'settings.reject', 'settings.ask', 'settings.reject']);
  await kommune.change(ANNE, OFF);
  kommune.pass(14);
  t.equal((await kommune.read()).settings.pending, undefined);
  t.equal(await refusal(kommune.confirm(BERIT)), 'nothing-pending');
  t.equal((await kommune.change(ANNE, OFF)).waits, true, 'and may be asked for again');
  kommune.world.now += 14 * DAY_MS - 1;
  await kommune.confirm(BERIT);
  t.notOk(await kommune.fourEyes());
});

t.test('nobody appoints a second self who confirms, or who asks (fault 9, threat 29)', async (t) => {
  const kommune = await Kommune.open(t, ANNE);
  t.equal(await refusal(kommune.change(ANNE, OFF)), 'second-person-missing', 'who is alone cannot');
  await kommune.appoint(BERIT, ANNE);
  t.equal(await refusal(kommune.change(ANNE, OFF)), 'second-person-missing');
  t.equal(await refusal(kommune.change(BERIT, OFF)), 'action-not-allowed', 'nor does the new one ask, for the old one to confirm');
  await kommune.appoint(CARL, undefined);
  t.equal((await kommune.change(ANNE, OFF)).waits, true, 'one whom the operator appoints may confirm at once');
  kommune.pass(13);
  t.equal(await refusal(kommune.confirm(BERIT)), 'action-not-allowed', 'age counts from when it was asked for');
  await kommune.appoint(DINA, BERIT);
  t.equal(await refusal(kommune.confirm(DINA)), 'action-not-allowed', 'nor one whom the second self appoints');
  kommune.pass(1);
  await kommune.change(ANNE, OFF);
  await kommune.confirm(BERIT);
  t.notOk(await kommune.fourEyes(), 'who was appointed 14 days before is one of two');
});

t.test('another role or a wider one makes a new administrator of somebody', async (t) => {
  const kommune = await Kommune.open(t, ANNE);
  await kommune.appoint(BERIT, undefined, { roles: ['tilgangsadministrator'] });
  await kommune.appoint(CARL, undefined, { ...ORGADMIN, mayGive: ['use'] });
  kommune.pass(100);
  t.equal(await refusal(kommune.change(ANNE, OFF)), 'second-person-missing');
  for (const person of [BERIT, CARL]) {
    const whose = { orgnr: SANDVIK, brukerId: kommune.nameOf(person) };
    await changeAdministrator(kommune.world, kommune.by(ANNE), whose, 'any', () => ORGADMIN);
  }
  t.equal(await refusal(kommune.change(ANNE, OFF)), 'second-person-missing');
  const self = { orgnr: SANDVIK, brukerId: kommune.nameOf(CARL) };
  const change = changeAdministrator(kommune.world, kommune.by(CARL), self, 'any', () => ({ ...ORGADMIN, reason: 'me' }));
  t.equal(await refusal(change), 'action-not-allowed', 'and nobody changes the own limits');
});

t.test('whoever asked must still be one who may when it is confirmed', async (t) => {
  const kommune = await Kommune.open(t, ANNE, BERIT);
  await kommune.change(ANNE, OFF);
  await kommune.remove(ANNE, BERIT);
  t.equal(await refusal(kommune.confirm(BERIT)), 'nothing-pending');
  await kommune.appoint(ANNE, BERIT);
  t.equal(await refusal(kommune.confirm(BERIT)), 'nothing-pending', 'nor does being appointed anew help');
  t.ok(await kommune.fourEyes());
});

t.test('a confirmation is of what was read: no other change slips in between', async (t) => {
  const kommune = await Kommune.open(t, ANNE, BERIT, CARL);
  await kommune.change(ANNE, { fourEyes: true, longestGrantDays: 40 });
  const { revision } = await kommune.read();
  await kommune.change(ANNE, OFF);
  t.equal(await refusal(kommune.confirm(BERIT, revision)), 'precondition-failed');
  t.equal(await refusal(confirmSettings(kommune.world, kommune.by(BERIT), SANDVIK, 'any')), 'precondition-failed', '* names nothing');
  const both = await Promise.all([kommune.confirm(BERIT), kommune.confirm(CARL)].map(refusal));
  t.equal(both.filter((one) => one === 'done').length, 1, 'of two at once one confirms');
});

t.test('to ask again does not move the clock, and what another asks takes the place of it', async (t) => {
  const kommune = await Kommune.open(t, ANNE, BERIT);
  const first = await kommune.change(ANNE, OFF);
  kommune.pass(10);
  const again = await kommune.change(ANNE, OFF);
  t.same([again.revision, again.settings], [first.revision, first.settings]);
  t.equal(await refusal(kommune.change(BERIT, OFF, first.revision - 1)), 'precondition-failed');
  await kommune.change(BERIT, OFF, first.revision);
  t.equal(await refusal(kommune.confirm(BERIT)), 'action-not-allowed', 'to ask for the same is not to confirm it');
  await kommune.confirm(ANNE);
  t.notOk(await kommune.fourEyes());
});

t.test('a machine neither asks nor confirms, and the administrator of another organisation does not', async (t) => {
  const kommune = await Kommune.open(t, ANNE, BERIT);
  await kommune.change(ANNE, OFF);
  await appointAdministrator(kommune.world, operator, LUNDBY, CARL, ORGADMIN);
  const { revision } = await kommune.read();
  for (const request of [machineOf(SANDVIK), kommune.by(CARL), operator]) {
    t.not(await refusal(changeSettings(kommune.world, request, SANDVIK, 'any', () => OFF)), 'done');
    t.not(await refusal(confirmSettings(kommune.world, request, SANDVIK, [revision])), 'done');
    t.not(await refusal(rejectSettings(kommune.world, request, SANDVIK, 'any')), 'done');
  }
  t.match((await kommune.read()).settings, { fourEyes: true, pending: OFF });
});

t.test('neither a merge nor a closing nor registering anew loosens what an organisation has decided', async (t) => {
  const kommune = await Kommune.open(t, ANNE, BERIT);
  const { world } = kommune;
  await appointAdministrator(world, operator, LUNDBY, CARL, ORGADMIN);
  await closeOrganisation(world, operator, LUNDBY, { into: SANDVIK });
  t.match((await kommune.read()).settings, { fourEyes: true, longestGrantDays: 30 }, 'the rules of the one that goes on stand');
  const staff = await world.store.collection(administrators).get(SANDVIK);
  t.notOk(
    staff?.value.assignments.some(({ brukerId }) => brukerId === kommune.nameOf(CARL)),
    'and nobody administers it by the merge',
  );
  await closeOrganisation(world, operator, SANDVIK, {});
  const anew = {
    orgnr: SANDVIK,
    name: 'Sandvik',
    fiksOrgId: '00000000-0000-4000-8000-000000000001',
    mayBeTilbyder: false,
    mayBeKonsument: true,
  };
  t.equal(await refusal(registerOrganisation(world, operator, anew)), 'invalid-request', 'what has ceased is not opened again');
  t.match((await kommune.read()).settings, { fourEyes: true, longestGrantDays: 30 });
  t.equal(world.now, NOON);
});

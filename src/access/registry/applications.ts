import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type AppId, type Application, type Orgnr, present, uuidOf } from '#domain';
import type { Stored } from '#storage';
import { type Act, type AdminRequest, authorize, type Basis, type Clearance } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type PageOf, type PageRange, pickedPage } from '../pages.js';
import { type AccessParts, activationKey, collectionsOf, konsumentIndex, stageIndex } from '../parts.js';
import { repeated } from '../repeated.js';
import { freeSeats } from './seats.js';

/** What a tilbyder says of an application. */
export type ApplicationTerms = Omit<Application, 'id' | 'tilbyder' | 'seats'>;

/** An application with its revision. */
export interface ApplicationView {
  readonly application: Application;
  readonly revision: number;
}

/** A konsument that has, or once had, an application switched on; with counts, never persons. */
export interface KonsumentView {
  readonly orgnr: Orgnr;
  readonly name: string;
  readonly kommunenummer?: string;
  readonly active: boolean;
  readonly changedAt: string;
  /** Grants that are not withdrawn. */
  readonly grants: number;
}

/** How many of a tilbyder may take a seat together before one of them is told of it. */
const MOST_AT_ONCE = 200;

/** Leave to register an application, and nothing else. @throws ProblemError as authorize says */
export function leaveToRegister(parts: AccessParts, request: AdminRequest, tilbyder: Orgnr | undefined): Promise<Clearance> {
  return authorize(parts, request, { action: 'application.register', orgnr: tilbyder });
}

/**
 * Registers a new application, as a draft.
 * @param identity the same for each sending of the same request: then it is the same application, also if the first was broken off
 * @throws ProblemError as authorize says; `quota-reached`
 */
export async function createApplication(
  parts: AccessParts,
  request: AdminRequest,
  tilbyder: Orgnr | undefined,
  terms: Omit<ApplicationTerms, 'state'>,
  identity?: string,
): Promise<ApplicationView> {
  const { organisation, facts } = await leaveToRegister(parts, request, tilbyder);
  const { applications } = collectionsOf(parts.store);
  const id = (identity === undefined ? randomUUID() : uuidOf(identity)) as AppId;
  return repeated(async () => {
    const made = identity === undefined ? undefined : await applications.get(id);
    if (made !== undefined) return asView(made);
    const seats = await freeSeats(parts, organisation.orgnr, id);
    const application: Application = { ...terms, id, tilbyder: organisation.orgnr, state: 'draft', seats };
    return asView(await applications.put(application, { expect: 'absent', facts: facts('application.register') }));
  }, MOST_AT_ONCE);
}

/**
 * The applications of a tilbyder.
 * @param search what name or description has to contain, in any of its languages
 * @throws ProblemError as authorize says
 */
export async function listApplications(
  parts: AccessParts,
  request: AdminRequest,
  tilbyder: Orgnr | undefined,
  { state, search }: { readonly state?: Application['state']; readonly search?: string },
  range: PageRange,
): Promise<PageOf<ApplicationView>> {
  const { organisation, applications: limited } = await authorize(parts, request, { action: 'application.list', orgnr: tilbyder });
  const { orgnr } = organisation;
  const where = state === undefined ? { index: 'tilbyder', equals: orgnr } : { index: 'stage', equals: stageIndex(orgnr, state) };
  return pickedPage(collectionsOf(parts.store).applications, where, range, (documents) =>
    documents.flatMap(({ value: application, revision }) =>
      (limited === undefined || limited.has(application.id)) && matchesText(application, search) ? [{ application, revision }] : [],
    ),
  );
}

/** An application of the caller's own. @throws ProblemError as authorize says */
export async function readApplication(parts: AccessParts, request: AdminRequest, appId: AppId | undefined): Promise<ApplicationView> {
  const { application } = await authorizeForApplication(parts, request, appId, 'application.read');
  return asView(application);
}

/**
 * Changes what is said of an application, its state among it.
 * @param rewrite makes the new terms from the application as it stands
 * @throws ProblemError as authorize says; `precondition-failed`
 */
export async function changeApplication(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  precondition: Precondition,
  rewrite: (application: Application) => ApplicationTerms,
): Promise<ApplicationView> {
  return repeated(async () => {
    const { application: before, basis } = await authorizeForApplication(parts, request, appId, 'application.read');
    checkPrecondition(precondition, before.revision);
    const { id, tilbyder, seats } = before.value;
    const after: Application = present({ ...rewrite(before.value), id, tilbyder, seats });
    const { facts } = await authorizeForApplication(parts, request, appId, 'application.change', { to: after.state }, basis);
    return put(parts, before, after, facts('application.change'));
  });
}

/**
 * Retires an application: nobody gets a yes for it any more. One that is retired stays so.
 * @throws ProblemError as authorize says; `precondition-failed`
 */
export async function retireApplication(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  precondition: Precondition,
): Promise<void> {
  await repeated(async () => {
    const { application: before, basis } = await authorizeForApplication(parts, request, appId, 'application.read');
    if (before.value.state === 'retired') return;
    checkPrecondition(precondition, before.revision);
    const { facts } = await authorizeForApplication(parts, request, appId, 'application.change', { to: 'retired' }, basis);
    await put(parts, before, { ...before.value, state: 'retired' }, facts('application.retire'));
  });
}

/**
 * The organisations that have switched an application on or off.
 * @throws ProblemError as authorize says
 */
export async function listKonsumenter(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  range: PageRange,
): Promise<PageOf<KonsumentView>> {
  const { application } = await authorizeForApplication(parts, request, appId, 'application.konsumenter');
  const { id } = application.value;
  const { activations, organisations, grantDocuments } = collectionsOf(parts.store);
  return pickedPage(activations, { prefix: activationKey(id, '' as Orgnr) }, range, async (documents) => {
    const known = await organisations.getMany(documents.map(({ value }) => value.konsument));
    const counts: number[] = [];
    for (const { value } of documents) {
      counts.push(await grantDocuments.count({ index: 'konsument', equals: konsumentIndex(value.konsument, id, 'kept') }));
      // The store counts at once, and a konsument may have given very many.
      await setImmediate();
    }
    return documents.map(({ value: { konsument, active, changedAt } }, i): KonsumentView => {
      const { name = '', kommunenummer } = known[i]?.value ?? {};
      return present({ orgnr: konsument, name, kommunenummer, active, changedAt, grants: counts[i] ?? 0 });
    });
  });
}

/** Leave to do something with an application of the caller's own. */
export type ApplicationClearance = Clearance & { readonly application: Stored<Application> };

/**
 * Asks leave for something about an application of the caller's own: as authorize does.
 * @param more what else the policy is told of it
 * @param basis what has been read already in this request about the same
 */
export async function authorizeForApplication(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  action: string,
  more: Pick<Act, 'to' | 'subject'> = {},
  basis?: Basis,
): Promise<ApplicationClearance> {
  const act: Act = { action, orgnr: 'of-application', about: { appId }, ...more };
  return (await authorize(parts, request, act, basis)) as ApplicationClearance;
}

async function put(
  { store }: AccessParts,
  before: Stored<Application>,
  after: Application,
  facts: ReturnType<Clearance['facts']>,
): Promise<ApplicationView> {
  return asView(await collectionsOf(store).applications.put(after, { expect: before.revision, facts }));
}

function asView({ value, revision }: Stored<Application>): ApplicationView {
  return { application: value, revision };
}

/** Whether name or description contains the text, in any of its languages; letter case does not matter. */
export function matchesText({ name, description }: Application, search: string | undefined): boolean {
  if (search === undefined) return true;
  const wanted = search.toLocaleLowerCase('nb');
  return [name, description].some((texts) => Object.values(texts).some((text: string) => text.toLocaleLowerCase('nb').includes(wanted)));
}

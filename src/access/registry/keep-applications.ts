import { createHash, randomUUID } from 'node:crypto';
import type { AppId, Application, Logo, Orgnr } from '#domain';
import { ProblemError } from '#problem';
import type { Stored } from '#storage';
import { type AdminRequest, authorize, type Clearance } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type PageOf, type PageRange, pickedPage } from '../pages.js';
import { type AccessParts, activationKey, collectionsOf, konsumentIndex } from '../parts.js';
import { repeated } from '../repeated.js';

/** What a tilbyder says of an application. */
export type ApplicationTerms = Omit<Application, 'id' | 'tilbyder'>;

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

/**
 * Registers a new application, as a draft.
 * @param identity the same for each sending of the same request: then it is the same application, also if the first was broken off
 * @throws ProblemError as authorize says
 */
export async function createApplication(
  parts: AccessParts,
  request: AdminRequest,
  tilbyder: Orgnr | undefined,
  terms: Omit<ApplicationTerms, 'state'>,
  identity?: string,
): Promise<ApplicationView> {
  const { organisation, facts } = await authorize(parts, request, { action: 'application.register', orgnr: tilbyder });
  const { applications } = collectionsOf(parts.store);
  const id = newAppId(identity);
  const made = identity === undefined ? undefined : await applications.get(id);
  if (made !== undefined) return viewOf(made);
  const application: Application = { ...terms, id, tilbyder: organisation.orgnr, state: 'draft' };
  return viewOf(await applications.put(application, { expect: 'absent', facts: facts('application.register') }));
}

/** Random, or a UUID of version 8 (RFC 9562 §5.8) that the text always gives. */
function newAppId(identity: string | undefined): AppId {
  if (identity === undefined) return randomUUID() as string as AppId;
  const bytes = createHash('sha256').update(identity).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') as AppId;
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
  return pickedPage(collectionsOf(parts.store).applications, { index: 'tilbyder', equals: organisation.orgnr }, range, (documents) =>
    documents.flatMap(({ value: application, revision }) =>
      (limited === undefined || limited.has(application.id)) &&
      (state === undefined || application.state === state) &&
      matches(application, search)
        ? [{ application, revision }]
        : [],
    ),
  );
}

/** @throws ProblemError as authorize says */
export async function readApplication(parts: AccessParts, request: AdminRequest, appId: AppId | undefined): Promise<ApplicationView> {
  const { application } = await clearedFor(parts, request, appId, 'application.read');
  return viewOf(application);
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
    const { application: before } = await clearedFor(parts, request, appId, 'application.read');
    checkPrecondition(precondition, before.revision);
    const { id, tilbyder } = before.value;
    const after: Application = { ...rewrite(before.value), id, tilbyder };
    const { facts } = await clearedFor(parts, request, appId, 'application.change', after.state);
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
    const { application: before } = await clearedFor(parts, request, appId, 'application.read');
    if (before.value.state === 'retired') return;
    checkPrecondition(precondition, before.revision);
    const { facts } = await clearedFor(parts, request, appId, 'application.change', 'retired');
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
  const { application } = await clearedFor(parts, request, appId, 'application.konsumenter');
  const { id } = application.value;
  const { activations, organisations, grantDocuments } = collectionsOf(parts.store);
  return pickedPage(activations, { prefix: activationKey(id, '' as Orgnr) }, range, async (documents) => {
    const known = await organisations.getMany(documents.map(({ value }) => value.konsument));
    const counts = await Promise.all(
      documents.map(({ value }) => grantDocuments.count({ index: 'konsument', equals: konsumentIndex(value.konsument, id, 'kept') })),
    );
    return documents.map(({ value: { konsument, active, changedAt } }, i): KonsumentView => {
      const { name = '', kommunenummer } = known[i]?.value ?? {};
      return {
        orgnr: konsument,
        name,
        ...(kommunenummer === undefined ? {} : { kommunenummer }),
        active,
        changedAt,
        grants: counts[i] ?? 0,
      };
    });
  });
}

/** The picture of an application that is no draft, for anybody. @throws ProblemError `application-not-found`, `not-found` */
export async function readLogo(parts: AccessParts, request: AdminRequest, appId: AppId | undefined): Promise<Stored<Logo>> {
  const orgnr = await tilbyderOf(parts, request, appId);
  await authorize(parts, request, { action: 'logo.read', orgnr, about: { appId } });
  const logo = await collectionsOf(parts.store).logos.get(appId as AppId);
  if (logo === undefined) throw new ProblemError('not-found');
  return logo;
}

/**
 * Puts a picture in place, or takes it away.
 * @param logo made safe already; `undefined` takes it away
 * @returns its revision; 0 if there is none
 * @throws ProblemError as authorize says; `precondition-failed`
 */
export async function setLogo(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  logo: Pick<Logo, 'type' | 'content'> | undefined,
  precondition: Precondition,
): Promise<number> {
  return repeated(async () => {
    const { application, facts } = await clearedFor(parts, request, appId, 'logo.set');
    const { id, tilbyder } = application.value;
    const { logos } = collectionsOf(parts.store);
    const before = await logos.get(id);
    if (logo === undefined) {
      if (before === undefined) return 0;
      checkPrecondition(precondition, before.revision);
      await logos.remove(id, { expect: before.revision, facts: facts('logo.remove') });
      return 0;
    }
    if (before?.value.type === logo.type && before.value.content === logo.content) return before.revision;
    checkPrecondition(precondition, before?.revision ?? 0);
    const { revision } = await logos.put(
      { appId: id, tilbyder, ...logo },
      { expect: before?.revision ?? 'absent', facts: facts('logo.set') },
    );
    return revision;
  });
}

/** Leave to do something with an application of the caller's own. */
export async function clearedFor(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  action: string,
  to?: Application['state'],
): Promise<Clearance & { readonly application: Stored<Application> }> {
  const orgnr = await tilbyderOf(parts, request, appId);
  const clearance = await authorize(parts, request, { action, orgnr, about: { appId }, ...(to === undefined ? {} : { to }) });
  return clearance as Clearance & { readonly application: Stored<Application> };
}

/** For whom the caller acts: a machine for its consumer, a person for the tilbyder of the application. */
async function tilbyderOf({ store }: AccessParts, { caller }: AdminRequest, appId: AppId | undefined): Promise<Orgnr | undefined> {
  if (caller.kind === 'machine') return caller.consumer;
  return appId === undefined ? undefined : (await collectionsOf(store).applications.get(appId))?.value.tilbyder;
}

async function put(
  { store }: AccessParts,
  before: Stored<Application>,
  after: Application,
  facts: ReturnType<Clearance['facts']>,
): Promise<ApplicationView> {
  return viewOf(await collectionsOf(store).applications.put(after, { expect: before.revision, facts }));
}

function viewOf({ value, revision }: Stored<Application>): ApplicationView {
  return { application: value, revision };
}

/** Letter case does not matter, in Norwegian and English. */
export function matches({ name, description }: Application, search: string | undefined): boolean {
  if (search === undefined) return true;
  const wanted = search.toLocaleLowerCase('nb');
  return [name, description].some((texts) => Object.values(texts).some((text: string) => text.toLocaleLowerCase('nb').includes(wanted)));
}

import { type Activation, type AppId, type Application, isFault, type Orgnr, parseAppId, present } from '#domain';
import { ProblemError } from '#problem';
import type { Page, Stored } from '#storage';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type PageOf, type PageRange, pickedFrom } from '../pages.js';
import { type AccessParts, activationKey, collectionsOf, onIndex } from '../parts.js';
import { repeated } from '../repeated.js';
import { matchesText } from './applications.js';

/** An application as a konsument sees it. */
export interface OfferView {
  readonly application: Application;
  /** Absent if it was never switched on. */
  readonly activation: Activation | undefined;
  /** Of the activation; 0 if it was never switched on. */
  readonly revision: number;
}

/** Which applications: all, those switched on, or those that could be. */
export type OfferFilter = 'all' | 'activated' | 'offered';

interface Place {
  readonly orgnr: Orgnr | undefined;
  readonly appId: AppId | undefined;
}

/**
 * The applications that a konsument may switch on or has switched on: which of them, the policy says of each page.
 * @param search what name or description has to contain, in any of its languages
 * @throws ProblemError as authorize says
 */
export async function listOffers(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  { filter, search }: { readonly filter: OfferFilter; readonly search?: string },
  range: PageRange,
): Promise<PageOf<OfferView>> {
  const { organisation, basis } = await authorize(parts, request, { action: 'offer.list', orgnr });
  const { activations } = collectionsOf(parts.store);
  const find = (part: PageRange): Promise<Page<Application>> => offersPage(parts, organisation.orgnr, filter, part);
  return pickedFrom(find, range, async (documents) => {
    const states = await activations.getMany(documents.map(({ value }) => activationKey(value.id, organisation.orgnr)));
    const offers = documents.map(({ value: application }, i): OfferView => asOffer(application, states[i]));
    const candidates = offers.map(({ application: { state, tilbyder }, activation }) => ({
      state,
      tilbyder,
      activated: activation?.active ?? false,
    }));
    const { shown } = await authorize(parts, request, { action: 'offer.list', orgnr, candidates }, basis);
    return offers.filter(({ application, activation }, i) => {
      const isOn = activation?.active ?? false;
      const isWanted = filter === 'all' || isOn === (filter === 'activated');
      return shown[i] === true && isWanted && matchesText(application, search);
    });
  });
}

/**
 * What is active, and what the konsument has on, in the order of the App-IDs: read from two lists, so that it costs nothing for what others prepare or
 * have retired.
 */
async function offersPage(
  { store }: AccessParts,
  konsument: Orgnr,
  filter: OfferFilter,
  { limit, cursor }: PageRange,
): Promise<Page<Application>> {
  const { applications, activations } = collectionsOf(store);
  const past = cursor === undefined ? undefined : `${appIdOf(cursor)} `;
  // One more than asked for tells whether there is a next page.
  const more = limit + 1;
  const [active, on] = await Promise.all([
    filter === 'activated' ? [] : applications.query(present({ index: 'offered', from: past, limit: more })).then(({ items }) => items),
    filter === 'offered'
      ? []
      : activations
          .query({ index: 'on', prefix: onIndex(konsument), from: onIndex(konsument, past), limit: more })
          .then(({ items }) => items),
  ]);
  const known = new Map(active.map((stored) => [stored.value.id, stored]));
  const ids = [...new Set([...known.keys(), ...on.map(({ value }) => value.appId)])].sort();
  const listed = ids.slice(0, limit);
  const others = listed.filter((id) => !known.has(id));
  for (const found of await applications.getMany(others)) if (found !== undefined) known.set(found.value.id, found);
  const items = listed.flatMap((id) => known.get(id) ?? []);
  return present({ items, next: ids.length > limit ? cursorOf(listed.at(-1) as AppId) : undefined });
}

function cursorOf(appId: AppId): string {
  return Buffer.from(appId).toString('base64url');
}

function appIdOf(cursor: string): AppId {
  const appId = parseAppId(Buffer.from(cursor, 'base64url').toString());
  if (isFault(appId) || cursorOf(appId) !== cursor)
    throw new ProblemError('invalid-request', { reason: 'cursor-foreign', detail: 'the cursor is none of ours' });
  return appId;
}

function asOffer(application: Application, state: Stored<Activation> | undefined): OfferView {
  return { application, activation: state?.value, revision: state?.revision ?? 0 };
}

/** One application as the konsument sees it. @throws ProblemError as authorize says */
export async function readOffer(parts: AccessParts, request: AdminRequest, place: Place): Promise<OfferView> {
  const { application, activation } = await authorize(parts, request, { action: 'activation.read', orgnr: place.orgnr, about: place });
  return asOffer((application as Stored<Application>).value, activation);
}

/**
 * Switches an application on or off for a konsument. Off stops every answer for it at once; on again restores them, since grants are kept.
 * What is already so stays as it is, whatever the precondition.
 * @throws ProblemError as authorize says; `precondition-failed`
 */
export async function setActivation(
  parts: AccessParts,
  request: AdminRequest,
  place: Place,
  { active, reason }: { readonly active: boolean; readonly reason?: string },
  precondition: Precondition,
): Promise<OfferView> {
  const action = active ? 'activation.activate' : 'activation.deactivate';
  return repeated(async () => {
    const clearance = await authorize(parts, request, { action, orgnr: place.orgnr, about: place });
    const { value: application } = clearance.application as Stored<Application>;
    const { activation: before } = clearance;
    if ((before?.value.active ?? false) === active) return asOffer(application, before);
    checkPrecondition(precondition, before?.revision ?? 0);
    const activation = { konsument: clearance.organisation.orgnr, appId: application.id, active, changedAt: clearance.at };
    const change = { expect: before?.revision ?? 'absent', facts: clearance.facts(action, reason) } as const;
    const { revision } = await collectionsOf(parts.store).activations.put(activation, change);
    return { application, activation, revision };
  });
}

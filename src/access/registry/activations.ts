import type { Activation, AppId, Application, Orgnr } from '#domain';
import type { Stored } from '#storage';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type PageOf, type PageRange, pickedPage } from '../pages.js';
import { type AccessParts, activationKey, collectionsOf } from '../parts.js';
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
  const { applications, activations } = collectionsOf(parts.store);
  return pickedPage(applications, {}, range, async (documents) => {
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

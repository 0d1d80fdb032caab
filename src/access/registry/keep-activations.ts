import type { Activation, AppId, Application, Orgnr } from '#domain';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type PageOf, type PageRange, pickedPage } from '../pages.js';
import { type AccessParts, activationKey, collectionsOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { matches } from './keep-applications.js';

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
 * The applications that a konsument may switch on or has switched on.
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
  const { organisation } = await authorize(parts, request, { action: 'offer.list', orgnr });
  const { applications, activations } = collectionsOf(parts.store);
  return pickedPage(applications, {}, range, async (documents) => {
    const states = await activations.getMany(documents.map(({ value }) => activationKey(value.id, organisation.orgnr)));
    return documents.flatMap(({ value: application }, i): OfferView[] => {
      const activated = states[i]?.value.active ?? false;
      const isShown =
        filter === 'activated'
          ? activated
          : filter === 'offered'
            ? !activated && application.state === 'active'
            : activated || application.state === 'active';
      if (!isShown || !matches(application, search)) return [];
      return [{ application, activation: states[i]?.value, revision: states[i]?.revision ?? 0 }];
    });
  });
}

/** @throws ProblemError as authorize says */
export async function readOffer(parts: AccessParts, request: AdminRequest, place: Place): Promise<OfferView> {
  const { organisation, application } = await authorize(parts, request, { action: 'activation.read', orgnr: place.orgnr, about: place });
  const { value } = application as { value: Application };
  const state = await collectionsOf(parts.store).activations.get(activationKey(value.id, organisation.orgnr));
  return { application: value, activation: state?.value, revision: state?.revision ?? 0 };
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
    const { value: application } = clearance.application as { value: Application };
    const konsument = clearance.organisation.orgnr;
    const collection = collectionsOf(parts.store).activations;
    const state = await collection.get(activationKey(application.id, konsument));
    if ((state?.value.active ?? false) === active) return { application, activation: state?.value, revision: state?.revision ?? 0 };
    checkPrecondition(precondition, state?.revision ?? 0);
    const activation = { konsument, appId: application.id, active, changedAt: clearance.at };
    const { revision } = await collection.put(activation, { expect: state?.revision ?? 'absent', facts: clearance.facts(action, reason) });
    return { application, activation, revision };
  });
}

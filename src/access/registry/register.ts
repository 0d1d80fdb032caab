import { type Activation, type Application, type Organisation, toInstant } from '#domain';
import type { Collection } from '#storage';
import { type AccessParts, collectionsOf } from '../parts.js';

interface By {
  /** Who does it: an organisation number, a BrukerId or `operator`. */
  readonly actor: string;
}

/** Registers an organisation, or replaces what is registered under its number. */
export async function registerOrganisation(parts: AccessParts, organisation: Organisation, by: By): Promise<void> {
  await replace(parts, collectionsOf(parts.store).organisations, organisation, 'organisation.register', by);
}

/** Registers an application, or replaces what is registered under its App-ID. */
export async function registerApplication(parts: AccessParts, application: Application, by: By): Promise<void> {
  await replace(parts, collectionsOf(parts.store).applications, application, 'application.register', by);
}

/** Switches an application on or off for a konsument. */
export async function activateApplication(parts: AccessParts, activation: Omit<Activation, 'changedAt'>, by: By): Promise<void> {
  const action = activation.active ? 'activation.activate' : 'activation.deactivate';
  const changedAt = toInstant(parts.clock());
  await replace(parts, collectionsOf(parts.store).activations, { ...activation, changedAt }, action, by);
}

async function replace<T>({ clock }: AccessParts, collection: Collection<T>, value: T, action: string, { actor }: By): Promise<void> {
  await collection.put(value, { expect: 'any', facts: { action, at: toInstant(clock()), actor } });
}

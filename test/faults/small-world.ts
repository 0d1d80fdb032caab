import type { AccessParts } from '#access';
import type { Config } from '#config';
import { demoWorld, fillDemoWorld } from '#demo';
import { type AppId, type BrukerId, type Orgnr, toInstant } from '#domain';
import { openAccess } from '#installation';
import { newPersons } from '../fixtures/demo-folder.js';
import { demoConfig } from '../fixtures/filled-folder.js';
import type { Holder } from '../fixtures/gateway.js';

/** Gives and withdraws. */
export const OSLO = '958935420' as Orgnr;
export const OSLO_LEADER: Holder = { person: 'oslo-leder' };
/** Has given to everybody, and switches the application on and off. */
export const BERGEN = '964338531' as Orgnr;
export const BERGEN_LEADER: Holder = { person: 'bergen-leder' };
/** Asks. */
export const CLIENT: Holder = { client: 'fhi' };
const FHI = '983744516';

/** A person of a small world; reports name the place among the persons, never the number. */
export interface SmallPerson {
  readonly name: string;
  readonly brukerIdent: string;
  readonly brukerId: BrukerId;
}

/** As much of the demo world as changes and questions need: two kommuner, one application, some persons. Opens in a tenth of its time. */
export interface SmallWorld {
  readonly config: Config;
  readonly appId: AppId;
  readonly persons: readonly SmallPerson[];
}

/** Fills a store that is empty. @param more settings, such as another store than that of the data folder */
export async function fillSmallWorld(data: string, persons: number, more: Partial<Config> = {}): Promise<SmallWorld> {
  const config = demoConfig(data, more);
  const whole = demoWorld(toInstant(Date.now()));
  const { appId } = whole.first;
  const isHere = (orgnr: Orgnr): boolean => orgnr === OSLO || orgnr === BERGEN;
  const numbers = newPersons(persons, whole);
  const { access, close } = await openAccess(config);
  await fillDemoWorld(access, {
    ...whole,
    organisations: whole.organisations.filter(({ orgnr }) => isHere(orgnr) || orgnr === FHI),
    applications: whole.applications.filter(({ id }) => id === appId),
    activations: whole.activations.filter((one) => one.appId === appId && isHere(one.konsument)),
    persons: [],
    grants: numbers.map((brukerIdent) => ({ appId, brukerIdent, konsument: BERGEN, roles: ['use'], sort: 'open' })),
    administrators: whole.administrators.filter(({ orgnr }) => isHere(orgnr)),
  });
  const named = numbers.map((brukerIdent, i) => ({ name: `person ${i}`, brukerIdent, brukerId: access.vault.nameOf(brukerIdent) }));
  await close();
  return { config, appId, persons: named };
}

/** The place that a konsument's grant to a person is. */
export function grantPlace(konsument: Orgnr, person: Pick<SmallPerson, 'name'>): string {
  return `${konsument}, ${person.name}`;
}

/** The place that a konsument's activation is. */
export function activationPlace(konsument: Orgnr): string {
  return `${konsument}, switched on`;
}

/** Opens what the gateways work on, beside them. */
export async function opened<T>({ config }: SmallWorld, work: (access: AccessParts) => Promise<T>): Promise<T> {
  const { access, close } = await openAccess(config);
  return work(access).finally(close);
}

import { join } from 'node:path';
import {
  appointAdministrator,
  giveGrants,
  operatorRequest,
  partsFor,
  type RotationOutcome,
  type RotationTerms,
  registerApplication,
  registerOrganisation,
  rotateSecrets,
  sealedPlaces,
  setActivation,
} from '#access';
import type { Config } from '#config';
import type { PersonNumber } from '#domain';
import { fitBundle, installOn, type OpenInstallation, presenceIn } from '#installation';
import type { Store } from '#storage';
import { openStore } from '#stores';
import { APP, persons, SANDVIK, TILBYDER } from '../access/world.js';
import { demoConfig } from '../fixtures/filled-folder.js';
import { temporaryFolder } from '../fixtures/gateway.js';

export const operator = operatorRequest();
export const PERSONS = persons.slice(0, 20);

interface Ending {
  teardown(end: () => unknown): void;
}

/** Settings of a small production store. */
export function smallConfig(t: Ending, more: Partial<Config> = {}): Config {
  return demoConfig(join(temporaryFolder(t), 'data'), { mode: 'production', ...more });
}

const stores = new Map<string, Promise<Store>>();
let bundle: ReturnType<typeof fitBundle> | undefined;

/** An installation at work, closed when the test ends; all over one folder share a store, as processes do. @param isSeen whether the others are told of it */
export async function opened(t: Ending, config: Config, isSeen = true): Promise<OpenInstallation> {
  const { data } = config;
  let opening = stores.get(data);
  if (opening === undefined) {
    opening = openStore(config, Date.now);
    stores.set(data, opening);
    t.teardown(async () => (await opening)?.close());
  }
  bundle ??= fitBundle(config);
  const store = lent(await opening);
  const parts = { bundle: await bundle, clock: Date.now, isSeen, presence: presenceIn(store, Date.now) };
  const installation = await installOn(store, config, parts);
  t.teardown(() => installation.close());
  return installation;
}

/** The store, which whoever has it does not close. LMDB waits for ever where two of one process write to one folder. */
function lent(store: Store): Store {
  return {
    collection: (entity) => store.collection(entity),
    read: (refs) => store.read(refs),
    recall: (collection, key) => store.recall(collection, key),
    events: store.events,
    position: () => store.position(),
    reach: (position) => store.reach(position),
    check: () => store.check(),
    close: async () => {},
  };
}

/** Two organisations, an application that twenty persons may use, two administrators. */
export async function fillSmall({ installation }: OpenInstallation): Promise<void> {
  const parts = partsFor(installation);
  for (const [i, orgnr] of [TILBYDER, SANDVIK].entries()) {
    const fiksOrgId = `00000000-0000-4000-8000-00000000000${i}`;
    await registerOrganisation(parts, operator, { orgnr, name: `N${i}`, fiksOrgId, mayBeTilbyder: i === 0, mayBeKonsument: i === 1 });
  }
  await registerApplication(parts, operator, {
    id: APP,
    tilbyder: TILBYDER,
    name: { nb: 'A' },
    description: { nb: '' },
    url: 'https://a.example',
    state: 'active',
    roles: ['use'],
  });
  await setActivation(parts, operator, { appId: APP, orgnr: SANDVIK }, { active: true }, 'any');
  await giveGrants(
    parts,
    operator,
    PERSONS.map((person) => ({ appId: APP, person, konsument: SANDVIK, roles: ['use'] })),
  );
  for (const person of PERSONS.slice(0, 2)) {
    await appointAdministrator(parts, operator, SANDVIK, person as PersonNumber, { roles: ['organisasjonsadministrator'] });
  }
}

/** Carries a rotation on, without waiting for anybody. @param onStep may throw, as if the process were killed there */
export function rotate({ installation }: OpenInstallation, more: Partial<RotationTerms> = {}): Promise<RotationOutcome> {
  const terms = { places: sealedPlaces, onStep: () => {}, patienceMs: 0, graceMs: 0, ...more };
  return rotateSecrets(partsFor(installation), operator, terms);
}

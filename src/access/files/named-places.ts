import {
  type AppId,
  type Fault,
  isFault,
  type Kommunenummer,
  type Organisation,
  type Orgnr,
  parseAppId,
  parseKommunenummer,
  parseOrgnr,
} from '#domain';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { type AccessParts, collectionsOf } from '../parts.js';

/** The applications and organisations that the lines of a file name, read and asked about once each. */
export interface NamedPlaces {
  /** Gets to know what a line names; a promise only if something of it is new. */
  learn(fields: Readonly<Record<string, unknown>>): Promise<void> | undefined;
  /** Whether there is such an application, for this caller. */
  hasApplication(appId: AppId): boolean;
  /** Whose the kommunenummer is; absent if it is nobody's for whom this caller may give. */
  ofKommune(kommunenummer: Kommunenummer): Orgnr | undefined;
  hasOrganisation(orgnr: Orgnr): boolean;
}

/**
 * Places as a file names them. Only what is named is read, so that the import costs nothing for what others have registered; what may not be seen
 * or given for is known as little as what does not exist.
 * @param own the organisation that all lines are for; `all` for the operator
 */
export function namedPlaces(parts: AccessParts, request: AdminRequest, own: Organisation | 'all'): NamedPlaces {
  const orgnr = own === 'all' ? own : own.orgnr;
  const applications = new Map<AppId, boolean>();
  const organisations = new Map<Orgnr, boolean>();
  const kommuner = new Map<Kommunenummer, Orgnr>();
  if (own !== 'all') {
    organisations.set(own.orgnr, true);
    if (own.kommunenummer !== undefined) kommuner.set(own.kommunenummer, own.orgnr);
  }
  const learnApplication = async (appId: AppId): Promise<void> => {
    const { shown, basis } = await authorize(parts, request, { action: 'grant.import', orgnr, named: [appId] });
    // One that does not exist is not remembered: a file could name very many.
    if (basis.named[0] !== undefined) applications.set(appId, shown[0] === true);
  };
  const learnOrganisation = async (found: Organisation | undefined): Promise<void> => {
    if (found === undefined || organisations.has(found.orgnr)) return;
    const { organisationFaults } = await authorize(parts, request, { action: 'grant.import', orgnr: 'all', organisations: [found] });
    const isOpen = organisationFaults[0]?.length === 0;
    organisations.set(found.orgnr, isOpen);
    if (isOpen && found.kommunenummer !== undefined) kommuner.set(found.kommunenummer, found.orgnr);
  };
  const known = collectionsOf(parts.store).organisations;
  const newIn = (fields: Readonly<Record<string, unknown>>): (() => Promise<void>)[] => {
    const news: (() => Promise<void>)[] = [];
    const appId = parsed(fields['app'], parseAppId);
    if (appId !== undefined && !applications.has(appId)) news.push(() => learnApplication(appId));
    if (own !== 'all') return news;
    const named = parsed(fields['orgnr'], parseOrgnr);
    const kommune = parsed(fields['kommune'], parseKommunenummer);
    if (named !== undefined && !organisations.has(named)) news.push(async () => learnOrganisation((await known.get(named))?.value));
    if (kommune !== undefined && !kommuner.has(kommune)) {
      const where = { index: 'kommunenummer', equals: kommune, limit: 1 };
      news.push(async () => learnOrganisation((await known.query(where)).items[0]?.value));
    }
    return news;
  };
  return {
    learn(fields) {
      const news = newIn(fields);
      if (news.length === 0) return undefined;
      return Promise.all(news.map((one) => one())).then(() => {});
    },
    hasApplication: (appId) => applications.get(appId) === true,
    ofKommune: (kommunenummer) => kommuner.get(kommunenummer),
    hasOrganisation: (named) => organisations.get(named) === true,
  };
}

function parsed<T>(value: unknown, parse: (text: string) => T | Fault): T | undefined {
  if (typeof value !== 'string') return undefined;
  const found = parse(value.trim());
  return isFault(found) ? undefined : found;
}

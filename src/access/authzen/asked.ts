import {
  type AppId,
  type BrukerId,
  isFault,
  type PersonNumber,
  parseAppId,
  parseBrukerId,
  parsePersonNumber,
  type SecurityLevel,
  securityLevelOf,
} from '#domain';
import { invalid } from '#problem';
import type { AccessParts } from '../parts.js';
import type { Entity, Properties, Sought } from './nouns.js';

/** Subjects that are judged by grants. */
export const PERSON = 'person';
/** Resources that are judged by grants: an application, perhaps for one organisation; and an organisation, in an application. */
export const APPLICATION = 'application';
/** See APPLICATION. */
export const ORGANISATION = 'organisation';

/** Subjects that another room judges, where it is at work; see RoomKinds. */
export const SYSTEM_USER = 'systemuser';
/** Its resources: services. */
export const RESOURCE = 'resource';

/** Which organisation is asked about: whatever of it is told must be its own. */
export interface Named {
  readonly kommune?: string;
  readonly orgnr?: string;
  readonly fiksOrgId?: string;
}

/** An application, and for which organisation. */
export interface AskedPlace {
  /** Absent if what was sent is no App-ID. */
  readonly appId: AppId | undefined;
  /** Nothing of it: any organisation will do. */
  readonly named: Named;
}

/** Of kinds that nobody judges by grants. */
export const NOWHERE: AskedPlace = Object.freeze({ appId: undefined, named: Object.freeze({}) });

const PROPERTIES = '/resource/properties';
/** The names by which an organisation can be told, as properties. */
const NAMES = ['kommune', 'orgnr', 'fiksOrgId'] as const;

/** The place that is asked about, if who and what are of the kinds that are judged by grants. @throws as placeOf */
export function judgedPlace(subject: Pick<Entity, 'type'>, resource: Entity): AskedPlace | undefined {
  const isJudged = subject.type === PERSON && (resource.type === APPLICATION || resource.type === ORGANISATION);
  return isJudged ? placeOf(resource) : undefined;
}

/** The place that a resource names. @throws ProblemError `invalid-request` for a property that must be a text and is none */
function placeOf(resource: Entity): AskedPlace {
  const { id, type, properties = {} } = resource;
  if (type === APPLICATION) return { appId: appIdOf(id), named: namedIn(properties, PROPERTIES) };
  const { appId, named } = soughtPlace(resource);
  return { appId, named: { ...named, orgnr: id } };
}

/** The application in which organisations are sought, and what they must have. @throws ProblemError `invalid-request` */
export function soughtPlace({ properties = {} }: Sought): AskedPlace {
  const application = textIn(properties, 'application', PROPERTIES);
  if (application === undefined)
    throw invalid(`${PROPERTIES}/application`, 'is missing: it is the App-ID of the application that is asked about');
  return { appId: appIdOf(application), named: namedIn(properties, PROPERTIES) };
}

/** The organisation that properties name. @param at pointer to them @throws ProblemError `invalid-request` */
export function namedIn(properties: Properties, at: string): Named {
  const named: Record<string, string> = {};
  for (const name of NAMES) {
    const value = textIn(properties, name, at);
    if (value !== undefined) named[name] = value;
  }
  return named;
}

function textIn(properties: Properties, name: string, at: string): string | undefined {
  const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(`${at}/${name}`, 'must be a text');
}

/**
 * Who is asked about: a person number, or the brukerId that this installation knows the person by. Whatever else was sent is somebody whom nobody knows,
 * and is judged as such.
 */
export function personOf(
  { id }: Pick<Entity, 'id'>,
  { vault }: Pick<AccessParts, 'vault'>,
): PersonNumber | { readonly brukerId: BrukerId } {
  const number = parsePersonNumber(id);
  if (!isFault(number)) return number;
  const brukerId = parseBrukerId(id);
  return { brukerId: isFault(brukerId) ? (vault.fingerprintOf(id) as BrukerId) : brukerId };
}

/** How surely the person was recognised, by the `acr` of the context. @throws ProblemError `invalid-request` */
export function levelIn(context: Properties = {}): SecurityLevel | undefined {
  const acr = textIn(context, 'acr', '/context');
  return acr === undefined ? undefined : securityLevelOf(acr);
}

const appIdOf = rememberingLast((text): AppId | undefined => {
  const appId = parseAppId(text);
  return isFault(appId) ? undefined : appId;
});

/** The same, with the last text remembered: most questions of a list are about one application and one role. */
export function rememberingLast<T>(read: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly value: T } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, value: read(text) };
    return last.value;
  };
}

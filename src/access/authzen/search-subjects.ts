import {
  type Application,
  type BrukerId,
  type Fault,
  type GrantDocument,
  isFault,
  type Orgnr,
  parseKommunenummer,
  parseOrgnr,
  present,
  toInstant,
} from '#domain';
import { ownOrganisation } from '../administer/act.js';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { clearedApplication } from '../administer/clearances.js';
import { judgeMany } from '../ask/judge-access.js';
import { bindingOf, loadAround } from '../ask/load-decision.js';
import { mayAsk } from '../ask/may-ask.js';
import { pickedPage } from '../pages.js';
import { type AccessParts, collectionsOf, konsumentIndex } from '../parts.js';
import { judgedPlace, levelIn, type Named, NOWHERE, PERSON } from './asked.js';
import { type Asking, isNamed } from './asking.js';
import { isWholeRefusal, roleOf } from './evaluate.js';
import type { Action, Entity, Properties, Sought } from './nouns.js';
import { type AskedPage, type Found, placeIn } from './page-place.js';
import { searchKinds } from './search-kinds.js';

/** Who may do that to the resource? */
export interface SubjectQuestion {
  readonly subject: Sought;
  readonly action: Action;
  readonly resource: Entity;
  readonly context?: Properties;
}

/**
 * The persons who may use an application for an organisation (AuthZEN 1.0 §8.4), by brukerId, in a stable order: for whoever may list the organisation's
 * grants. Each that is found evaluates to a yes, each other one to a no.
 * @param who names the caller, for the token of the next page
 * @throws ProblemError as authorize says; `invalid-request`, `evaluation-failed`
 */
export async function searchSubjects(
  asking: Asking,
  request: AdminRequest,
  { subject, action, resource, context }: SubjectQuestion,
  page: AskedPage,
  who: string,
): Promise<Found<Entity>> {
  const { parts } = asking;
  const kinds = asking.kindsOf(subject.type, resource.type);
  if (kinds !== undefined) {
    return searchKinds(asking, kinds, { search: 'subject', subject, action, resource, context }, page, who);
  }
  const place = placeIn(parts, page, ['subject', who, subject.type, subject.properties, action, resource, context]);
  const room = asking.roomOf(subject.type, resource.type);
  if (room !== undefined) return room.subjects(asking, { subject, action, resource, context }, place);
  const asked = judgedPlace(subject, resource);
  const { appId, named } = asked ?? NOWHERE;
  const orgnr = await orgnrOf(parts, named, request);
  if (asked === undefined) {
    const { reasons } = await mayAsk(parts.judge, asking.caller, undefined);
    if (isWholeRefusal(reasons)) await authorize(parts, request, { action: 'grant.list', orgnr });
    return { results: [] };
  }
  const clearance = await authorize(parts, request, { action: 'grant.list', orgnr, about: { appId } });
  if (!isNamed(clearance.organisation, named)) return { results: [] };
  const application = clearedApplication(clearance);
  const securityLevel = levelIn(context);
  const where = { index: 'konsument', equals: konsumentIndex(clearance.organisation.orgnr, application.id, 'kept') };
  const range = present({ limit: place.limit, cursor: place.from });
  const holders = { konsument: clearance.organisation.orgnr, role: roleOf(action.name), securityLevel };
  const { items, next } = await pickedPage(collectionsOf(parts.store).grantDocuments, where, range, (documents) =>
    mayUse(
      parts,
      application,
      documents.map(({ value }) => value),
      holders,
    ),
  );
  const results = items.map((id): Entity => ({ type: PERSON, id }));
  return next === undefined ? { results } : { results, nextToken: place.next(next) };
}

/** The organisation whose people are sought: the one that is named, else the machine's own. What is no number of one is nobody's, and is not kept. */
async function orgnrOf({ store }: AccessParts, { orgnr, kommune }: Named, { caller }: AdminRequest): Promise<Orgnr | undefined> {
  if (orgnr !== undefined) return unlessFault(parseOrgnr(orgnr));
  if (kommune === undefined) return ownOrganisation(caller);
  const equals = unlessFault(parseKommunenummer(kommune));
  if (equals === undefined) return undefined;
  const { items } = await collectionsOf(store).organisations.query({ index: 'kommunenummer', equals, limit: 1 });
  return items[0]?.value.orgnr;
}

function unlessFault<T>(parsed: T | Fault): T | undefined {
  return isFault(parsed) ? undefined : parsed;
}

interface Holders {
  readonly konsument: Orgnr;
  readonly role: string;
  readonly securityLevel: ReturnType<typeof levelIn>;
}

/** Whose documents give the konsument's access now, by the same rules as a decision about each of them. */
async function mayUse(
  parts: AccessParts,
  application: Application,
  documents: readonly GrantDocument[],
  { konsument, role, securityLevel }: Holders,
): Promise<readonly BrukerId[]> {
  const time = toInstant(parts.clock());
  parts.ownBundles.assertFresh(application.id);
  const rules = parts.ownBundles.rulesOf(await bindingOf(parts, application.id));
  const own = rules instanceof Promise ? await rules : rules;
  // The standard rules judge each grant by itself; rules of the application's own see all of them, as in a decision.
  const judged =
    own === undefined ? documents.map(({ grants }) => ({ grants: grants.filter((one) => one.konsument === konsument) })) : documents;
  const grants = await loadAround(parts, application.id, judged);
  const subjects = documents.map(({ brukerId: subject }, i) => ({ subject, grants: grants[i] ?? [] }));
  const covering = await judgeMany(parts.judge, own, { application, role, time, securityLevel }, subjects);
  return subjects.flatMap(({ subject }, i) => (covering[i]?.some(({ grant }) => grant.konsument === konsument) === true ? [subject] : []));
}

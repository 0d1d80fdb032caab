import { type AppId, type Organisation, type Orgnr, present } from '#domain';
import { mayAsk } from '../ask/may-ask.js';
import { pickedPage } from '../pages.js';
import { collectionsOf, stageIndex } from '../parts.js';
import { inTurns } from '../turns.js';
import { APPLICATION, judgedPlace, levelIn, NOWHERE, namedIn, ORGANISATION, PERSON, soughtPlace } from './asked.js';
import { type Asking, isNamed } from './asking.js';
import { assertMayAsk, roleOf } from './evaluate.js';
import type { Action, Entity, Properties, Sought } from './nouns.js';
import { type AskedPage, type Found, type PagePlace, pageOf, placeIn } from './page-place.js';
import { searchKinds } from './search-kinds.js';

/** On what may the subject do that? */
export interface ResourceQuestion {
  readonly subject: Entity;
  readonly action: Action;
  readonly resource: Sought;
  readonly context?: Properties;
}

/** What may the subject do to the resource? */
export interface ActionQuestion {
  readonly subject: Entity;
  readonly resource: Entity;
  readonly context?: Properties;
}

/**
 * The resources of a kind on which the subject may do that (AuthZEN 1.0 §8.5): organisations, of an application; or applications of the tilbyder that asks.
 * Each that is found evaluates to a yes, each other one to a no. Of kinds that nobody here judges nothing is found.
 * @param who names the caller, for the token of the next page
 * @throws MayNotAsk; ProblemError `invalid-request`, `evaluation-failed`
 */
export async function searchResources(
  asking: Asking,
  { subject, action, resource, context }: ResourceQuestion,
  page: AskedPage,
  who: string,
): Promise<Found<Entity>> {
  const kinds = asking.kindsOf(subject.type, resource.type);
  if (kinds !== undefined) {
    return searchKinds(asking, kinds, { search: 'resource', subject, action, resource, context }, page, who);
  }
  const place = placeIn(asking.parts, page, ['resource', who, subject, action, resource.type, resource.properties, context]);
  const room = asking.roomOf(subject.type, resource.type);
  if (room !== undefined) return room.resources(asking, { subject, action, resource, context }, place);
  const role = roleOf(action.name);
  if (subject.type === PERSON && resource.type === ORGANISATION) {
    const { appId, named } = soughtPlace(resource);
    // The very question of the Tilgang API.
    const answer = await asking.search({ appId, subject, role, securityLevel: levelIn(context), purpose: 'login' });
    assertMayAsk(answer);
    const found = answer.organisations.filter((one) => isNamed(one, named)).map((one) => organisationEntity(one, appId as AppId));
    return pageOf(found, place);
  }
  assertMayAsk(await mayAsk(asking.parts.judge, asking.caller, undefined));
  if (subject.type !== PERSON || resource.type !== APPLICATION) return { results: [] };
  const { items, next } = await usableApplications(asking, { subject, action, resource, ...present({ context }) }, place);
  const results = items.map((id): Entity => ({ type: APPLICATION, id }));
  return next === undefined ? { results } : { results, nextToken: place.next(next) };
}

function organisationEntity({ orgnr, kommunenummer: kommune, fiksOrgId }: Organisation, application: AppId): Entity {
  return { type: ORGANISATION, id: orgnr, properties: present({ application, kommune, fiksOrgId }) };
}

/** The tilbyder's own applications, in a stable order, that the person may use for the organisation that is named, or for any. */
function usableApplications(asking: Asking, { subject, action, resource, context }: ResourceQuestion, { limit, from: cursor }: PagePlace) {
  const tilbyder = asking.caller.kind === 'machine' ? asking.caller.consumer : ('' as Orgnr);
  const named = namedIn(resource.properties ?? {}, '/resource/properties');
  const securityLevel = levelIn(context);
  const role = roleOf(action.name);
  const where = { index: 'stage', equals: stageIndex(tilbyder, 'active') };
  return pickedPage(collectionsOf(asking.parts.store).applications, where, present({ limit, cursor }), async (documents) => {
    const answers = await inTurns(documents, ({ value: { id: appId } }) =>
      asking.search({ appId, subject, role, securityLevel, purpose: 'list' }),
    );
    return documents.flatMap(({ value }, i) => (answers[i]?.organisations.some((one) => isNamed(one, named)) === true ? [value.id] : []));
  });
}

/**
 * What the subject may do to the resource (AuthZEN 1.0 §8.6): the roles of the application that the person holds, in the order of their names.
 * @throws as searchResources
 */
export async function searchActions(
  asking: Asking,
  { subject, resource, context }: ActionQuestion,
  page: AskedPage,
  who: string,
): Promise<Found<Action>> {
  const kinds = asking.kindsOf(subject.type, resource.type);
  if (kinds !== undefined) {
    return searchKinds(asking, kinds, { search: 'action', subject, resource, context }, page, who);
  }
  const place = placeIn(asking.parts, page, ['action', who, subject, resource, context]);
  const room = asking.roomOf(subject.type, resource.type);
  if (room !== undefined) return room.actions(asking, { subject, resource, context }, place);
  const asked = judgedPlace(subject, resource);
  const { appId, named } = asked ?? NOWHERE;
  const securityLevel = asked && levelIn(context);
  const application = appId === undefined ? undefined : await collectionsOf(asking.parts.store).applications.get(appId);
  const permission = await mayAsk(asking.parts.judge, asking.caller, application?.value);
  assertMayAsk(permission);
  if (!permission.allowed || application === undefined) return { results: [] };
  const roles = application.value.roles.toSorted();
  const answers = await inTurns(roles, (role) => asking.search({ appId, subject, role, securityLevel, purpose: 'list' }));
  const held = roles.filter((_, i) => answers[i]?.organisations.some((one) => isNamed(one, named)) === true);
  return pageOf(
    held.map((name) => ({ name })),
    place,
  );
}

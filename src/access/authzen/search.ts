import { type AppId, type Organisation, type Orgnr, present } from '#domain';
import type { PageRange } from '../pages.js';
import { pickedPage } from '../pages.js';
import { collectionsOf, stageIndex } from '../parts.js';
import { APPLICATION, levelIn, namedIn, ORGANISATION, PERSON, placeOf, soughtPlace } from './asked.js';
import { type Asking, isNamed } from './asking.js';
import { assertMayAsk, roleOf } from './evaluate.js';
import type { Action, Entity, Properties, Sought } from './nouns.js';
import { type AskedPage, type Found, MAX_PAGE, openPlace, sealPlace } from './page-place.js';
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
  const asked = ['resource', who, subject, action, resource.type, resource.properties, context];
  const from = openPlace(asking.parts, page.token, asked);
  const limit = page.limit ?? MAX_PAGE;
  const role = roleOf(action.name);
  if (subject.type === PERSON && resource.type === ORGANISATION) {
    const { appId, named } = soughtPlace(resource);
    const answer = await asking.search({ appId, subject, role, securityLevel: levelIn(context) });
    assertMayAsk(answer);
    const found = answer.organisations.filter((one) => isNamed(one, named) && (from === undefined || one.orgnr > from));
    const listed = found.slice(0, limit);
    const results = listed.map((one) => organisationEntity(one, appId as AppId));
    const next = found.length > limit ? sealPlace(asking.parts, listed.at(-1)?.orgnr as string, asked) : undefined;
    return present({ results, nextToken: next });
  }
  assertMayAsk(await asking.search({ appId: undefined, subject, role, securityLevel: undefined }));
  if (subject.type !== PERSON || resource.type !== APPLICATION) return { results: [] };
  const { items, next } = await usableApplications(
    asking,
    { subject, action, resource, ...present({ context }) },
    present({ limit, cursor: from }),
  );
  const results = items.map((id): Entity => ({ type: APPLICATION, id }));
  return present({ results, nextToken: next === undefined ? undefined : sealPlace(asking.parts, next, asked) });
}

function organisationEntity({ orgnr, kommunenummer: kommune, fiksOrgId }: Organisation, application: AppId): Entity {
  return { type: ORGANISATION, id: orgnr, properties: present({ application, kommune, fiksOrgId }) };
}

/** The tilbyder's own applications, in a stable order, that the person may use for the organisation that is named, or for any. */
function usableApplications(asking: Asking, { subject, action, resource, context }: ResourceQuestion, range: PageRange) {
  const tilbyder = asking.caller.kind === 'machine' ? asking.caller.consumer : ('' as Orgnr);
  const named = namedIn(resource.properties ?? {}, '/resource/properties');
  const securityLevel = levelIn(context);
  const role = roleOf(action.name);
  const where = { index: 'stage', equals: stageIndex(tilbyder, 'active') };
  return pickedPage(collectionsOf(asking.parts.store).applications, where, range, async (documents) => {
    const answers = await Promise.all(documents.map(({ value: { id: appId } }) => asking.search({ appId, subject, role, securityLevel })));
    return documents.flatMap(({ value }, i) => (answers[i]?.organisations.some((one) => isNamed(one, named)) === true ? [value.id] : []));
  });
}

/**
 * What the subject may do to the resource (AuthZEN 1.0 §8.6): the roles of the application that the person holds, in its order. One page.
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
  const isJudged = subject.type === PERSON && (resource.type === APPLICATION || resource.type === ORGANISATION);
  const { appId, named } = isJudged ? placeOf(resource) : { appId: undefined, named: {} };
  const securityLevel = isJudged ? levelIn(context) : undefined;
  const first = await asking.search({ appId, subject, role: '', securityLevel });
  assertMayAsk(first);
  if (!first.allowed || appId === undefined) return { results: [] };
  const roles = (await collectionsOf(asking.parts.store).applications.get(appId))?.value.roles ?? [];
  const answers = await Promise.all(roles.map((role) => asking.search({ appId, subject, role, securityLevel })));
  return { results: roles.flatMap((name, i) => (answers[i]?.organisations.some((one) => isNamed(one, named)) === true ? [{ name }] : [])) };
}

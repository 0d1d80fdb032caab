import {
  type Action,
  type Entity,
  type Evaluation,
  type Found,
  type PagePlace,
  pageOf,
  pickedFrom,
  RESOURCE,
  type RoomAsker,
  type RoomDecision,
  type RoomKinds,
  type RoomSearch,
  SYSTEM_USER,
} from '#access';
import { isFault, type Orgnr, parseOrgnr, present } from '#domain';
import { invalid, ProblemError } from '#problem';
import type { Stored } from '#storage';
import { ofParty } from '../entities.js';
import type { AgentClient, Resource, ResourceId, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { type ActingQuestion, type Decision, decideActing, idOf } from './decide.js';
import { type AskedAbout, Permissions } from './may-ask.js';
import { explained } from './reason-texts.js';

/** System users as subjects, and services as resources, of the decision point (AuthZEN 1.0): what they may do is what systembruker/acting says. */
export const systemUserKinds: RoomKinds = {
  subject: SYSTEM_USER,
  resource: RESOURCE,
  decide,
  subjects: searchSystemUsers,
  resources: searchServices,
  actions: searchActions,
};

/** A question as it was read: its service is looked for, and its organisation known. */
interface Read extends Omit<ActingQuestion, 'resource'> {
  readonly resourceId: string;
}

async function decide({ parts, caller }: RoomAsker, questions: readonly Evaluation[]): Promise<readonly (RoomDecision | ProblemError)[]> {
  const read = questions.map(readOrFault);
  const services = await servicesOf(
    parts,
    read.flatMap((one) => (one instanceof ProblemError ? [] : one.resourceId)),
  );
  const permissions = new Permissions(parts.judge, caller);
  if (read.every((one) => one instanceof ProblemError)) await permissions.about({ owner: undefined, organisation: undefined });
  const answers: (RoomDecision | ProblemError | ActingQuestion)[] = [];
  for (const one of read) {
    if (one instanceof ProblemError) {
      answers.push(one);
      continue;
    }
    const resource = services.get(one.resourceId);
    const { allowed, reasons, decisionId } = await permissions.about(aboutOf(one, resource));
    const { resourceId: _, ...question } = one;
    // For whom one is asked may be told of itself, and yet have no such service.
    if (allowed && resource !== undefined) answers.push({ ...question, resource });
    else answers.push({ decision: false, reasons: explained(allowed ? ['resource_unknown'] : reasons), decisionId });
  }
  const asked = answers.filter((one) => 'resource' in one) as readonly ActingQuestion[];
  const decided = await decideActing(parts, asked, { caller });
  let at = 0;
  return answers.map((one) => {
    if (!('resource' in one)) return one;
    const answer = decided[at++] as Decision | ProblemError;
    return answer instanceof ProblemError ? answer : { ...answer, reasons: explained(answer.reasons) };
  });
}

function aboutOf({ organisation }: Pick<Read, 'organisation'>, resource: Resource | undefined): AskedAbout {
  return { owner: resource?.owner, organisation };
}

/** What is wrong with one question of a list is told in its place. */
function readOrFault({ subject, action, resource }: Evaluation): Read | ProblemError {
  try {
    return {
      systemUserId: subject.id,
      action: action.name,
      resourceId: resource.id,
      organisation: organisationIn(resource),
    };
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
}

/** @throws ProblemError `invalid-request` if none is named: what was meant is not guessed */
function organisationIn({ properties = {} }: Pick<Entity, 'properties'>): Orgnr | undefined {
  const at = '/resource/properties';
  const text = textIn(properties, 'orgnr', at);
  if (text === undefined) throw invalid(`${at}/orgnr`, 'is missing: it is the organisation number of whom the system user is to act for');
  const orgnr = parseOrgnr(text);
  return isFault(orgnr) ? undefined : orgnr;
}

function textIn(properties: object, name: string, at: string): string | undefined {
  const value = Object.hasOwn(properties, name) ? (properties as Record<string, unknown>)[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(`${at}/${name}`, 'must be a text');
}

/** No other text is a key of the store. */
const RESOURCE_ID = /^[!-~]{1,200}$/;

async function servicesOf({ store }: SystembrukerParts, ids: readonly string[]): Promise<ReadonlyMap<string, Resource>> {
  const wanted = [...new Set(ids)].filter((id) => RESOURCE_ID.test(id));
  const found = wanted.length === 0 ? [] : await collectionsOf(store).resources.getMany(wanted);
  return new Map(found.flatMap((one) => (one === undefined ? [] : [[one.value.id, one.value] as const])));
}

/** What the system user may do to the service: its actions, in the order of their names. */
async function searchActions(
  { parts, caller }: RoomAsker,
  { subject, resource }: RoomSearch & { readonly subject: Entity; readonly resource: Entity },
  place: PagePlace,
): Promise<Found<Action>> {
  const organisation = organisationIn(resource);
  const service = (await servicesOf(parts, [resource.id])).get(resource.id);
  const { allowed } = await new Permissions(parts.judge, caller).about({ owner: service?.owner, organisation });
  if (!allowed || service === undefined) return { results: [] };
  const actions = [...new Set(service.actions)].sort();
  const base = { systemUserId: subject.id, resource: service, organisation };
  const decided = await decideActing(
    parts,
    actions.map((action) => ({ ...base, action })),
    { caller, isForList: true },
  );
  const may = yesOf(actions, decided);
  return pageOf(
    may.map((name) => ({ name })),
    place,
  );
}

/**
 * The services at which the system user may do it, in the order of their ids: for a service's owner its own, for an organisation, of what is done in its
 * name, all. Nothing of the system user is read for anybody else.
 */
async function searchServices(
  { parts, caller }: RoomAsker,
  { subject, resource, action }: RoomSearch & { readonly subject: Entity; readonly action: Action },
  place: PagePlace,
): Promise<Found<Entity>> {
  const organisation = organisationIn(resource);
  const permissions = new Permissions(parts.judge, caller);
  const { allowed: isOwnAffair } = await permissions.about({ owner: undefined, organisation });
  const own = isOwnAffair ? undefined : await ownServices(parts, caller.kind === 'machine' ? caller.consumer : undefined);
  if (own?.size === 0) return { results: [] };
  const systemUser = await systemUserOf(parts, subject.id);
  const ids = await givenServices(parts, systemUser?.value);
  const candidates = ids.filter((id) => (own === undefined || own.has(id)) && (place.from === undefined || id > place.from));
  const services = await servicesOf(parts, candidates);
  const asked: ActingQuestion[] = [];
  for (const id of candidates) {
    const service = services.get(id);
    if (service === undefined || !(await permissions.about({ owner: service.owner, organisation })).allowed) continue;
    asked.push({ systemUserId: subject.id, action: action.name, resource: service, organisation });
  }
  const known = new Map(systemUser === undefined ? [] : [[systemUser.value.id, systemUser]]);
  const may = yesOf(asked, await decideActing(parts, asked, { caller, isForList: true }, known));
  return pageOf(
    may.map(({ resource: { id } }) => ({ type: RESOURCE, id })),
    place,
  );
}

async function ownServices({ store }: SystembrukerParts, owner: Orgnr | undefined): Promise<ReadonlySet<string>> {
  const own = new Set<string>();
  if (owner === undefined) return own;
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await collectionsOf(store).resources.query({ index: 'owner', prefix: `${owner}/`, limit: 200, ...present({ cursor }) });
    for (const { value } of page.items) own.add(value.id);
    cursor = page.next;
  }
  return own;
}

async function systemUserOf({ store }: SystembrukerParts, id: string): Promise<Stored<SystemUser> | undefined> {
  const key = idOf(id);
  return key === undefined ? undefined : collectionsOf(store).systemUsers.get(key);
}

/** The services that a system user has been given, by right or by package, each once, in the order of their ids. */
async function givenServices({ store }: SystembrukerParts, systemUser: SystemUser | undefined): Promise<readonly ResourceId[]> {
  if (systemUser === undefined) return [];
  const { rights, packages } = systemUser.has;
  const found = packages.length === 0 ? [] : await collectionsOf(store).accessPackages.getMany(packages);
  return [...new Set([...rights.flatMap(({ resources }) => resources), ...found.flatMap((one) => one?.value.resources ?? [])])].sort();
}

/** The system users that may do it at the service for the organisation: its own, and those of others that it is a client of. */
async function searchSystemUsers(
  { parts, caller }: RoomAsker,
  { resource, action }: RoomSearch & { readonly resource: Entity; readonly action: Action },
  place: PagePlace,
): Promise<Found<Entity>> {
  const organisation = organisationIn(resource);
  const service = (await servicesOf(parts, [resource.id])).get(resource.id);
  const { allowed } = await new Permissions(parts.judge, caller).about({ owner: service?.owner, organisation });
  if (!allowed || service === undefined || organisation === undefined) return { results: [] };
  const may = async (users: readonly Stored<SystemUser>[]): Promise<readonly Entity[]> => {
    const asked = users.map(({ value: { id } }) => ({ systemUserId: id, action: action.name, resource: service, organisation }));
    const known = new Map(users.map((one) => [one.value.id, one]));
    const decided = await decideActing(parts, asked, { caller, isForList: true }, known);
    return yesOf(asked, decided).map(({ systemUserId: id }) => ({ type: SYSTEM_USER, id }));
  };
  return inSources(sourcesOf(parts, organisation), place, may);
}

/** A part of the system users of an organisation, found in one index. */
interface Source {
  page(limit: number, cursor: string | undefined): Promise<{ readonly items: readonly Stored<SystemUser>[]; readonly next?: string }>;
}

function sourcesOf({ store }: SystembrukerParts, organisation: Orgnr): readonly Source[] {
  const { systemUsers, agentClients } = collectionsOf(store);
  const own = (standing: 'kept' | 'asked'): Source => ({
    async page(limit, cursor) {
      const { items, next } = await systemUsers.query({
        index: 'party',
        prefix: ofParty(organisation, standing),
        limit,
        ...present({ cursor }),
      });
      return present({ items: items.filter(({ value }) => value.type === 'standard'), next });
    },
  });
  const ofClients: Source = {
    async page(limit, cursor) {
      const { items, next } = await agentClients.query({ index: 'client', prefix: `${organisation}/`, limit, ...present({ cursor }) });
      const found = await systemUsers.getMany(items.map(({ value }: Stored<AgentClient>) => value.systemUserId));
      return present({ items: found.filter((one) => one !== undefined), next });
    },
  };
  return [own('kept'), own('asked'), ofClients];
}

/** A page of what is found in one source after the other; its place is the number of the source and the cursor in it. */
async function inSources(
  sources: readonly Source[],
  { from, limit, next }: PagePlace,
  pick: (users: readonly Stored<SystemUser>[]) => Promise<readonly Entity[]>,
): Promise<Found<Entity>> {
  const [first, begun] = from === undefined ? [0, undefined] : (JSON.parse(from) as [number, string | undefined]);
  const results: Entity[] = [];
  for (let at = first; at < sources.length; at += 1) {
    const source = sources[at] as Source;
    const range = present({ limit: limit - results.length, cursor: at === first ? (begun ?? undefined) : undefined });
    const found = await pickedFrom((part) => source.page(part.limit, part.cursor), range, pick);
    results.push(...found.items);
    if (found.next !== undefined) return { results, nextToken: next(JSON.stringify([at, found.next])) };
    if (results.length === limit && at + 1 < sources.length) return { results, nextToken: next(JSON.stringify([at + 1])) };
  }
  return { results };
}

/** Those that may. @throws ProblemError the first fault: a list is never shortened by one */
function yesOf<T>(asked: readonly T[], decided: readonly (Decision | ProblemError)[]): readonly T[] {
  const fault = decided.find((one) => one instanceof ProblemError);
  if (fault !== undefined) throw fault;
  return asked.filter((_, i) => (decided[i] as Decision).decision);
}

import { type AccessCaller, inTurns, requestedBy } from '#access';
import { type Asker, isTexts, type Judge, type Rule } from '#decisions';
import { type Instant, isFault, maskPersonNumbers, type Orgnr, parseUuid, present, toInstant } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import type { Stored } from '#storage';
import { toldRelation } from '../agents/standings.js';
import type { Resource, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { type Facts, factsOf } from './facts.js';
import { ACTING_RULE } from './use-kind.js';
import { noteUse } from './uses.js';

/** May the system user do that, at the service, for the organisation? */
export interface ActingQuestion {
  /** As it was sent. */
  readonly systemUserId: string;
  readonly action: string;
  readonly resource: Resource;
  /** Absent: what was sent names none. */
  readonly organisation: Orgnr | undefined;
}

/** What the rules say. */
export interface Verdict {
  readonly decision: boolean;
  /** The most telling first. */
  readonly reasons: readonly string[];
}

/** With what the decision log calls it. */
export interface Decision extends Verdict {
  readonly decisionId: string;
}

/** For whom it is decided. */
export interface DecidedFor {
  readonly caller: AccessCaller;
  /** It is asked for a list: nothing is let happen by the answer. */
  readonly isForList?: true;
}

const EVALUATE: Rule<Verdict> = { entrypoint: ACTING_RULE, isAnswer: isVerdict, isLogged: true };
/** Read and judged together. */
const TOGETHER = 100;

/**
 * The answers, in their order: the one way to decide what a system user may do. Documents are read for it, so that what has been stopped or narrowed on any
 * node is so for the next question on every node. What fails is told in its place.
 * @param known system users that have been read for it already
 * @throws ProblemError `store-unavailable`, `decision-log-unavailable`
 */
export async function decideActing(
  parts: SystembrukerParts,
  questions: readonly ActingQuestion[],
  by: DecidedFor,
  known: ReadonlyMap<string, Stored<SystemUser>> = new Map(),
): Promise<readonly (Decision | ProblemError)[]> {
  const some: (readonly ActingQuestion[])[] = [];
  for (let at = 0; at < questions.length; at += TOGETHER) some.push(questions.slice(at, at + TOGETHER));
  const decided = await inTurns(some, (together) => decideSome(parts, together, by, known));
  return decided.flat();
}

async function decideSome(
  parts: SystembrukerParts,
  questions: readonly ActingQuestion[],
  by: DecidedFor,
  known: ReadonlyMap<string, Stored<SystemUser>>,
): Promise<readonly (Decision | ProblemError)[]> {
  const { store, judge, clock } = parts;
  const users = await systemUsersOf(parts, questions, known);
  const all = await factsOf(
    store,
    questions.map(({ systemUserId, organisation }) => ({ systemUser: users.get(idOf(systemUserId) ?? ''), organisation })),
  );
  const at = toInstant(clock());
  const asked = questions.map((question, i) => {
    const facts = all[i] as Facts;
    return { input: inputOf(question, facts, at), asker: askerOf(by, facts) };
  });
  const decided = await inTurns(asked, (one) => judgeOne(judge, one));
  for (const [i, one] of decided.entries()) {
    if (one instanceof ProblemError || !one.decision || by.isForList) continue;
    const { systemUserId, resource } = questions[i] as ActingQuestion;
    noteUse(parts, { systemUserId: idOf(systemUserId) as string, kind: 'decision', by: resource.id }, at);
  }
  return decided;
}

/** The id as it is kept; `undefined` of what names no system user. */
export function idOf(sent: string): string | undefined {
  const id = parseUuid(sent);
  return isFault(id) ? undefined : id;
}

/** Those that there are, by id. */
async function systemUsersOf(
  { store }: SystembrukerParts,
  questions: readonly ActingQuestion[],
  known: ReadonlyMap<string, Stored<SystemUser>>,
): Promise<ReadonlyMap<string, Stored<SystemUser>>> {
  const ids = [...new Set(questions.flatMap(({ systemUserId }) => idOf(systemUserId) ?? []))].filter((id) => !known.has(id));
  if (ids.length === 0) return known;
  const found = await collectionsOf(store).systemUsers.getMany(ids);
  return new Map([...known, ...ids.flatMap((id, i) => (found[i] === undefined ? [] : [[id, found[i]] as const]))]);
}

interface Asked {
  readonly input: JsonText;
  readonly asker: Exclude<Asker, 'nobody'>;
}

async function judgeOne(judge: Judge, { input, asker }: Asked): Promise<Decision | ProblemError> {
  try {
    const { answer, id } = await judge.ask(EVALUATE, input, undefined, asker);
    return { ...answer, decisionId: id };
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'evaluation-failed') return error;
    throw error;
  }
}

function askerOf({ caller, isForList }: DecidedFor, { revision }: Facts): Asked['asker'] {
  return present({ requestedBy: requestedBy(caller), documentRevision: revision, isForList }) as Asked['asker'];
}

/** The input of systembruker/acting/evaluate, which is made here alone: what is not read by the rules is not in it, nor is a person number. */
function inputOf({ systemUserId, action, resource, organisation }: ActingQuestion, facts: Facts, time: Instant): JsonText {
  const { system, packages, ownerClosed, vendorClosed, organisationClosed, client, relations } = facts;
  const input = {
    subject: { type: 'systemuser', id: idOf(systemUserId) ?? '' },
    systemUser: facts.systemUser && judgedUser(facts.systemUser),
    system: system && { id: system.id, vendor: system.vendor, deleted: system.deleted !== undefined },
    owner: { closed: ownerClosed },
    vendor: { closed: vendorClosed },
    organisation: present({
      orgnr: organisation ?? '',
      closed: organisationClosed,
      isClient: facts.systemUser?.type === 'agent' ? client !== undefined : undefined,
      since: facts.systemUser?.type === 'agent' ? client?.created : undefined,
      relations: facts.systemUser?.type === 'agent' ? relations.map(toldRelation) : undefined,
    }),
    packages: Object.fromEntries(
      packages.map(({ name, active, assignable, delegable, resources }) => {
        return [name, { active, assignable, delegable, resources: resources.filter((id) => id === resource.id) }];
      }),
    ),
    resource: judgedResource(resource),
    action: { name: maskPersonNumbers(action) },
    context: { time },
  };
  return new JsonText(JSON.stringify(input));
}

function judgedUser({ id, type, systemId, vendor, party, status, removed, deactivated, has }: SystemUser): object {
  return {
    id,
    type,
    systemId,
    vendor,
    party,
    status,
    removed: removed !== undefined,
    deactivated: deactivated !== undefined,
    has: { rights: has.rights, packages: has.packages },
  };
}

function judgedResource({ id, owner, active, delegable, actions, onlyFor }: Resource): object {
  return { id, owner, active, delegable, actions, onlyFor };
}

function isVerdict(value: unknown): value is Verdict {
  const { decision, reasons } = (value ?? {}) as Partial<Verdict>;
  return typeof decision === 'boolean' && isTexts(reasons) && reasons.length > 0;
}

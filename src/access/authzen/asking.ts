import { performance } from 'node:perf_hooks';
import { type LocalizedText, type Organisation, present, type SecurityLevel } from '#domain';
import { ProblemError } from '#problem';
import { hearsReasons } from '../ask/explain-answer.js';
import type { AccessCaller, Permission } from '../ask/may-ask.js';
import { type SearchAnswer, type SearchQuestion, searchForMany, searchOrganisations } from '../ask/search-organisations.js';
import type { AccessParts } from '../parts.js';
import { Turns } from '../turns.js';
import { type Named, personOf } from './asked.js';
import { AskedWork } from './asked-work.js';
import type { JudgedKinds } from './judged-kinds.js';
import { mayAskKinds } from './kinds.js';
import type { Entity, Evaluation } from './nouns.js';
import type { RoomDecision, RoomKinds } from './room-kinds.js';

/** So many persons are asked about together, at first and at most: eight times as many each time until it takes so long. */
const [FIRST, MOST, LONGEST_MS] = [16, 128, 2];

/** How reasons are told, to whoever may hear them. */
export interface Telling {
  /** Of the sentences; absent: none are wanted, and the slugs are all. */
  readonly language?: keyof LocalizedText | undefined;
}

/** All questions of one request: what several of them need is read and judged once. */
export class Asking {
  readonly parts: AccessParts;
  readonly caller: AccessCaller;
  /** What bundles are asked. */
  readonly work = new AskedWork();
  /** By what is asked, and by the person. */
  readonly #searches = new Map<string, Searches>();
  /** Those that were looked for last: most questions of a list are alike. */
  #last: (Pick<PersonSearch, 'appId' | 'role' | 'securityLevel'> & { readonly searches: Searches }) | undefined;
  /** The bundles that judge kinds or documents of their own. */
  readonly kinds: readonly JudgedKinds[];
  /** By the question itself. */
  readonly #ofRooms = new Map<Evaluation, RoomDecision | ProblemError>();
  readonly #permissions = new Map<JudgedKinds | undefined, Promise<Permission>>();

  readonly #telling: Telling | undefined;
  /** Once that is known. */
  #hears: boolean | undefined;

  /** @param telling absent: whoever asks hears yes or no, whatever it may hear */
  constructor(parts: AccessParts, caller: AccessCaller, telling?: Telling) {
    this.parts = parts;
    this.caller = caller;
    this.#telling = telling;
    this.kinds = parts.kinds?.() ?? [];
  }

  /** The bundle that judges such subjects and resources, if one does. */
  kindsOf(subject: string, resource: string): JudgedKinds | undefined {
    return this.kinds.find(({ subjects, resources }) => subjects.includes(subject) && resources.includes(resource));
  }

  /** The room that judges such subjects and resources, if one does. */
  roomOf(subject: string, resource: string): RoomKinds | undefined {
    return this.parts.rooms?.find((room) => room.subject === subject && room.resource === resource);
  }

  /** What a room decides; see RoomKinds. @throws as its decide, and the question's own fault */
  async decideInRoom(room: RoomKinds, question: Evaluation): Promise<RoomDecision> {
    const decided = this.#ofRooms.get(question) ?? (await room.decide(this, [question]))[0];
    if (decided instanceof ProblemError || decided === undefined) throw decided ?? new TypeError('a room left out an answer');
    return decided;
  }

  /** Has rooms decide many questions together, so that `decideInRoom` has them. @throws as RoomKinds.decide */
  async decideAhead(asked: readonly { readonly room: RoomKinds; readonly question: Evaluation }[]): Promise<void> {
    for (const room of new Set(asked.map((one) => one.room))) {
      const questions = asked.flatMap((one) => (one.room === room ? one.question : []));
      for (const [i, decided] of (await room.decide(this, questions)).entries()) this.#ofRooms.set(questions[i] as Evaluation, decided);
    }
  }

  /** The bundle that has the document of this name, letter by letter, if one has. */
  documentsOf(path: string): JudgedKinds | undefined {
    return this.kinds.find(({ documents }) => documents.includes(path));
  }

  /** May the caller ask that bundle? Without one it is a no, for a reason that tells who may ask nothing at all. @throws ProblemError `evaluation-failed` */
  mayAsk(kinds: JudgedKinds | undefined): Promise<Permission> {
    let permission = this.#permissions.get(kinds);
    if (permission === undefined) {
      permission = mayAskKinds(this.parts.judge, this.caller, kinds);
      this.#permissions.set(kinds, permission);
    }
    return permission;
  }

  /** How the caller is told why; `undefined` if it is not. @throws ProblemError `evaluation-failed` */
  telling(): Telling | undefined | Promise<Telling | undefined> {
    const telling = this.#telling;
    if (telling === undefined || this.#hears === false) return undefined;
    const hears = this.#hears ?? hearsReasons(this.parts.judge, this.caller);
    if (hears instanceof Promise) return hears.then((does) => (does ? telling : undefined));
    this.#hears = hears;
    return hears ? telling : undefined;
  }

  /** The organisations for which a person holds a role in an application; see searchOrganisations. */
  search(asked: PersonSearch): Promise<SearchAnswer> | SearchAnswer {
    const { appId, subject, role, securityLevel, purpose } = asked;
    const searches = this.#searchesLike(asked);
    let found = searches.get(subject.id);
    if (found === undefined) {
      const { parts, caller } = this;
      found = searchOrganisations(parts, {
        caller,
        appId,
        person: personOf(subject, parts),
        action: role,
        purpose,
        ...present({ securityLevel }),
      });
      searches.set(subject.id, found);
    }
    return found;
  }

  /**
   * Makes searches for evaluations together where they ask the same about many persons, so that `search` has them at once.
   * @param asked undefined: a question that needs none @throws as searchForMany
   */
  async searchAhead(asked: readonly (PersonSearch | undefined)[]): Promise<void> {
    const groups = new Map<Searches, PersonSearch[]>();
    for (const one of asked) {
      if (one === undefined) continue;
      const known = this.#searchesLike(one);
      const group = groups.get(known);
      if (group === undefined) groups.set(known, [one]);
      else group.push(one);
    }
    const turns = new Turns();
    let together = FIRST;
    for (const [known, group] of groups) {
      const persons = eachOnce(group);
      for (let at = 0; at < persons.length && persons.length > 1; ) {
        const some = persons.slice(at, at + together);
        const begun = performance.eventLoopUtilization();
        const answers = await this.#searchForMany(some);
        for (let i = 0; i < answers.length; i += 1) {
          const answer = answers[i];
          if (answer !== undefined) known.set((some[i] as PersonSearch).subject.id, answer);
        }
        at += some.length;
        // Some have very many grants, and others wait meanwhile; while the store is waited for, nobody does.
        const { active: busyMs } = performance.eventLoopUtilization(begun);
        together = busyMs < LONGEST_MS ? Math.min(together * 8, MOST) : Math.ceil(together / 8);
        await turns.next();
      }
    }
  }

  #searchForMany(asked: readonly PersonSearch[]): Promise<readonly (SearchAnswer | undefined)[]> {
    const { parts, caller } = this;
    const { appId, role: action, securityLevel } = asked[0] as PersonSearch;
    const persons = asked.map(({ subject }) => personOf(subject, parts));
    return searchForMany(parts, { caller, appId, action, persons, ...present({ securityLevel }) });
  }

  #searchesLike({ appId, role, securityLevel }: PersonSearch): Searches {
    const last = this.#last;
    if (last !== undefined && last.appId === appId && last.role === role && last.securityLevel === securityLevel) return last.searches;
    // Written as a list: no two questions meet in one text, whatever stands in them.
    const key = JSON.stringify([appId ?? null, role, securityLevel ?? null]);
    let searches = this.#searches.get(key);
    if (searches === undefined) {
      searches = new Map();
      this.#searches.set(key, searches);
    }
    this.#last = { appId, role, securityLevel, searches };
    return searches;
  }
}

/** The persons that are asked about, each once. */
function eachOnce(asked: readonly PersonSearch[]): readonly PersonSearch[] {
  const byId = new Map<string, PersonSearch>();
  for (const one of asked) byId.set(one.subject.id, one);
  return byId.size === asked.length ? asked : [...byId.values()];
}

/** By the person. */
type Searches = Map<string, Promise<SearchAnswer> | SearchAnswer>;

/** What is searched for. */
export interface PersonSearch {
  readonly appId: SearchQuestion['appId'];
  readonly subject: Pick<Entity, 'id'>;
  readonly role: string;
  readonly securityLevel: SecurityLevel | undefined;
  /** The same for all of one request. */
  readonly purpose: NonNullable<SearchQuestion['purpose']>;
}

/** Whether an organisation is the one that is named; one that nothing is told of is any. */
export function isNamed({ orgnr, kommunenummer, fiksOrgId }: Organisation, named: Named): boolean {
  return (
    (named.orgnr === undefined || named.orgnr === orgnr) &&
    (named.kommune === undefined || named.kommune === kommunenummer) &&
    (named.fiksOrgId === undefined || named.fiksOrgId === fiksOrgId)
  );
}

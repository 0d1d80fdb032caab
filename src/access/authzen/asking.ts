import type { LocalizedText, Organisation, SecurityLevel } from '#domain';
import { hearsReasons } from '../ask/explain-answer.js';
import type { AccessCaller, Permission } from '../ask/may-ask.js';
import { type SearchAnswer, type SearchQuestion, searchOrganisations } from '../ask/search-organisations.js';
import type { AccessParts } from '../parts.js';
import { type Named, personOf } from './asked.js';
import { AskedWork } from './asked-work.js';
import type { JudgedKinds } from './judged-kinds.js';
import { mayAskKinds } from './kinds.js';
import type { Entity } from './nouns.js';

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
  readonly #searches = new Map<string, Promise<SearchAnswer>>();
  /** The bundles that judge kinds or documents of their own. */
  readonly kinds: readonly JudgedKinds[];
  readonly #permissions = new Map<JudgedKinds | undefined, Promise<Permission>>();

  readonly #telling: Telling | undefined;

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
  async telling(): Promise<Telling | undefined> {
    return this.#telling !== undefined && (await hearsReasons(this.parts.judge, this.caller)) ? this.#telling : undefined;
  }

  /** The organisations for which a person holds a role in an application; see searchOrganisations. */
  search({ appId, subject, role, securityLevel, purpose }: PersonSearch): Promise<SearchAnswer> {
    // Written as a list: no two questions meet in one text, whatever stands in them.
    const key = JSON.stringify([appId ?? null, subject.id, role, securityLevel ?? null]);
    let found = this.#searches.get(key);
    if (found === undefined) {
      const { parts, caller } = this;
      const question = { caller, appId, person: personOf(subject, parts), action: role, purpose };
      found = searchOrganisations(parts, securityLevel === undefined ? question : { ...question, securityLevel });
      this.#searches.set(key, found);
    }
    return found;
  }
}

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

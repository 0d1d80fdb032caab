import { type AccessCaller, assertMayAsk, type Permission, requestedBy } from '#access';
import { isRuling, type Judge, type Rule, type Ruling } from '#decisions';
import { type Orgnr, present } from '#domain';
import type { Bundle } from '#policy';

/** What is asked about: the owner of the service, and for whom it is. */
export interface AskedAbout {
  readonly owner: Orgnr | undefined;
  readonly organisation: Orgnr | undefined;
}

const MAY_ASK: Rule<Ruling> = { entrypoint: 'systembruker/asking/may_ask', isAnswer: isRuling, isLogged: true };

const ALLOWED: Permission = Object.freeze({ allowed: true, reasons: Object.freeze([]) });
/** So much is remembered of one caller; beyond that it is begun anew. */
const MOST_ALLOWED = 10_000;

/** What has been allowed, by bundle and caller, each of which stays the same object for as long as it stays as it is: neither a system user nor the time is asked about. */
const allowed = new WeakMap<Bundle, WeakMap<AccessCaller, Set<string>>>();

/** What one caller may ask about. A yes is remembered, as of persons; a no is judged once for each request. */
export class Permissions {
  readonly #judge: Judge;
  readonly #caller: AccessCaller;
  readonly #known = new Map<string, Promise<Permission>>();

  constructor(judge: Judge, caller: AccessCaller) {
    this.#judge = judge;
    this.#caller = caller;
  }

  /** May the caller ask? Neither a system user nor what it has is part of the question. @throws MayNotAsk if it may ask nothing of the kind; ProblemError `evaluation-failed` */
  about({ owner, organisation }: AskedAbout): Promise<Permission> {
    const key = `${owner ?? ''} ${organisation ?? ''}`;
    const known = this.#known.get(key) ?? this.#judged(key, { owner, organisation });
    this.#known.set(key, known);
    return known;
  }

  async #judged(key: string, { owner, organisation }: AskedAbout): Promise<Permission> {
    const caller = this.#caller;
    const known = allowedOf(this.#judge.bundle, caller);
    if (known.has(key)) return ALLOWED;
    const input = present({ caller, resource: owner && { owner }, organisation });
    const { answer, id } = await this.#judge.ask(MAY_ASK, input, undefined, { requestedBy: requestedBy(caller) });
    assertMayAsk(answer);
    if (!answer.allowed) return { ...answer, decisionId: id };
    if (known.size >= MOST_ALLOWED) known.clear();
    known.add(key);
    return answer;
  }
}

function allowedOf(bundle: Bundle, caller: AccessCaller): Set<string> {
  const callers = allowed.get(bundle) ?? new WeakMap<AccessCaller, Set<string>>();
  const known = callers.get(caller) ?? new Set();
  allowed.set(bundle, callers.set(caller, known));
  return known;
}

import { type AccessCaller, assertMayAsk, type Permission, requestedBy } from '#access';
import { isRuling, type Judge, type Rule, type Ruling } from '#decisions';
import { type Orgnr, present } from '#domain';

/** What is asked about: the owner of the service, and for whom it is. */
export interface AskedAbout {
  readonly owner: Orgnr | undefined;
  readonly organisation: Orgnr | undefined;
}

const MAY_ASK: Rule<Ruling> = { entrypoint: 'systembruker/asking/may_ask', isAnswer: isRuling, isLogged: true };

/** What one caller may ask about, each thing judged once. */
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
    const known = this.#known.get(key) ?? this.#judged({ owner, organisation });
    this.#known.set(key, known);
    return known;
  }

  async #judged({ owner, organisation }: AskedAbout): Promise<Permission> {
    const caller = this.#caller;
    const input = present({ caller, resource: owner && { owner }, organisation });
    const { answer, id } = await this.#judge.ask(MAY_ASK, input, undefined, { requestedBy: requestedBy(caller) });
    assertMayAsk(answer);
    return answer.allowed ? answer : { ...answer, decisionId: id };
  }
}

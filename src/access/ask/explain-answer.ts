import type { Judge, Rule } from '#decisions';
import { type Organisation, present } from '#domain';
import type { AccessParts } from '../parts.js';
import { type Refused, reasonsAgainst, reasonsAgainstAll } from './explain-access.js';
import { aroundOf } from './load-decision.js';
import type { AccessCaller } from './may-ask.js';
import { type ExplainedReason, reasonText } from './reason-texts.js';
import type { SearchAnswer } from './search-organisations.js';
import { TOLD } from './why-access.js';

const HEARS: Rule<boolean> = { entrypoint: 'tilgang/explained/with_answers', isAnswer: (value) => typeof value === 'boolean' };

/** Who hears reasons, by bundle and caller: each of them stays the same object for as long as it stays as it is. */
const hearing = new WeakMap<object, WeakMap<AccessCaller, boolean>>();

/**
 * May the caller hear reasons with its answers? By itself alone, and judged once for as long as its token is known; at once where the rules answer at once.
 * @throws ProblemError `evaluation-failed`
 */
export function hearsReasons(judge: Judge, caller: AccessCaller): boolean | Promise<boolean> {
  let callers = hearing.get(judge.bundle);
  if (callers === undefined) {
    callers = new WeakMap();
    hearing.set(judge.bundle, callers);
  }
  const known = callers.get(caller);
  if (known !== undefined) return known;
  const judged = judge.ask(HEARS, { caller });
  if (judged instanceof Promise) return judged.then(({ answer }) => answer);
  callers.set(caller, judged.answer);
  return judged.answer;
}

/** What an answer came to for one question. */
export interface ToldOutcome {
  readonly decision: boolean;
  /** Whose grant was asked about; absent: one that is not registered. */
  readonly konsument: Organisation | 'any' | undefined;
}

/**
 * Why an answer is yes or no, as far as the tilbyder that asks is told; from what it was made of, so that both agree.
 * @throws ProblemError `evaluation-failed`, `store-unavailable`
 */
export async function reasonsOf(
  parts: Pick<AccessParts, 'judge' | 'store'>,
  caller: AccessCaller,
  answer: SearchAnswer,
  { decision, konsument }: ToldOutcome,
): Promise<readonly ExplainedReason[]> {
  const [standard, own] = await saidOf(parts, answer, { decision, konsument });
  const reader = { kind: 'tilbyder', orgnr: caller.kind === 'machine' ? caller.consumer : undefined };
  const named = typeof konsument === 'object' ? konsument.orgnr : undefined;
  const input = { reader, decisions: [{ konsument: named, named: true, standard, own }] };
  const { answer: told } = await parts.judge.ask(TOLD, input, ({ length }) => length === 1);
  const texts = own.length === 0 ? undefined : answer.judged?.own?.texts;
  return (told[0]?.reasons ?? []).map((slug) => present({ slug, text: reasonText(slug, texts) }));
}

type Said = readonly [standard: readonly string[], own: readonly string[]];

/** What the standard rules say, and the application's own. */
async function saidOf(
  { judge: standard, store }: Pick<AccessParts, 'judge' | 'store'>,
  { allowed, reasons, judged }: SearchAnswer,
  { decision, konsument }: ToldOutcome,
): Promise<Said> {
  if (!allowed || judged === undefined) return [reasons, []];
  if (decision) return [['granted'], []];
  const { question, own } = judged;
  if (konsument === 'any') return asSaid(await reasonsAgainstAll({ standard, own }, question));
  if (konsument === undefined) return asSaid(await reasonsAgainstAll({ standard, own: undefined }, question));
  const around = await aroundOf({ store }, question.application.id, konsument);
  return asSaid(await reasonsAgainst({ standard, own }, { ...question, konsument: konsument.orgnr, around }));
}

function asSaid({ reasons, isOwn }: Refused): Said {
  return isOwn ? [['granted'], reasons] : [reasons, []];
}

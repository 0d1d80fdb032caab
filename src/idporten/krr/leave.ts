import { type AdminRequest, actorOf } from '#access';
import { isRuling, isTexts, type Rule, type Ruling } from '#decisions';
import { type BrukerId, type Instant, toInstant } from '#domain';
import type { IdportenParts } from '../parts.js';
import { refusedAs } from '../refusal.js';

/** What of a person a caller may be told. */
export type Field = 'contact' | 'mailbox';

interface Verdict extends Ruling {
  readonly fields: readonly Field[];
}

/** Leave to ask the register, or to keep it. */
export interface RegisterLeave {
  readonly fields: ReadonlySet<Field>;
  readonly at: Instant;
}

const MAY_ASK: Rule<Verdict> = { entrypoint: 'idporten/krr/may_ask', isAnswer: isVerdict, isLogged: true };

/**
 * Asks the policy, before anything of a person is read; a refusal is recorded as an event of whoever tried.
 * @param action as policies/idporten/krr names it
 * @param subjects whom it is about; the decision log has them, and nothing else of them
 * @throws ProblemError as refusedAs says; `evaluation-failed`
 */
export async function leaveFor(
  parts: Pick<IdportenParts, 'store' | 'judge' | 'clock'>,
  request: AdminRequest,
  action: string,
  subjects: readonly BrukerId[],
): Promise<RegisterLeave> {
  const { caller } = request;
  const at = toInstant(parts.clock());
  const input = { caller, action: { name: action }, subjects, context: { time: at } };
  const { answer } = await parts.judge.ask(MAY_ASK, input, undefined, { requestedBy: actorOf(caller) });
  if (!answer.allowed) throw await refusedAs(parts, request, { action, reasons: answer.reasons });
  return { fields: new Set(answer.fields), at };
}

function isVerdict(value: unknown): value is Verdict {
  return isRuling(value) && isTexts((value as Partial<Verdict>).fields);
}

import { type AdminRequest, actorOf } from '#access';
import { isRuling, type Rule, type Ruling } from '#decisions';
import { type BrukerId, type Instant, toInstant } from '#domain';
import type { IdportenParts } from '../parts.js';
import { refusedAs } from '../refusal.js';

interface Verdict extends Ruling {
  readonly since: Instant;
}

/** What is asked leave for. */
interface Act {
  /** As policies/idporten/authlevel names it. */
  readonly action: string;
  readonly subject: BrukerId;
  readonly since?: Instant | undefined;
}

const MAY_ASK: Rule<Verdict> = { entrypoint: 'idporten/authlevel/may_ask', isAnswer: isVerdict, isLogged: true };

/** Leave to ask of somebody's logins, or to block somebody; a refusal is recorded. @throws ProblemError as refusedAs says; `evaluation-failed` */
export async function leaveFor(
  parts: Pick<IdportenParts, 'store' | 'judge' | 'clock'>,
  request: AdminRequest,
  { action, subject, since }: Act,
): Promise<{ readonly at: Instant; readonly since: Instant }> {
  const { caller } = request;
  const at = toInstant(parts.clock());
  const input = { caller, action: { name: action }, subject, since, context: { time: at } };
  const { answer } = await parts.judge.ask(MAY_ASK, input, undefined, { requestedBy: actorOf(caller) });
  if (!answer.allowed) throw await refusedAs(parts, request, { action, reasons: answer.reasons });
  return { at, since: answer.since };
}

function isVerdict(value: unknown): value is Verdict {
  return isRuling(value) && typeof (value as Partial<Verdict>).since === 'string';
}

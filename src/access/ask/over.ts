import { isBooleans, type Judge, type Rule } from '#decisions';
import type { Instant, Withdrawal } from '#domain';

/** What is given for a time: a grant, or what somebody administers. */
interface Lasting {
  readonly until?: Instant;
  readonly withdrawn?: Withdrawal;
}

const OVER: Rule<readonly boolean[]> = { entrypoint: 'tilgang/held/over', isAnswer: isBooleans };

/** Whether it is over at a moment: withdrawn or expired, so that giving in its place is giving anew. @throws ProblemError `evaluation-failed` */
export async function isOver(judge: Judge, { until, withdrawn }: Lasting, time: Instant): Promise<boolean> {
  const input = { grants: [{ roles: [], until, withdrawn }], context: { time } };
  const { answer } = await judge.ask(OVER, input, ({ length }) => length === 1);
  return answer[0] as boolean;
}

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ProblemError } from '#problem';

/** How much of something one caller may do in a minute, in this process. */
export interface RateLimit {
  /** @throws ProblemError `too-many-requests` when the caller has used it up */
  check(caller: string): void;
  /** Uses one up. @throws ProblemError `too-many-requests` when there is none left */
  use(caller: string): Promise<void>;
}

/** More are remembered only until those that are over have been forgotten. */
const REMEMBERED = 10_000;

/** A limit of so many a minute for each caller. */
export function rateLimit(perMinute: number): RateLimit {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  // Who has used it up, until when: so that whoever has not is let through without a promise.
  const usedUp = new Map<string, number>();
  const refusal = (untilMs: number): ProblemError =>
    new ProblemError('too-many-requests', { retryAfterSeconds: Math.max(1, Math.ceil((untilMs - performance.now()) / 1000)) });
  const remember = (caller: string, msBeforeNext: number): number => {
    const now = performance.now();
    if (usedUp.size >= REMEMBERED) for (const [name, untilMs] of usedUp) if (untilMs <= now) usedUp.delete(name);
    usedUp.set(caller, now + msBeforeNext);
    return now + msBeforeNext;
  };
  return {
    check(caller) {
      const untilMs = usedUp.get(caller);
      if (untilMs === undefined) return;
      if (untilMs > performance.now()) throw refusal(untilMs);
      usedUp.delete(caller);
    },
    async use(caller) {
      try {
        const { remainingPoints, msBeforeNext } = await limiter.consume(caller);
        if (remainingPoints <= 0) remember(caller, msBeforeNext);
      } catch (state) {
        if (!(state instanceof RateLimiterRes)) throw state;
        throw refusal(remember(caller, state.msBeforeNext));
      }
    },
  };
}

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ProblemError } from '#problem';

/** How much of something one caller may do in a minute, in this process. */
export interface RateLimit {
  /** @throws ProblemError `too-many-requests` when the caller has used it up */
  check(caller: string): Promise<void>;
  /** Uses one up. @throws ProblemError `too-many-requests` when there is none left */
  use(caller: string): Promise<void>;
}

export function rateLimit(perMinute: number): RateLimit {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  const refuse = (msBeforeNext: number): never => {
    throw new ProblemError('too-many-requests', { retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) });
  };
  return {
    async check(caller) {
      const state = await limiter.get(caller);
      if (state !== null && state.consumedPoints >= perMinute) refuse(state.msBeforeNext);
    },
    async use(caller) {
      try {
        await limiter.consume(caller);
      } catch (state) {
        if (!(state instanceof RateLimiterRes)) throw state;
        refuse(state.msBeforeNext);
      }
    },
  };
}

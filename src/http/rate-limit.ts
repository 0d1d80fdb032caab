import { ProblemError } from '#problem';

/** How much of something one caller may do in a minute, in this process. */
export interface RateLimit {
  /** @throws ProblemError `too-many-requests` when the caller has used it up */
  check(caller: string): void;
  /** Uses one up. @throws ProblemError `too-many-requests` when there is none left */
  use(caller: string): void;
  /**
   * Takes one for work that may turn out not to count: at once, or, while those at work may use up the rest, once that is settled.
   * So no more are carried out that count than there are.
   * @throws ProblemError `too-many-requests` when the caller has used it up, or when it is not settled within a second
   */
  begin(caller: string): Attempt | Promise<Attempt>;
}

/** Work that has taken one of a limit. */
export interface Attempt {
  /** @param counts whether the one that was taken is used up; else it is given back */
  end(counts: boolean): void;
}

const MINUTE_MS = 60_000;
/** So long somebody waits for work of the same caller that may use up the rest: an import may take long. */
const WAITS_MS = 1000;
/** How many callers are remembered; the first that came makes room. */
const REMEMBERED = 50_000;

/** A limit of so many a minute for each caller. */
export function rateLimit(perMinute: number): RateLimit {
  const callers = new Map<string, Usage>();
  const usageOf = (caller: string): Usage => {
    let usage = callers.get(caller);
    if (usage === undefined) {
      // A Map keeps the order of insertion.
      if (callers.size >= REMEMBERED) callers.delete(callers.keys().next().value as string);
      usage = new Usage(perMinute);
      callers.set(caller, usage);
    }
    return usage;
  };
  return {
    check: (caller) => callers.get(caller)?.check(),
    use(caller) {
      const usage = usageOf(caller);
      usage.check();
      usage.count();
    },
    begin: (caller) => usageOf(caller).begin(),
  };
}

interface Waiting {
  resolve(attempt: Attempt): void;
  reject(problem: ProblemError): void;
}

/** What one caller has used up in the minute that began with the first, and what is at work. */
class Usage implements Attempt {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #used = 0;
  #atWork = 0;
  #untilMs = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  check(): void {
    if (this.#isUsedUp()) throw this.#refusal();
  }

  count(): void {
    if (this.#used === 0) this.#untilMs = performance.now() + MINUTE_MS;
    this.#used += 1;
  }

  begin(): Attempt | Promise<Attempt> {
    this.check();
    if (this.#used + this.#atWork >= this.#limit) return this.#settled();
    this.#atWork += 1;
    return this;
  }

  end(counts: boolean): void {
    this.#atWork -= 1;
    if (counts) this.count();
    if (this.#waiting.length === 0) return;
    if (this.#isUsedUp()) {
      for (const { reject } of this.#waiting.splice(0)) reject(this.#refusal());
      return;
    }
    while (this.#waiting.length > 0 && this.#used + this.#atWork < this.#limit) {
      this.#atWork += 1;
      this.#waiting.shift()?.resolve(this);
    }
  }

  #settled(): Promise<Attempt> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(new ProblemError('too-many-requests', { retryAfterSeconds: 1 }));
      }, WAITS_MS);
      const waiting: Waiting = {
        resolve(attempt) {
          clearTimeout(late);
          resolve(attempt);
        },
        reject(problem) {
          clearTimeout(late);
          reject(problem);
        },
      };
      this.#waiting.push(waiting);
    });
  }

  #isUsedUp(): boolean {
    if (this.#used === 0) return false;
    if (performance.now() >= this.#untilMs) this.#used = 0;
    return this.#used >= this.#limit;
  }

  #refusal(): ProblemError {
    return new ProblemError('too-many-requests', { retryAfterSeconds: Math.max(1, Math.ceil((this.#untilMs - performance.now()) / 1000)) });
  }
}

import { ProblemError } from '#problem';

/** How much of something one caller may do in a minute, in all processes that share it. */
export interface RateLimit {
  /** @throws ProblemError `too-many-requests` when it is known that the caller has used it up */
  check(caller: string): void;
  /** Uses one up. @throws ProblemError `too-many-requests` when there is none left */
  use(caller: string): void | Promise<void>;
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

/** What a process gives to another of what is left of a caller's limit. */
export interface Gift {
  readonly count: number;
  /** Asked again before that it would give nothing either; 0 while work is under way that may give some back. */
  readonly againInMs: number;
}

/** A part of a limit that several processes share. What is lent counts as used here, so that in all of them together no more are used than the limit says. */
export interface SharedRateLimit extends RateLimit {
  /** Gives half of what is left to another process that needs more than its own part. */
  lend(caller: string): Gift;
}

/** How a process shares a limit with others. */
export interface Sharing {
  /** How many a minute are this process's own, now. */
  own(): number;
  /** Asks the others for some of theirs. */
  borrow(caller: string): Promise<Gift>;
}

/** What a limit is for. */
export const MINUTE_MS = 60_000;
/** What is given by whoever has nothing: the next minute is another matter. */
export const NO_GIFT: Gift = { count: 0, againInMs: MINUTE_MS };
/** So long somebody waits for work of the same caller that may use up the rest: an import may take long. */
const WAITS_MS = 1000;
/** After so long others are asked again that have work under way. */
const ASKS_AGAIN_MS = 25;
/** How many callers are remembered; the first that came makes room. */
const REMEMBERED = 50_000;

/** A limit of so many a minute for each caller. @param sharing absent: no other process shares it */
export function rateLimit(perMinute: number, sharing?: Sharing): SharedRateLimit {
  const callers = new Map<string, Usage>();
  const own = sharing?.own ?? (() => perMinute);
  const usageOf = (caller: string): Usage => {
    let usage = callers.get(caller);
    if (usage === undefined) {
      // A Map keeps the order of insertion.
      if (callers.size >= REMEMBERED) callers.delete(callers.keys().next().value as string);
      usage = new Usage(own, sharing === undefined ? undefined : () => sharing.borrow(caller));
      callers.set(caller, usage);
    }
    return usage;
  };
  return {
    check: (caller) => callers.get(caller)?.check(),
    use(caller) {
      const attempt = usageOf(caller).begin();
      return attempt instanceof Promise ? attempt.then((taken) => taken.end(true)) : attempt.end(true);
    },
    begin: (caller) => usageOf(caller).begin(),
    lend: (caller) => usageOf(caller).lend(),
  };
}

interface Waiting {
  resolve(attempt: Attempt): void;
  reject(problem: ProblemError): void;
}

/** What one caller has used up here in the minute that began with the first, and what is at work. */
class Usage implements Attempt {
  readonly #own: () => number;
  readonly #borrow: (() => Promise<Gift>) | undefined;
  readonly #waiting: Waiting[] = [];
  /** This process's own part, and what others have given to it in this minute. */
  #limit: number;
  #used = 0;
  #atWork = 0;
  /** The end of the minute; 0 if none has begun. */
  #untilMs = 0;
  /** Until then the others have nothing left either. */
  #noneUntilMs = 0;
  #isAsking = false;

  constructor(own: () => number, borrow: (() => Promise<Gift>) | undefined) {
    this.#own = own;
    this.#borrow = borrow;
    this.#limit = own();
  }

  check(): void {
    if (this.#isUsedUp() && this.#hasNoneElsewhere()) throw this.#refusal();
  }

  begin(): Attempt | Promise<Attempt> {
    this.check();
    if (this.#used + this.#atWork >= this.#limit) return this.#settled();
    this.#atWork += 1;
    return this;
  }

  end(counts: boolean): void {
    this.#atWork -= 1;
    if (counts) this.#count(1);
    if (this.#waiting.length > 0) this.#settle();
  }

  lend(): Gift {
    if (this.#isUsedUp()) return { count: 0, againInMs: this.#untilMs === 0 ? MINUTE_MS : this.#untilMs - performance.now() };
    const count = Math.max(0, Math.ceil((this.#limit - this.#used - this.#atWork) / 2));
    if (count > 0) this.#count(count);
    return { count, againInMs: 0 };
  }

  #count(count: number): void {
    this.#beginMinute();
    this.#used += count;
  }

  #beginMinute(): void {
    if (this.#untilMs === 0) this.#untilMs = performance.now() + MINUTE_MS;
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
      this.#ask();
    });
  }

  /** Lets those who wait go on as far as there is room, and refuses them once nobody has any. */
  #settle(): void {
    const isUsedUp = this.#isUsedUp();
    while (this.#waiting.length > 0 && this.#used + this.#atWork < this.#limit) {
      this.#atWork += 1;
      this.#waiting.shift()?.resolve(this);
    }
    if (this.#waiting.length === 0) return;
    if (!isUsedUp || !this.#hasNoneElsewhere()) this.#ask();
    else for (const { reject } of this.#waiting.splice(0)) reject(this.#refusal());
  }

  #ask(): void {
    if (this.#isAsking || this.#borrow === undefined || this.#hasNoneElsewhere()) return;
    this.#isAsking = true;
    void this.#borrow().then(
      (gift) => this.#borrowed(gift),
      () => this.#borrowed(NO_GIFT),
    );
  }

  #borrowed({ count, againInMs }: Gift): void {
    const goOn = (): void => {
      this.#isAsking = false;
      if (this.#waiting.length > 0) this.#settle();
    };
    if (count > 0) {
      this.#isUsedUp();
      this.#beginMinute();
      this.#limit += count;
    } else if (againInMs > 0) this.#noneUntilMs = performance.now() + againInMs;
    else {
      setTimeout(goOn, ASKS_AGAIN_MS);
      return;
    }
    goOn();
  }

  #hasNoneElsewhere(): boolean {
    if (this.#borrow === undefined) return true;
    return this.#noneUntilMs !== 0 && performance.now() < this.#noneUntilMs;
  }

  #isUsedUp(): boolean {
    if (this.#untilMs === 0) this.#limit = this.#own();
    else if (performance.now() >= this.#untilMs) {
      this.#used = 0;
      this.#untilMs = 0;
      this.#limit = this.#own();
    }
    return this.#used >= this.#limit;
  }

  #refusal(): ProblemError {
    const untilMs = Math.min(this.#untilMs === 0 ? Number.POSITIVE_INFINITY : this.#untilMs, this.#noneUntilMs || Number.POSITIVE_INFINITY);
    return new ProblemError('too-many-requests', {
      retryAfterSeconds: Math.max(1, Math.ceil(Math.round(untilMs - performance.now()) / 1000)),
    });
  }
}

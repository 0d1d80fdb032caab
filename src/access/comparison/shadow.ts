import { randomUUID } from 'node:crypto';
import type { Judge } from '#decisions';
import { type AppId, type BundleRef, DAY_MS, type Instant, type PolicyBinding, toInstant } from '#domain';
import type { ChangeFacts, Store } from '#storage';
import type { AccessQuestion } from '../ask/access-input.js';
import type { OwnBundles } from '../bundles/own-rules.js';
import { collectionsOf, type Shadowing } from '../parts.js';
import { type Compared, compareMany } from './difference.js';
import type { ShadowReport, ShadowSample } from './shadow-report.js';
import { Tally } from './tally.js';

const MOST_SAMPLES = 50;
/** Live questions that a shadow is asked at once. */
const MOST_AT_ONCE = 64;
const KEPT_MS = 30 * DAY_MS;

interface Seen {
  readonly bundle: BundleRef;
  readonly since: Instant;
  readonly tally: Tally;
  readonly samples: ShadowSample[];
  passedOver: number;
  atOnce: number;
  isChanged: boolean;
}

/** Lets shadows judge what was asked of this process, after it was answered. What they say is counted and kept, and changes nothing. */
export class Shadows implements Shadowing {
  readonly #store: Store;
  readonly #ownBundles: OwnBundles;
  readonly #clock: () => number;
  readonly #process = randomUUID();
  readonly #seen = new Map<AppId, Seen>();

  constructor(parts: { readonly store: Store; readonly ownBundles: OwnBundles; readonly clock: () => number }) {
    this.#store = parts.store;
    this.#ownBundles = parts.ownBundles;
    this.#clock = parts.clock;
  }

  /** Takes a question that was just answered by the active rules. Nobody waits for what comes of it, and nothing that goes wrong is anybody's. */
  note(binding: PolicyBinding | undefined, standard: Judge, question: AccessQuestion): void {
    if (binding?.shadow === undefined) return;
    const seen = this.#of(binding.appId, binding.shadow);
    seen.isChanged = true;
    if (seen.atOnce >= MOST_AT_ONCE) {
      seen.passedOver += 1;
      return;
    }
    seen.atOnce += 1;
    // After this turn: the answer goes out first.
    setImmediate(() => {
      void this.#judge(binding, seen, standard, question).finally(() => {
        seen.atOnce -= 1;
      });
    });
  }

  /** Tells the store what was seen since it was told last; what cannot be told is told the next time. */
  async tell(): Promise<void> {
    const now = this.#clock();
    for (const [appId, seen] of this.#seen) {
      if (!seen.isChanged) continue;
      seen.isChanged = false;
      const { bundle, since, tally, samples, passedOver } = seen;
      const report: ShadowReport = {
        ...tally.totals,
        ...{ appId, bundle, process: this.#process, since, until: toInstant(now), passedOver },
        counts: tally.counts,
        samples: samples.map((sample) => ({ ...sample })),
        expiresAt: toInstant(now + KEPT_MS),
      };
      const facts: ChangeFacts = { action: 'bundle.shadow', at: toInstant(now), actor: 'gateway' };
      await collectionsOf(this.#store)
        .shadowReports.put(report, { expect: 'any', facts })
        .catch(() => {
          seen.isChanged = true;
        });
    }
  }

  #of(appId: AppId, bundle: BundleRef): Seen {
    const known = this.#seen.get(appId);
    if (known?.bundle.digest === bundle.digest) return known;
    const since = toInstant(this.#clock());
    const fresh: Seen = { bundle, since, tally: new Tally(), samples: [], passedOver: 0, atOnce: 0, isChanged: true };
    this.#seen.set(appId, fresh);
    return fresh;
  }

  async #judge(binding: PolicyBinding, seen: Seen, standard: Judge, question: AccessQuestion): Promise<void> {
    const { bundle, tally, samples } = seen;
    const { appId, trusted } = binding;
    let compared: Compared;
    try {
      const [before, after] = await Promise.all([
        this.#ownBundles.rulesOf(binding),
        this.#ownBundles.rulesBy(appId, bundle, trusted?.digest === bundle.digest),
      ]);
      [compared] = (await compareMany({ standard, before, after }, [question])) as [Compared];
    } catch {
      compared = { differences: [], failed: { before: false, after: true } };
    }
    seen.isChanged = true;
    tally.asked(compared);
    for (const difference of compared.differences) {
      tally.differs(difference);
      samples.push(difference);
      if (samples.length > MOST_SAMPLES) samples.shift();
    }
  }
}

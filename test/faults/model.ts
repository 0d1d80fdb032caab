// The checker of the fault tests: what a store and its gateways may have done with changes of which some were acknowledged and of some nobody knows.
// It knows no gateway, no store and no grant: places that give or do not, changes of them, and what was read meanwhile.

/** What became of a change that was sent; `unknown`: no answer came, or one that says nothing. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** A change as its sender saw it; times are of one clock that never goes back. */
export interface SentChange {
  /** No two have the same. */
  readonly id: string;
  readonly place: string;
  /** Whether the place gives once it is made. */
  readonly gives: boolean;
  /** Where it is so already, it may be acknowledged and leave no trace. */
  readonly mayBeSo: boolean;
  /** The revision that it must be made from. */
  readonly madeFrom?: number;
  readonly sentMs: number;
  readonly outcome: Outcome;
  /** When an acknowledgement came, and the revision that it told. */
  readonly answeredMs?: number;
  readonly revision?: number;
}

/** What a node answered of a place. */
export interface Reading {
  readonly place: string;
  readonly node: string;
  readonly gives: boolean;
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** A change as the store keeps it. */
export interface KeptChange {
  /** What was sent with it; absent if nothing can be read out of it. */
  readonly id: string | undefined;
  readonly place: string;
  readonly gives: boolean;
  /** Of the place. */
  readonly revision: number;
}

/** How a place stands. */
export interface Standing {
  readonly gives: boolean;
  readonly revision: number;
}

/** All that happened. */
export interface History {
  /** How the places stood before; one that is not named gave nothing at revision 0. */
  readonly before: ReadonlyMap<string, Standing>;
  readonly sent: readonly SentChange[];
  readonly readings: readonly Reading[];
}

/** What the store holds after it. */
export interface Kept {
  /** In the order of the log. */
  readonly changes: readonly KeptChange[];
  /** How the documents stand. */
  readonly standing: ReadonlyMap<string, Standing>;
}

const NOTHING: Standing = { gives: false, revision: 0 };

/** Everything that a right service cannot have done, a sentence each; none if all is well. */
export function faultsIn(history: History, kept: Kept): readonly string[] {
  const places = new Set([...history.before, ...kept.standing].map(([place]) => place));
  for (const { place } of [...history.sent, ...history.readings, ...kept.changes]) places.add(place);
  const [sent, readings, changes] = [byPlace(history.sent), byPlace(history.readings), byPlace(kept.changes)];
  return [...places].flatMap((place) => {
    const chain: Chain = {
      place,
      first: history.before.get(place) ?? NOTHING,
      sent: new Map((sent.get(place) ?? []).map((change) => [change.id, change])),
      kept: changes.get(place) ?? [],
    };
    return [
      ...chainFaults(chain, kept.standing.get(place) ?? NOTHING),
      ...changeFaults(chain),
      ...timeFaults(chain, readings.get(place) ?? []),
    ];
  });
}

type Grouped<T> = ReadonlyMap<string, readonly T[]>;

function byPlace<T extends { readonly place: string }>(those: readonly T[]): Grouped<T> {
  const groups = new Map<string, T[]>();
  for (const one of those) {
    const group = groups.get(one.place);
    if (group === undefined) groups.set(one.place, [one]);
    else group.push(one);
  }
  return groups;
}

/** What was sent about a place, and what the store keeps of it, in order. */
interface Chain {
  readonly place: string;
  readonly first: Standing;
  readonly sent: ReadonlyMap<string, SentChange>;
  readonly kept: readonly KeptChange[];
}

/** The events follow one another, and the document is what the last one left. */
function chainFaults({ place, first, kept }: Chain, standing: Standing): readonly string[] {
  const faults = kept.flatMap(({ revision }, i) =>
    revision === first.revision + i + 1
      ? []
      : [`half: event ${i + 1} of ${place} is of revision ${revision} and should be of ${first.revision + i + 1}`],
  );
  const last = kept.at(-1) ?? first;
  if (last.gives !== standing.gives || last.revision !== standing.revision) {
    faults.push(`half: the document of ${place} stands at revision ${standing.revision}, its last event at ${last.revision}`);
  }
  return faults;
}

/** Each change that was acknowledged is kept once, one that was refused not at all, the others at most once, and each as it was sent. */
function changeFaults({ place, sent, kept }: Chain): readonly string[] {
  const faults: string[] = [];
  const times = new Map<string, number>();
  for (const { id, gives, revision } of kept) {
    const change = sent.get(id ?? '');
    if (change === undefined) {
      faults.push(`invented: nobody sent the change at revision ${revision} of ${place}`);
      continue;
    }
    times.set(change.id, (times.get(change.id) ?? 0) + 1);
    if (change.gives !== gives) faults.push(`altered: change ${change.id} of ${place} is kept as another one`);
    if (change.madeFrom !== undefined && change.madeFrom !== revision - 1) {
      faults.push(`overwritten: change ${change.id} of ${place} was to be made from revision ${change.madeFrom} and made ${revision}`);
    }
    if (change.revision !== undefined && change.revision !== revision) {
      faults.push(`misreported: change ${change.id} of ${place} was told as revision ${change.revision} and is ${revision}`);
    }
  }
  for (const { id, outcome, mayBeSo } of sent.values()) {
    const count = times.get(id) ?? 0;
    if (count > 1) faults.push(`doubled: change ${id} of ${place} is kept ${count} times`);
    if (count > 0 && outcome === 'refused') faults.push(`made though refused: change ${id} of ${place}`);
    if (count === 0 && outcome === 'acknowledged' && !mayBeSo) faults.push(`lost: change ${id} of ${place} was acknowledged`);
  }
  return faults;
}

/** No change stands before one that was acknowledged before it was sent, and nothing was read that was over, or had not begun. */
function timeFaults({ place, first, sent, kept }: Chain, readings: readonly Reading[]): readonly string[] {
  const faults: string[] = [];
  /** Whether the place gives after so many of the kept changes. */
  const gives = [first.gives, ...kept.map((one) => one.gives)];
  const changes = kept.map(({ id }) => sent.get(id ?? ''));
  const begun = new LatestBefore(changes.flatMap((change, i) => (change === undefined ? [] : [[change.sentMs, i + 1] as const])));
  const acknowledged = changes.flatMap((change, i) =>
    change?.outcome === 'acknowledged' && change.answeredMs !== undefined ? [[change.answeredMs, i + 1] as const] : [],
  );
  const traced = new LatestBefore(acknowledged);
  /** The first state that somebody who asked then may have been told. */
  const find = (among: LatestBefore, isGiven: boolean, fromMs: number, untilMs: number): number | undefined => {
    const last = begun.at(untilMs);
    for (let i = among.at(fromMs); i <= last; i += 1) if (gives[i] === isGiven) return i;
    return undefined;
  };
  const keptIds = new Set(kept.map(({ id }) => id));
  for (const { id, gives: isGiven, outcome, mayBeSo, sentMs, answeredMs } of sent.values()) {
    if (outcome !== 'acknowledged' || !mayBeSo || keptIds.has(id) || answeredMs === undefined) continue;
    const at = find(traced, isGiven, sentMs, answeredMs);
    if (at === undefined) faults.push(`lost: change ${id} of ${place} was acknowledged as being so, which it was not`);
    else acknowledged.push([answeredMs, at]);
  }
  const told = new LatestBefore(acknowledged);
  for (const [i, change] of changes.entries()) {
    if (change !== undefined && told.at(change.sentMs) > i + 1) {
      faults.push(`out of order: change ${change.id} of ${place} stands before one that was acknowledged before it was sent`);
    }
  }
  for (const { node, gives: isGiven, sentMs, answeredMs } of readings) {
    if (find(told, isGiven, sentMs, answeredMs) !== undefined) continue;
    faults.push(
      `stale: ${node} answered ${place} as ${isGiven ? 'given' : 'not given'} at ${Math.round(answeredMs)} ms, after change ${told.at(sentMs)} of its log was acknowledged`,
    );
  }
  return faults;
}

/** The highest of the numbers whose time was over at a moment; 0 if there is none. */
class LatestBefore {
  readonly #times: readonly number[];
  readonly #highest: readonly number[];

  constructor(entries: readonly (readonly [ms: number, n: number])[]) {
    const sorted = entries.toSorted(([a], [b]) => a - b);
    let highest = 0;
    this.#times = sorted.map(([ms]) => ms);
    this.#highest = sorted.map(([, n]) => {
      highest = Math.max(highest, n);
      return highest;
    });
  }

  at(ms: number): number {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] as number) < ms) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : (this.#highest[low - 1] as number);
  }
}

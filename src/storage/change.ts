import { randomInt } from 'node:crypto';
import { ProblemError } from '#problem';
import { canonicalJson } from './event-chain.js';
import { checkKey, partiesOf, valuesOf } from './limits.js';
import type { ChangeFacts, ChangeOptions, Entity, Expectation, PutOrder, Stored } from './port.js';

/** A change that waits to be written. All that can be computed or refused without the store has been. @template D what the adapter keeps beside a document */
export interface Change<D = unknown> {
  readonly entity: Entity<unknown>;
  readonly key: string;
  /** Canonical JSON; absent means remove. */
  readonly json: string | undefined;
  /** As it was handed in; absent means remove. */
  readonly value: unknown;
  /** What is kept beside the document; nothing if it is removed. */
  readonly derived: D | undefined;
  /** Values that must be nobody else's, as [index, value]. */
  readonly unique: readonly (readonly [string, string])[];
  readonly options: ChangeOptions;
}

const NOTHING_UNIQUE: Change['unique'] = [];

/**
 * A change ready to be written; `undefined` as value removes.
 * @param derive what the adapter keeps beside the document
 * @throws TypeError or ProblemError `invalid-request` for what can never be written
 */
export function prepareChange<T, D>(
  entity: Entity<T>,
  key: string,
  value: T | undefined,
  options: ChangeOptions,
  derive: (entity: Entity<T>, key: string, value: T) => D,
): Change<D> {
  checkKey('the key', key);
  const { expect, facts } = options;
  if (expect !== 'absent' && expect !== 'any' && !(Number.isSafeInteger(expect) && expect > 0)) {
    throw new TypeError('expect is not absent, any or a revision');
  }
  return {
    entity: entity as unknown as Entity<unknown>,
    key,
    json: value === undefined ? undefined : canonicalJson(value),
    value,
    derived: value === undefined ? undefined : derive(entity, key, value),
    unique: value === undefined ? NOTHING_UNIQUE : uniqueOf(entity, value),
    options: { expect, facts: keptFacts(facts) },
  };
}

/** The changes of Collection.putMany. @throws as prepareChange, TypeError if a key comes twice */
export function prepareChanges<T, D>(
  entity: Entity<T>,
  orders: readonly PutOrder<T>[],
  facts: ChangeFacts,
  derive: (entity: Entity<T>, key: string, value: T) => D,
): readonly Change<D>[] {
  const changes = orders.map(({ value, expect }) => prepareChange(entity, entity.key(value), value, { expect, facts }, derive));
  if (new Set(changes.map(({ key }) => key)).size < changes.length) throw new TypeError('a key comes twice');
  return changes;
}

/** What Collection.putMany answers. @param outcomes of the changes of the orders; throws the first that is an Error of another kind */
export function putOutcomes<T>(
  orders: readonly PutOrder<T>[],
  outcomes: readonly (number | undefined | Error)[],
): readonly (Stored<T> | ProblemError)[] {
  return orders.map(({ value }, i) => {
    const outcome = outcomes[i];
    if (outcome instanceof ProblemError) return outcome;
    if (outcome instanceof Error) throw outcome;
    return { value, revision: outcome as number };
  });
}

/** Whether a document as it stands is what the change was made from. @param revision undefined: there is none */
export function isExpected(expect: Expectation, revision: number | undefined): boolean {
  return expect === 'absent' ? revision === undefined : expect === 'any' || revision === expect;
}

function uniqueOf<T>(entity: Entity<T>, value: T): Change['unique'] {
  const names = Object.keys(entity.indexes).filter((name) => entity.indexes[name]?.unique === true);
  return names.flatMap((name) => valuesOf(entity, name, value).map((text) => [name, text] as const));
}

const checkedFacts = new WeakMap<ChangeFacts, ChangeFacts>();

/** A copy that is known to be JSON; one for all changes that share the facts. */
function keptFacts(facts: ChangeFacts): ChangeFacts {
  let kept = checkedFacts.get(facts);
  if (kept === undefined) {
    canonicalJson(facts);
    kept = { ...facts };
    checkedFacts.set(facts, kept);
  }
  return kept;
}

/**
 * The canonical JSON of an event, without its place: what its hash covers. By hand, since the members stand sorted and the states are canonical
 * texts already.
 */
export function eventJson(
  { entity, key, json, options: { facts } }: Change,
  revision: number,
  before: { readonly json: string } | undefined,
  previousHash: string,
): string {
  const [start, end] = eventAround({ entity: entity.name, key, facts }, revision, before, previousHash);
  return json === undefined ? start + end : `${start},"after":${json}${end}`;
}

/** What stands in the canonical JSON of an event before the state after it, and what stands behind. */
export function eventAround(
  { entity, key, facts }: { readonly entity: string; readonly key: string; readonly facts: ChangeFacts },
  revision: number,
  before: { readonly json: string } | undefined,
  previousHash: string,
): readonly [start: string, end: string] {
  return [
    `{"action":${JSON.stringify(facts.action)},"actor":${JSON.stringify(facts.actor)}`,
    `,"at":"${facts.at}"` +
      (before === undefined ? '' : `,"before":${before.json}`) +
      `,"entity":"${entity}","fromRevision":${revision - 1},"key":${JSON.stringify(key)}` +
      optional('onBehalfOf', facts.onBehalfOf) +
      `,"previousHash":"${previousHash}"` +
      optional('reason', facts.reason) +
      `${optional('requestId', facts.requestId)},"revision":${revision}}`,
  ];
}

function optional(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

const NOBODY: ReadonlySet<string> = new Set();
/** Revisions without history begin below this; some 8 million changes of one document lie between it and the last safe integer. */
const MOST_FIRST_REVISION = 2 ** 47;

/** Where the revisions of a document begin that keeps no history: anywhere, so that one of a removed document is not met again. */
export function firstPassingRevision(): number {
  return randomInt(1, MOST_FIRST_REVISION);
}

/** Whom a change concerns, or why it is refused. */
export function partiesOrRefusal({ entity, value }: Change, before: unknown): ReadonlySet<string> | Error {
  if (entity.concerns === undefined) return NOBODY;
  try {
    return partiesOf(entity, before, value);
  } catch (cause) {
    if (cause instanceof ProblemError || cause instanceof TypeError) return cause;
    return new TypeError(`whom a change of ${entity.name} concerns cannot be told`, { cause });
  }
}

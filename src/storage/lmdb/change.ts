import { canonicalJson } from '../event-chain.js';
import type { ChangeFacts, ChangeOptions, Entity } from '../port.js';
import { checkKey, type Derived, derivedOf, valuesOf } from './layout.js';

/** A change that waits for its transaction. All that can be computed or refused without the store has been. */
export interface Change {
  readonly entity: Entity<unknown>;
  readonly key: string;
  /** Canonical JSON; absent means remove. */
  readonly json: string | undefined;
  /** As it was handed in; absent means remove. */
  readonly value: unknown;
  /** What is kept beside the document; nothing if it is removed. */
  readonly derived: Derived;
  /** Values that must be nobody else's, as [index, value]. */
  readonly unique: readonly (readonly [string, string])[];
  readonly options: ChangeOptions;
}

/** What is kept beside a document that is not there. */
export const NOTHING_DERIVED: Derived = { indexes: new Set(), expiration: undefined };
const NOTHING_UNIQUE: Change['unique'] = [];

/** A change ready for its transaction; `undefined` as value removes. @throws TypeError or ProblemError `invalid-request` for what can never be written */
export function prepareChange<T>(entity: Entity<T>, key: string, value: T | undefined, options: ChangeOptions): Change {
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
    derived: value === undefined ? NOTHING_DERIVED : derivedOf(entity, key, value),
    unique: value === undefined ? NOTHING_UNIQUE : uniqueOf(entity, value),
    options: { expect, facts: keptFacts(facts) },
  };
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
  return (
    `{"action":${JSON.stringify(facts.action)},"actor":${JSON.stringify(facts.actor)}` +
    (json === undefined ? '' : `,"after":${json}`) +
    `,"at":"${facts.at}"` +
    (before === undefined ? '' : `,"before":${before.json}`) +
    `,"entity":"${entity.name}","fromRevision":${revision - 1},"key":${JSON.stringify(key)}` +
    optional('onBehalfOf', facts.onBehalfOf) +
    `,"previousHash":"${previousHash}"` +
    optional('reason', facts.reason) +
    `${optional('requestId', facts.requestId)},"revision":${revision}}`
  );
}

function optional(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

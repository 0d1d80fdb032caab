// The storage port: what may be stored, how it is found and changed, and the chained events of every change.
// Here are types with their guarantees and the hashing of events; the adapters are behind doors of their own (#storage/lmdb).
// Rooms that keep something call it; only the gateway and the tests name an adapter.
export { canonicalJson, eventHash, isCanonical, verifyChain } from './event-chain.js';
export { type CollectionsOf, oncePerStore, openedOnce } from './opened-once.js';
export type {
  BrokenEvent,
  ChangeFacts,
  ChangeOptions,
  Collection,
  DirectedRange,
  Entity,
  EventLog,
  EventPage,
  EventRange,
  Expectation,
  Index,
  Page,
  PutOrder,
  Query,
  Reading,
  Ref,
  Refs,
  Store,
  Stored,
  StoreEvent,
  Verification,
} from './port.js';

// The storage port on MongoDB: any number of gateway processes over one replica set, sharded cluster or single server.
// How documents and events lie there is in layout.ts, how a change and its event stay together in writer.ts; nothing of MongoDB leaves this folder.
// Only the gateway and tests call it.
export { examineMongo, type FoundDatabase, holdsMongoStore, mongoPlace } from './examine.js';
export type { IndexFault } from './indexes.js';
export { type MongoOptions, openMongoStore } from './mongo-store.js';
export { Pulse } from './pulse.js';
export { isSameMongoStore, readWholeMongo, type WholeMongoOptions, writeWholeMongo } from './whole/open-whole.js';

// What the room keeps: for who opens a store, and for entities of other rooms. A process that checks a store loads this, and none of the use cases.
export { claims } from './claims.js';
export { entities, seatIndex } from './parts.js';
export { personSecrets } from './person-secrets.js';
export { processes } from './processes.js';
export { storeSchemas } from './schema.js';
export { storeKinds } from './store-kind.js';

// Clients: what organisations fetch tokens with, the keys that these sign with, and on whose behalf they act.
// One use case per file; each asks leave (administer/leave.ts). Which scopes a client may be registered with is said in policies/maskinporten/clients.
// The door of #maskinporten hands it on; the token endpoint reads the entity itself.
export { addScopes, changeClient, deactivateClient, type WholeClient } from './change-client.js';
export { CITIZENS_CLIENT } from './client-id.js';
export {
  type EndingKey,
  keysOf,
  listEndingKeys,
  MOST_KEYS,
  putKey,
  readKey,
  readKeys,
  removeKey,
  removeKeys,
  replaceKeys,
} from './client-keys.js';
export { isClientSecret, renewSecret } from './client-secret.js';
export type { SentClient } from './client-terms.js';
export { createClient, type MadeClient, type NewClient } from './create-client.js';
export {
  createSharedClient,
  deactivateSharedClient,
  listSharedAccesses,
  listSharedClients,
  type SharedClient,
} from './datasharing.js';
export { createFirstClient, FIRST_SCOPES, type FirstClient } from './first-client.js';
export { KeyEndings, type KeyWarning } from './key-endings.js';
export { parseKid } from './kid.js';
export type { ClientView } from './leave-for-client.js';
export { loginClient } from './login-client.js';
export {
  addOnBehalfOf,
  changeOnBehalfOf,
  listOnBehalfOf,
  type OnBehalfOfTerms,
  type OnBehalfOfView,
  readOnBehalfOf,
  removeOnBehalfOf,
} from './on-behalf-of.js';
export { publicKeyInText, publicKeyOf, type SoundKey } from './public-key.js';
export { type ClientFilter, listClients, readClient } from './read-client.js';

// A business's own systems: what it may give them, and the walk that makes client, system and system user at once.
// It goes by register/ and users/, and by clients of #maskinporten.
// Who may is decided in policies/systembruker/admin and policies/maskinporten/admin.
export { listOffered, type Offered } from './offered.js';
export { addOwnScopes, makeOwnSystem, type OwnSystem, readOwnSystemUser, type SentOwnSystem } from './own-system.js';

// The keys that our issuers sign with: made once, kept sealed in the store, the same in every process, and following each other.
// ring.ts says what signs and is published when; tend-keys.ts makes, retires and erases; signing-ring.ts signs.
// The door of #maskinporten hands it on.
export { conditionsOfKeys } from './conditions.js';
export { sealedIssuerSecrets } from './entities.js';
export { LONGEST_TOKEN_SECONDS } from './ring.js';
export { type IssuerKeyView, type IssuerRotation, listIssuerKeys, rotateIssuer } from './rotate-issuer.js';
export { SigningRing } from './signing-ring.js';
export { type NewKeyTerms, type TendingTerms, tendKeys } from './tend-keys.js';

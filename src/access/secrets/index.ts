// The secrets that persons are sealed under: what is sealed under which key, and how one key takes the place of another while the gateways run.
// The keys themselves are in #persons; which of them are in force stands in the store (person-secrets.ts).
// The door of #access hands it on.

export { readSecrets, type SecretsView } from './read-secrets.js';
export { type RotationOutcome, type RotationTerms, rotateSecrets } from './rotate-secrets.js';
export { type SealedPlace, sealedPlaces } from './sealed-places.js';

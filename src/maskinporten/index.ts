// The Maskinporten side: who it is as an issuer, and what stands in the access tokens of machines.
// It keeps nothing yet: scopes, accesses, clients and the token endpoint have their place here. The signing is #tokens'.
// demo, the gateway and tests may call; it knows #tokens, #domain and what is below.
export { maskinportenIssuer, maskinportenName } from './issuer.js';
export { type MachineClaims, type MachineClaimsOptions, machineClaims, type OrganisationClaim } from './machine-claims.js';

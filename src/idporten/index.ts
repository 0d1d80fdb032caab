// The ID-porten side: who it is as an issuer, and what stands in the access tokens of persons who have logged in.
// It keeps nothing yet: the OpenID provider, consents and KRR have their place here. The signing is #tokens'.
// demo, the gateway and tests may call; it knows #tokens, #domain and what is below.
export { idportenIssuer, idportenName } from './issuer.js';
export { type PersonClaims, type PersonClaimsOptions, personClaims } from './person-claims.js';

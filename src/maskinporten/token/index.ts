// The token endpoint: the JWT-bearer grant as a table of checks (steps/), the catalogue of its faults, the token that comes of it.
// Whether a scope may be issued is decided in policies/maskinporten/token; how a form comes and an answer is written is for #http.
// The room's door hands it out; the gateway puts the endpoint together.
export { type CertificateOptions, tokenCertificates } from './certificates/index.js';
export { type FaultEntry, type FaultName, faultCatalogue, isFaultName, type PageText } from './fault-catalogue.js';
export { type IssuedToken, issueToken } from './issue-token.js';
export type {
  AuthorizationDetails,
  CertificateJudge,
  DetailsHandler,
  DetailsQuestion,
  SenderStanding,
  TokenEndpoint,
  TokenLimits,
  TokenParts,
  ToldDetails,
} from './parts.js';
export type { Form } from './steps/form.js';
export { TokenFault } from './token-fault.js';

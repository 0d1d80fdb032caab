// The OpenID provider of the ID-porten side: panva's, with our store, clients, keys and rules behind it (0070, 0071).
// What a client has for a person is said in policies/idporten and kept in authorizations/; how a person shows who it is, and all that is shown, are ports (ports.ts).
// A door of its own, so that no command loads the library: the gateway opens it.
import { speakAgain } from './quiet.js';

export { type Artifact, artifacts, endGrant, type RevokedToken, revokedTokenKey, revokedTokens, sealedArtifacts } from './artifacts.js';
export { type IdportenEndpoint, IdportenProvider, type ProviderOptions } from './idporten-provider.js';
export { ACR_VALUES } from './levels.js';
export { PlainConsent } from './plain/plain-consent.js';
export type {
  AskedConsent,
  AskedLogin,
  ConsentStep,
  EidStep,
  LoggedIn,
  LoginOutcome,
  ProviderPage,
  ShowPage,
  StepExchange,
} from './ports.js';

speakAgain();

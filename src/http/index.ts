// HTTP: Koa, the middleware that every API shares, and one folder per API with its OpenAPI description.
// It authenticates, parses, asks a use case and writes the answer; it decides nothing and keeps nothing.
// The gateway makes the server and hands in what it needs.

export type { Api } from './api.js';
export { demoEidStep } from './idporten/eid/demo-step.js';
export type { UpstreamParts } from './idporten/eid/routes.js';
export { upstreamEidStep } from './idporten/eid/upstream-step.js';
export { showProviderPage } from './idporten/provider-pages.js';
export type { Issuer } from './issuer/routes.js';
export { type Readiness, readinessOf } from './operations/readiness.js';
export { openPages } from './pages/index.js';
export type { ProtectedResource } from './protected-resource.js';
export {
  type ApisParts,
  gatewayApis,
  type HandedServer,
  handedServer,
  openServer,
  type RunningServer,
  type ServerParts,
} from './server.js';

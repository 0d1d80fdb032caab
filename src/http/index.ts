// HTTP: Koa, the middleware that every API shares, and one folder per API with its OpenAPI description.
// It authenticates, parses, asks a use case and writes the answer; it decides nothing and keeps nothing.
// The gateway makes the server and hands in what it needs.

export type { Api } from './api.js';
export type { Issuer } from './issuer/routes.js';
export { type Readiness, readinessOf } from './operations/readiness.js';
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

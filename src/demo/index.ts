// The demo world: the 357 kommuner, two tilbydere, their applications, scopes and clients, 300 synthetic persons with grants of every sort,
// and what a correct service answers about each of them.
// The world itself is pure: the same moment gives the same world. fill.ts alone writes, through the use cases of #access.
// Organisation numbers of kommuner, fylkeskommuner and agencies are real and public; everything marked `syntheticOrgnr` and
// every person is invented. The gateway, the CLI and tests may call it.
export { DEMO_KEY_FILE, openDemoClientKey } from './client-key.js';
export { DEMO_OPERATOR, isFilled } from './entities.js';
export { fillDemoWorld } from './fill.js';
export type { DemoSide } from './fill-maskinporten.js';
export {
  type DemoHolder,
  type DemoTokenOptions,
  demoTokenFor,
  rememberedOrigin,
  rememberOrigin,
} from './issuers.js';
export { KOMMUNER, type Kommune } from './kommuner.js';
export type { DemoMaskinporten, DemoRegistration, DemoScope } from './maskinporten-world.js';
export { DEMO_COMMAND_LINE } from './maskinporten-world.js';
export { type DemoFace, demoFaces } from './people.js';
export { syntheticOrgnr, syntheticPersonNumber } from './synthetic-numbers.js';
export type { DemoSystembruker } from './systembruker-world.js';
export {
  type DemoAdministrator,
  type DemoClient,
  type DemoExpectation,
  type DemoGrant,
  type DemoGrantSort,
  type DemoOrganisation,
  type DemoPerson,
  type DemoWorld,
  demoWorld,
} from './world.js';

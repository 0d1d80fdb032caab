// What all share who ask another server: a time limit for the whole answer that holds whatever the server does, bodies with a bound, and for addresses that
// somebody else has named, which of them may be reached at all.
// It knows no room, and no server by name.
// policy, tokens, decisions, idporten, systembruker and cli ask by it.
export { type BodyBounds, boundedBytes, boundedText } from './bounded-body.js';
export {
  type Address,
  addressText,
  contains,
  type Network,
  networkText,
  parseAddress,
  parseNetwork,
  rangeToNetworks,
} from './ip.js';
export { mayReach } from './networks.js';
export {
  addressesOf,
  fetchOutside,
  type OutsideLimits,
  OutsideRefusal,
  type OutsideRequest,
  type OutsideResponse,
  type Resolve,
  resolveByDns,
} from './outside.js';
export { within } from './within.js';

// What all share who ask another server: a time limit for the whole answer that holds whatever the server does, and bodies with a bound.
// It knows no room, and no server by name.
// policy, tokens, decisions, idporten and cli ask by it.
export { type BodyBounds, boundedBytes, boundedText } from './bounded-body.js';
export { within } from './within.js';

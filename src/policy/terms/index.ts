// Values of Rego in TypeScript. A number keeps its text, a set is a set, and any term may be a key: JSON has none of these.
// Built-ins take and give terms; the bridge to a module (../wasm) reads and writes them as Rego text.
// Not here: what a built-in does with them, and who may ask what.

export { parseJson, termOf, textEntries, valueOf, writeJson } from './json.js';
export { compareNumbers, type Decimal, RegoNumber } from './rego-number.js';
export { quoted, readRego, writeRego } from './rego-text.js';
export { compareTerms, compareTexts, equalTerms, isArray, keyOf, kindOf, RegoObject, RegoSet, type Term } from './term.js';

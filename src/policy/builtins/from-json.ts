import { RegoObject, readRego, type Term } from '../terms/index.js';
import { BuiltinError, BuiltinHalt } from './builtin.js';

/** A JSON text as a term. @throws BuiltinError for what is no JSON, BuiltinHalt for JSON that nests deeper than terms do here */
export function fromJson(text: string): Term {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new BuiltinError('no JSON', { cause });
  }
  try {
    return readRego(text.trim());
  } catch (cause) {
    // OPA reads it: what is not done here for want of room must not pass for undefined.
    throw new BuiltinHalt('JSON that nests too deep', { cause });
  }
}

/** A JSON text that is an object. @throws BuiltinError for any other */
export function objectFromJson(text: string): RegoObject {
  const term = fromJson(text);
  if (!(term instanceof RegoObject)) throw new BuiltinError('the JSON is no object');
  return term;
}

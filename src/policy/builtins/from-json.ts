import { parseJson, RegoObject, type Term } from '../terms/index.js';
import { BuiltinError } from './builtin.js';

/** A JSON text as a term. @throws BuiltinError for what is no JSON */
export function fromJson(text: string): Term {
  try {
    return parseJson(text);
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof RangeError) throw new BuiltinError('no JSON', { cause });
    throw cause;
  }
}

/** A JSON text that is an object. @throws BuiltinError for any other */
export function objectFromJson(text: string): RegoObject {
  const term = fromJson(text);
  if (!(term instanceof RegoObject)) throw new BuiltinError('the JSON is no object');
  return term;
}

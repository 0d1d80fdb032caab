import { isArray, RegoObject, type Term, termOf, writeJson } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { fromJson } from './from-json.js';
import { compileSchema } from './json-schema-parser.js';
import { schemaErrors } from './json-schema-validator.js';
import { compiledOnce } from './once-compiled.js';

/** `json.match_schema` and `json.verify_schema`: JSON Schema drafts 4, 6 and 7. */
export const jsonSchemaBuiltins: Builtins = {
  'json.match_schema': ([document = null, schema = null]) => {
    const given = fromJson(jsonTextOf(document));
    const errors = schemaErrors(compiled(jsonTextOf(schema)), given);
    const described = errors.map(({ type, field, description }) => ({ error: `${field}: ${description}`, type, field, desc: description }));
    return [errors.length === 0, termOf(described)];
  },
  'json.verify_schema': ([schema = null]) => {
    try {
      compiled(jsonTextOf(schema));
      return [true, null];
    } catch (cause) {
      if (!(cause instanceof BuiltinError)) throw cause;
      return [false, `jsonschema: ${cause.message}`];
    }
  },
};

const compiled = compiledOnce(50, (text) => compileSchema(fromJson(text)));

function jsonTextOf(term: Term): string {
  if (term instanceof RegoObject || isArray(term)) return writeJson(term);
  if (typeof term !== 'string') throw new BuiltinError('wrong type, expected string or object');
  try {
    fromJson(term);
    return term;
  } catch (cause) {
    if (cause instanceof BuiltinError) throw new BuiltinError('invalid JSON string', { cause });
    throw cause;
  }
}

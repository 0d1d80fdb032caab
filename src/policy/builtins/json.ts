import type { Builtins } from './builtin.js';

/** JSON as text and as terms. */
export const jsonBuiltins: Builtins = {
  'json.is_valid': ([text]) => typeof text === 'string' && isJson(text),
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

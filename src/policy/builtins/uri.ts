import { RegoObject, type Term } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { parseUrl } from './go-url.js';
import { textAt } from './operands.js';

/** URIs as Go's net/url reads them: nothing is lowercased but the scheme, no port is dropped. */
export const uriBuiltins: Builtins = {
  'uri.is_valid': ([text]) => typeof text === 'string' && text !== '' && isUri(text),
  'uri.parse': (args) => parts(textAt(args, 0)),
};

function isUri(text: string): boolean {
  try {
    parseUrl(text);
    return true;
  } catch (cause) {
    if (cause instanceof BuiltinError) return false;
    throw cause;
  }
}

function parts(text: string): Term {
  const { scheme, hostname, port, path, rawPath, rawQuery, fragment } = parseUrl(text);
  const named = { scheme, hostname, port, path, raw_path: path === '' ? '' : rawPath || path, raw_query: rawQuery, fragment };
  return RegoObject.of(Object.entries(named).filter(([, part]) => part !== ''));
}

import { isArray, RegoObject, RegoSet, type Term, textEntries } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { queryEscape, queryUnescape } from './go-url.js';
import { objectAt, textAt } from './operands.js';

/** Texts as bytes in other letters. Bytes that are no UTF-8 become U+FFFD. */
export const encodingsBuiltins: Builtins = {
  'base64url.encode_no_pad': (args) => Buffer.from(textAt(args, 0), 'utf8').toString('base64url'),
  'hex.decode': (args) => hexDecoded(textAt(args, 0)),
  'hex.encode': (args) => Buffer.from(textAt(args, 0), 'utf8').toString('hex'),
  'urlquery.decode': (args) => queryUnescape(textAt(args, 0)),
  'urlquery.decode_object': (args) => decodedQuery(textAt(args, 0)),
  'urlquery.encode': (args) => queryEscape(textAt(args, 0)),
  'urlquery.encode_object': (args) => encodedQuery(objectAt(args, 0)),
};

/** As many parameters as Go reads. */
const MAX_PARAMETERS = 10_000;

function hexDecoded(text: string): string {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new BuiltinError('the text is no hexadecimal');
  return Buffer.from(text, 'hex').toString('utf8');
}

function encodedQuery(object: RegoObject): string {
  return textEntries(object)
    .flatMap(([key, value]) => valuesOf(value).map((one) => `${queryEscape(key)}=${queryEscape(one)}`))
    .join('&');
}

function valuesOf(value: Term): string[] {
  const values = isArray(value) || value instanceof RegoSet ? [...value] : [value];
  return values.map((one) => {
    if (typeof one !== 'string') throw new BuiltinError('operand 1 values must be string, array[string], or set[string]');
    return one;
  });
}

function decodedQuery(query: string): Term {
  const parts = query.split('&');
  if (parts.length > MAX_PARAMETERS) throw new BuiltinError('number of URL query parameters exceeded limit');
  const values = new Map<string, string[]>();
  for (const part of parts.filter((part) => part !== '')) {
    if (part.includes(';')) throw new BuiltinError('invalid semicolon separator in query');
    const equals = part.indexOf('=');
    const key = queryUnescape(equals < 0 ? part : part.slice(0, equals));
    const list = values.get(key) ?? [];
    list.push(equals < 0 ? '' : queryUnescape(part.slice(equals + 1)));
    values.set(key, list);
  }
  return RegoObject.of(values);
}

import { BuiltinError } from './builtin.js';

/** The bytes that a text in base64 stands for (RFC 4648 §4): with its padding, line ends among it allowed. @throws BuiltinError for what is none */
export function fromBase64(text: string): Buffer {
  return decoded(text, /^[A-Za-z0-9+/]*={0,2}$/, 'base64');
}

/** The bytes that a text in base64url stands for, with or without its padding. @throws BuiltinError for what is none */
export function fromBase64Url(text: string): Buffer {
  const padded = text.endsWith('=') ? text : text.padEnd(text.length + ((4 - (text.length % 4)) % 4), '=');
  if (padded.endsWith('===')) throw new BuiltinError('illegal base64url');
  return decoded(padded, /^[A-Za-z0-9_-]*={0,2}$/, 'base64url');
}

function decoded(text: string, shape: RegExp, encoding: 'base64' | 'base64url'): Buffer {
  const dense = text.replace(/[\r\n]/g, '');
  if (dense.length % 4 !== 0 || !shape.test(dense)) throw new BuiltinError(`illegal ${encoding}`);
  return Buffer.from(dense, encoding);
}

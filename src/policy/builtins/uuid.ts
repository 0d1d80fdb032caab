import { randomUUID } from 'node:crypto';
import { keyOf, RegoNumber, RegoObject, type Term } from '../terms/index.js';
import type { Builtins } from './builtin.js';
import { textAt } from './operands.js';

/** UUIDs (RFC 4122). */
export const uuidBuiltins: Builtins = {
  'uuid.parse': (args) => parse(textAt(args, 0)),
  'uuid.rfc4122': ([name], evaluation) => evaluation.once(`uuid.rfc4122 ${keyOf(name as Term)}`, () => randomUUID()),
};

/** From 15 October 1582 to 1970 in steps of 100 ns. */
const GREGORIAN = 122192928000000000n;

/** Plain, as a URN, in braces (of which Go looks at none), without hyphens. */
function bytesOf(text: string): Buffer | undefined {
  const inner = text.length === 45 ? text.replace(/^urn:uuid:/i, '') : text.length === 38 ? text.slice(1, 37) : text;
  const isPlain = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(inner);
  return isPlain || /^[0-9a-f]{32}$/i.test(text) ? Buffer.from(inner.replaceAll('-', ''), 'hex') : undefined;
}

function parse(text: string): Term | undefined {
  const bytes = bytesOf(text);
  if (bytes === undefined) return undefined;
  const version = (bytes[6] as number) >> 4;
  const parts: [string, Term][] = [
    ['version', RegoNumber.of(version)],
    ['variant', variantOf(bytes[8] as number)],
  ];
  if (version === 1 || version === 2) parts.push(...timeParts(bytes));
  if (version === 2) {
    parts.push(['id', RegoNumber.of(bytes.readUInt32BE(0))]);
    parts.push(['domain', ['Person', 'Group', 'Org'][bytes[9] as number] ?? `Domain${bytes[9]}`]);
  }
  return RegoObject.of(parts);
}

function variantOf(byte: number): string {
  if ((byte & 0xc0) === 0x80) return 'RFC4122';
  if ((byte & 0xe0) === 0xc0) return 'Microsoft';
  return (byte & 0xe0) === 0xe0 ? 'Future' : 'Reserved';
}

function timeParts(bytes: Buffer): [string, Term][] {
  const high = BigInt(bytes.readUInt16BE(6) & 0xfff);
  const steps = BigInt(bytes.readUInt32BE(0)) | (BigInt(bytes.readUInt16BE(4)) << 32n) | (high << 48n);
  const node = Array.from(bytes.subarray(10), (byte) => byte.toString(16).padStart(2, '0')).join('-');
  const first = bytes[10] as number;
  return [
    ['time', RegoNumber.of(BigInt.asIntN(64, (steps - GREGORIAN) * 100n))],
    ['nodeid', node],
    ['macvariables', `${(first & 2) === 0 ? 'global' : 'local'}:${(first & 1) === 0 ? 'unicast' : 'multicast'}`],
    ['clocksequence', RegoNumber.of(bytes.readUInt16BE(8) & 0x3fff)],
  ];
}

import { loadYaml } from '#settings';
import { RegoNumber, RegoObject, type Term } from '../terms/index.js';
import { MAX_DEPTH, UnfitText } from './structured-json.js';

const MAX_ALIASES = 100;
const TRUE = /^(?:true|True|TRUE)$/;
const FALSE = /^(?:false|False|FALSE)$/;
const NULL = /^(?:|~|null|Null|NULL)$/;
const DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;
/** What OPA may take for a number (octal, hexadecimal, with `_`, infinite) and others for a text. */
const DOUBTFUL =
  /^(?:[-+]?\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]+)?|[-+]?0[box][0-9a-fA-F_]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

class Doubtful {}

/** Plain words as OPA's YAML takes them. */
const OPA_WORDS = [
  { tag: 'tag:yaml.org,2002:null', default: true as const, test: NULL, resolve: () => null },
  { tag: 'tag:yaml.org,2002:bool', default: true as const, test: TRUE, resolve: () => true },
  { tag: 'tag:yaml.org,2002:bool', default: true as const, test: FALSE, resolve: () => false },
  { tag: 'tag:yaml.org,2002:int', default: true as const, test: DECIMAL, resolve: (text: string) => new RegoNumber(asGoWrites(text)) },
  { tag: 'tag:yaml.org,2002:float', default: true as const, test: DOUBTFUL, resolve: () => new Doubtful() },
];

/**
 * Reads the YAML of a data file as OPA does.
 * @throws UnfitText for another text, a key that stands twice, and what readers of YAML take for different numbers
 */
export function readStructuredYaml(bytes: Uint8Array): Term {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const read = loadYaml().parseDocument(text, { schema: 'failsafe', customTags: OPA_WORDS, merge: true });
    const [fault] = [...read.errors, ...read.warnings];
    if (fault !== undefined) throw fault;
    return termOf(read.toJS({ mapAsMap: true, maxAliasCount: MAX_ALIASES }), 1);
  } catch (cause) {
    throw cause instanceof UnfitText ? cause : new UnfitText('is no YAML in UTF-8', { cause });
  }
}

function termOf(value: unknown, depth: number): Term {
  if (depth > MAX_DEPTH) throw new UnfitText(`nests deeper than ${MAX_DEPTH} levels`);
  if (typeof value === 'string' && /\p{Cs}/u.test(value)) throw new UnfitText('has half a character');
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || value instanceof RegoNumber) return value;
  if (Array.isArray(value)) return value.map((one) => termOf(one, depth + 1));
  if (value instanceof Doubtful) throw new UnfitText('has a number that is not plain decimal: write it so, or in quotes if it is a text');
  if (!(value instanceof Map)) throw new UnfitText('has a tag, which data has no use for');
  const object = new Map<string, Term>();
  for (const [key, one] of value as Map<unknown, unknown>) {
    const name = key instanceof RegoNumber ? key.text : typeof key === 'boolean' ? String(key) : key;
    if (typeof name !== 'string') throw new UnfitText('has a key that is no text');
    if (object.has(name)) throw new UnfitText('names a key twice in one object');
    object.set(name, termOf(one, depth + 1));
  }
  return RegoObject.of(object);
}

/** Whole numbers of 64 bits exactly, others as the nearest double in its shortest form. */
function asGoWrites(text: string): string {
  if (/^-?[0-9]+$/.test(text)) {
    const whole = BigInt(text);
    if (whole >= -(2n ** 63n) && whole < 2n ** 64n) return String(whole);
  }
  const nearest = Number(text);
  return Object.is(nearest, -0) ? '-0' : String(nearest);
}

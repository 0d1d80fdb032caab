import { RegoNumber, type Term } from '../terms/index.js';
import { BuiltinError } from './builtin.js';
import { fromBase64 } from './bytes.js';

// How go-yaml v3 reads plain scalars, with what OPA makes of them: YAML 1.2 with the numbers of 1.1, and dates as texts.

/** What a plain scalar is; `undefined` for a number that JSON has no form for. */
export function plainScalar(text: string): { readonly kind: Kind; readonly value: Term | undefined } {
  if (text === '' || text === '~' || /^(?:null|Null|NULL)$/.test(text)) return { kind: 'null', value: null };
  if (/^(?:true|True|TRUE)$/.test(text)) return { kind: 'bool', value: true };
  if (/^(?:false|False|FALSE)$/.test(text)) return { kind: 'bool', value: false };
  if (/^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/.test(text)) return { kind: 'float', value: undefined };
  if (isTimestamp(text)) return { kind: 'timestamp', value: text };
  const number = /^[-+0-9]/.test(text) ? numberOf(text.replaceAll('_', '')) : /^\./.test(text) ? floatOf(text) : undefined;
  if (number === undefined) return { kind: 'str', value: text };
  return {
    kind: typeof number === 'bigint' ? 'int' : 'float',
    value: Object.is(number, -0) ? new RegoNumber('-0') : RegoNumber.of(number),
  };
}

type Kind = 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'str';

const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function numberOf(text: string): bigint | number | undefined {
  const [whole, sign, hex, binary, octal, decimal] = (text.length <= 100 ? INTEGER.exec(text) : null) ?? [];
  if (whole === undefined) return floatOf(text);
  const digits =
    hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : octal !== undefined ? `0o${octal}` : (decimal as string);
  const value = BigInt(digits) * (sign === '-' ? -1n : 1n);
  // Unsigned ones have no sign at all.
  const fits = BigInt.asIntN(64, value) === value || (sign === '' && BigInt.asUintN(64, value) === value);
  return fits ? value : floatOf(text);
}

function floatOf(text: string): number | undefined {
  const value = FLOAT.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** What go-yaml takes for a time: a date, or a date and a clock. */
function isTimestamp(text: string): boolean {
  const [, year, month, day, hour = '0', minute = '0', second = '0'] =
    /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d))|(?: (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?))?$/.exec(
      text,
    ) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isDay && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}

/** The value of a scalar with a tag that says what it is. @throws BuiltinError if it is not that */
export function taggedScalar(tag: string, text: string): Term | undefined {
  const short = tag.replace('tag:yaml.org,2002:', '!!');
  if (short === '!!binary') return fromBase64(text).toString('utf8');
  if (!/^!!(?:str|bool|int|float|null|timestamp)$/.test(short) || short === '!!str') return text;
  const { kind, value } = plainScalar(text);
  if (`!!${kind}` === short && kind !== 'timestamp') return value;
  if (short === '!!float' && kind === 'int') return value;
  throw new BuiltinError(`yaml: a ${kind} where it says ${short}`);
}

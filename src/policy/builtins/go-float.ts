/** Decimal digits of a number: 0.DIGITS × 10^point, as many as asked for. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

/**
 * A finite double as Go's strconv.FormatFloat writes it.
 * @param precision -1 for as few digits as tell it from every other double
 */
export function formatFloat(value: number, verb: string, precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (verb === 'b') return sign + binary(size);
  if (verb === 'x' || verb === 'X') return sign + hexadecimal(size, verb, precision);
  const written = digitsOf(size, verb, precision);
  const places = precision >= 0 ? precision : Math.max(written.digits.length - (/[eE]/.test(verb) ? 1 : written.point), 0);
  if (verb === 'f') return sign + fixed(written, places);
  if (verb === 'e' || verb === 'E') return sign + scientific(written, places, verb);
  return sign + general(written, verb, precision);
}

function digitsOf(size: number, verb: string, precision: number): Digits {
  if (size === 0) return { digits: '0', point: 1 };
  if (precision < 0) {
    const [, int = '', fraction = '', exponent = '0'] = /^(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(size.toExponential()) ?? [];
    return { digits: int + fraction, point: Number(exponent) + 1 };
  }
  const exact = exactDigits(size);
  const kept = verb === 'f' ? exact.point + precision : /[eE]/.test(verb) ? precision + 1 : Math.max(precision, 1);
  return rounded(exact, kept);
}

/** All digits of a double: it is a fraction of a power of two. */
function exactDigits(size: number): Digits {
  const { mantissa, exponent } = parts(size);
  const scaled = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const digits = scaled.toString();
  return { digits: digits.replace(/0+$/, '') || '0', point: digits.length + Math.min(exponent, 0) };
}

/** To the nearest, of two equally near ones to the even one. */
function rounded({ digits, point }: Digits, kept: number): Digits {
  if (kept >= digits.length) return { digits, point };
  if (kept < 0) return { digits: '0', point: 1 };
  const head = digits.slice(0, kept);
  const rest = digits.slice(kept);
  const isHalf = rest === '5';
  const isOdd = kept > 0 && Number(head.at(-1)) % 2 === 1;
  if (rest < '5' || (isHalf && !isOdd)) return head === '' ? { digits: '0', point: 1 } : { digits: head, point };
  const up = (BigInt(head || '0') + 1n).toString().padStart(kept, '0');
  return { digits: up, point: point + (up.length - kept) };
}

function fixed({ digits, point }: Digits, places: number): string {
  const isZero = digits === '0';
  const int = isZero || point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0');
  if (places === 0) return int;
  const fraction = isZero ? '' : '0'.repeat(Math.max(-point, 0)) + digits.slice(Math.max(point, 0));
  return `${int}.${fraction.slice(0, places).padEnd(places, '0')}`;
}

function scientific({ digits, point }: Digits, places: number, e: string): string {
  const exponent = digits === '0' ? 0 : point - 1;
  const fraction = digits.slice(1, places + 1).padEnd(places, '0');
  return `${digits.charAt(0)}${fraction === '' ? '' : `.${fraction}`}${e}${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function general(written: Digits, verb: string, precision: number): string {
  // Zeros at the end do not count.
  const digits = written.digits.replace(/(?!^)0+$/, '');
  const isShortest = precision < 0;
  const wanted = isShortest ? digits.length : Math.max(precision, 1);
  const limit = isShortest ? 6 : wanted > digits.length && digits.length >= written.point ? digits.length : wanted;
  const exponent = digits === '0' ? 0 : written.point - 1;
  const short = { digits, point: written.point };
  if (exponent < -4 || exponent >= limit) return scientific(short, Math.min(wanted, digits.length) - 1, verb === 'G' ? 'E' : 'e');
  return fixed(short, digits === '0' ? 0 : Math.max(digits.length - written.point, 0));
}

/** mantissa × 2^exponent */
function parts(size: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0 ? { mantissa: fraction, exponent: -1074 } : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function binary(size: number): string {
  const { mantissa, exponent } = parts(size);
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
}

function hexadecimal(size: number, verb: string, precision: number): string {
  let { mantissa, exponent } = size === 0 ? { mantissa: 0n, exponent: -52 } : parts(size);
  if (mantissa !== 0n) {
    const shift = 53 - mantissa.toString(2).length;
    mantissa <<= BigInt(shift);
    exponent -= shift;
  }
  if (precision >= 0 && precision < 13) {
    const drop = BigInt(52 - precision * 4);
    const half = 1n << (drop - 1n);
    const rest = mantissa & ((1n << drop) - 1n);
    mantissa >>= drop;
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n;
    mantissa <<= drop;
    if (mantissa >> 53n !== 0n) {
      mantissa >>= 1n;
      exponent += 1;
    }
  }
  const fraction = (mantissa & 0xfffffffffffffn).toString(16).padStart(13, '0');
  const shown = precision < 0 ? fraction.replace(/0+$/, '') : fraction.slice(0, precision).padEnd(precision, '0');
  const power = exponent + 52;
  const text = `0x${mantissa >> 52n}${shown === '' ? '' : `.${shown}`}p${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return verb === 'X' ? text.toUpperCase() : text;
}

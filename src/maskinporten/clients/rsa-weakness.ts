const MIN_BITS = 2048;
const MAX_BITS = 8192;
/** Below it signatures of one message are forged by cube roots where padding is checked carelessly; above it checking one costs too much. */
const MIN_EXPONENT = 65_537n;
const MAX_EXPONENT = 2n ** 32n - 1n;

/** Small primes: a modulus that one of them divides was made by nobody's generator. */
const SMALL = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137,
  139, 149, 151, 157, 163, 167,
] as const;

/** CVE-2017-15361 (ROCA): moduli of that generator are, modulo each of these primes, a power of 65537, which of others few are modulo all of them. */
const ROCA: readonly (readonly [prime: number, powers: ReadonlySet<number>])[] = [
  11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
].map((prime) => [prime, powersOf(65_537 % prime, prime)]);

function powersOf(base: number, prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * base) % prime) powers.add(power);
  return powers;
}

/** What makes an RSA key unfit, by the member to blame, as far as that is cheap to see: `undefined` if nothing does. @param n, e big-endian */
export function rsaWeakness(n: Buffer, e: Buffer): readonly [member: 'n' | 'e', detail: string] | undefined {
  if (n.length > MAX_BITS / 8 + 1) return ['n', `is longer than ${MAX_BITS} bits`];
  const modulus = numberOf(n);
  const bits = modulus.toString(2).length;
  if (bits < MIN_BITS) return ['n', `is shorter than ${MIN_BITS} bits: make a key of 2048 to ${MAX_BITS}`];
  if (bits > MAX_BITS) return ['n', `is longer than ${MAX_BITS} bits`];
  const exponent = e.length > 8 ? 0n : numberOf(e);
  if (exponent < MIN_EXPONENT || exponent > MAX_EXPONENT || exponent % 2n === 0n)
    return ['e', 'must be odd and 65537 (AQAB) at least, and have 32 bits at most'];
  if (SMALL.some((prime) => modulus % BigInt(prime) === 0n)) return ['n', 'is no product of two large primes'];
  if (ROCA.every(([prime, powers]) => powers.has(Number(modulus % BigInt(prime))))) {
    return ['n', 'was made by a generator whose keys can be broken (CVE-2017-15361): make a new key in software'];
  }
  return undefined;
}

function numberOf(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}

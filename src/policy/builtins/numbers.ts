import { randomInt } from 'node:crypto';
import { RegoNumber, type Term } from '../terms/index.js';
import { BuiltinError, BuiltinHalt, type Builtins } from './builtin.js';
import { int64At, numberAt, textAt } from './operands.js';

/** Numbers. */
export const numbersBuiltins: Builtins = {
  'numbers.range_step': (args) => range(wholeAt(args, 0), wholeAt(args, 1), wholeAt(args, 2)),
  'rand.intn': (args, evaluation) => {
    const [name, n] = [textAt(args, 0), int64At(args, 1)];
    const bound = n < 0n ? -n : n;
    return bound === 0n ? RegoNumber.of(0) : evaluation.once(`rand.intn ${bound} ${name}`, () => RegoNumber.of(randomBelow(bound)));
  },
};

/** A longer range fails the evaluation. */
const MAX_RANGE = 1_000_000n;
/** The largest bound of node:crypto. */
const MAX_RANDOM = 2n ** 48n - 1n;

function wholeAt(args: readonly Term[], place: number): bigint {
  const whole = numberAt(args, place).whole;
  if (whole === undefined) throw new BuiltinError(`operand ${place + 1} must be integer number but got floating-point number`);
  return whole;
}

function range(from: bigint, to: bigint, step: bigint): Term {
  if (step <= 0n) throw new BuiltinError('numbers.range_step: step must be a positive integer');
  const distance = from <= to ? to - from : from - to;
  const count = distance / step + 1n;
  if (count > MAX_RANGE) throw new BuiltinHalt(`numbers.range_step: more than ${MAX_RANGE} numbers`);
  const sign = from <= to ? step : -step;
  return Array.from({ length: Number(count) }, (_, i) => RegoNumber.of(from + BigInt(i) * sign));
}

function randomBelow(bound: bigint): bigint {
  if (bound <= MAX_RANDOM) return BigInt(randomInt(Number(bound)));
  const bits = BigInt(randomInt(2 ** 32)) | (BigInt(randomInt(2 ** 32)) << 32n);
  // Of the largest multiple of the bound below 2^64, so that none is likelier than another.
  return bits < 2n ** 64n - (2n ** 64n % bound) ? bits % bound : randomBelow(bound);
}

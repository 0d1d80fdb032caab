import { addressText, contains, type Network, networkText, parseAddress, parseNetwork, rangeToNetworks } from '#fetching';
import { isArray, RegoNumber, RegoObject, RegoSet, type Term } from '../terms/index.js';
import { BuiltinError, BuiltinHalt, type Builtins } from './builtin.js';
import { textAt } from './operands.js';

/** Networks of addresses (CIDR). */
export const netBuiltins: Builtins = {
  'net.cidr_contains_matches': ([networks, inner]) => matches(networks as Term, inner as Term),
  'net.cidr_expand': (args) => expand(network(textAt(args, 0))),
  'net.cidr_is_valid': ([text]) => typeof text === 'string' && parseNetwork(text) !== undefined,
  'net.cidr_merge': ([networks]) => merge(networks as Term),
};

/** A /16 of IPv4: a larger network fails the evaluation. */
const MAX_ADDRESSES = 65_536n;

function network(text: string): Network {
  const parsed = parseNetwork(text);
  if (parsed === undefined) throw new BuiltinError('invalid CIDR address');
  return parsed;
}

function matches(networks: Term, inner: Term): Term {
  const found: Term[] = [];
  const wholes = candidates(networks).map(([text, index]) => [network(text), index] as const);
  const parts = candidates(inner);
  for (const [whole, index] of wholes) {
    for (const [text, other] of parts) {
      const address = parseAddress(text);
      const last = address ?? network(text).last;
      if (contains(whole, address ?? network(text).first) && contains(whole, last)) found.push([index, other]);
    }
  }
  return RegoSet.of(found);
}

/** The texts of networks with what they are told by: themselves, their place, their key. */
function candidates(term: Term): [string, Term][] {
  if (typeof term === 'string') return [[term, term]];
  if (isArray(term)) return term.map((one, i) => [candidate(one), RegoNumber.of(i)]);
  if (term instanceof RegoSet) return Array.from(term, (one) => [candidate(one), one]);
  return term instanceof RegoObject ? Array.from(term, ([key, one]) => [candidate(one), key]) : [];
}

function candidate(term: Term): string {
  const text = isArray(term) ? term[0] : term;
  if (typeof text !== 'string') throw new BuiltinError('element must be string or non-empty array');
  return text;
}

function expand({ first, last }: Network): Term {
  const size = last.value - first.value + 1n;
  if (size > MAX_ADDRESSES) throw new BuiltinHalt(`net.cidr_expand: more than ${MAX_ADDRESSES} addresses`);
  return RegoSet.of(Array.from({ length: Number(size) }, (_, i) => addressText({ ...first, value: first.value + BigInt(i) })));
}

interface Range {
  readonly first: bigint;
  readonly last: bigint;
  /** Its text, if it is no union. */
  readonly text: string | undefined;
}

function merge(term: Term): Term {
  if (!isArray(term) && !(term instanceof RegoSet)) throw new BuiltinError('operand must be an array');
  const ranges = Array.from(term, rangeOf).sort((a, b) => sign(a.last - b.last) || sign(a.first - b.first));
  for (let i = ranges.length - 1; i > 0; i -= 1) {
    const [one, before] = [ranges[i] as Range, ranges[i - 1] as Range];
    if (one.first - 1n <= before.last && !isFirstOfAll(one.first, before.last)) {
      ranges.splice(i - 1, 2, { first: one.first < before.first ? one.first : before.first, last: one.last, text: undefined });
    }
  }
  return RegoSet.of(ranges.flatMap(({ first, last, text }) => (text === undefined ? rangeToNetworks(first, last) : [text])));
}

const IPV4 = 0xffff_0000_0000n;

/** Before 0.0.0.0 is nothing, though in IPv6 there is. */
function isFirstOfAll(first: bigint, before: bigint): boolean {
  return first === IPV4 && before < IPV4;
}

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}

function rangeOf(term: Term): Range {
  if (typeof term !== 'string') throw new BuiltinError('element must be string');
  const address = parseAddress(term);
  if (address === undefined) {
    const parsed = network(term);
    return { first: parsed.first.value, last: parsed.last.value, text: networkText(parsed) };
  }
  if (!address.isIPv4) throw new BuiltinError('IPv6 invalid: needs prefix length');
  // A bare address takes the mask of its class.
  const top = Number((address.value >> 24n) & 0xffn);
  const prefix = top < 128 ? 8 : top < 192 ? 16 : 24;
  const { first, last } = network(`${addressText(address)}/${prefix}`);
  return { first: first.value, last: last.value, text: `${addressText(address)}/${prefix}` };
}

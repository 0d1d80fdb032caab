import { isIPv4, isIPv6 } from 'node:net';

/** An address as 128 bits; those of IPv4 are ::ffff:a.b.c.d, as in Go. */
export interface Address {
  readonly value: bigint;
  readonly isIPv4: boolean;
}

/** A network, by its first and last address. */
export interface Network {
  readonly first: Address;
  readonly last: Address;
  /** Bits of its prefix: of 32 for IPv4. */
  readonly prefix: number;
}

const MAPPED = 0xffffn;

/** As Go's net.ParseIP: no zones, no leading zeros. `undefined` for what is none. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { value: (MAPPED << 32n) | ipv4Value(text), isIPv4: true };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const value = ipv6Value(text);
  return { value, isIPv4: value >> 32n === MAPPED };
}

/** As Go's net.ParseCIDR. `undefined` for what is none. */
export function parseNetwork(text: string): Network | undefined {
  const [, written = '', digits = ''] = /^([^/]*)\/([0-9]+)$/.exec(text) ?? [];
  const address = parseAddress(written);
  const bits = isIPv4(written) ? 32 : 128;
  const prefix = Number(digits);
  if (address === undefined || prefix > bits) return undefined;
  const hostBits = BigInt(bits - prefix);
  const first = (address.value >> hostBits) << hostBits;
  const last = first | ((1n << hostBits) - 1n);
  const isMapped = first >> 32n === MAPPED && last >> 32n === MAPPED;
  return {
    first: { value: first, isIPv4: isMapped },
    last: { value: last, isIPv4: isMapped },
    prefix: isMapped && bits === 128 ? prefix - 96 : prefix,
  };
}

/** Whether a network has an address: IPv4 and IPv6 are apart. */
export function contains({ first, last }: Network, address: Address): boolean {
  return first.isIPv4 === address.isIPv4 && first.value <= address.value && address.value <= last.value;
}

/** `10.0.0.0/8` */
export function networkText({ first, prefix }: Network): string {
  return `${addressText(first)}/${prefix}`;
}

/** As few networks as cover a range. */
export function rangeToNetworks(first: bigint, last: bigint): string[] {
  const isMapped = first >> 32n === MAPPED;
  const networks: string[] = [];
  for (let start = first; start <= last; ) {
    let hostBits = 0n;
    while (hostBits < 128n && (start & (1n << hostBits)) === 0n && start + (1n << (hostBits + 1n)) - 1n <= last) hostBits += 1n;
    networks.push(`${addressText({ value: start, isIPv4: isMapped })}/${(isMapped ? 32 : 128) - Number(hostBits)}`);
    start += 1n << hostBits;
  }
  return networks;
}

/** As Go writes addresses (RFC 5952). */
export function addressText({ value, isIPv4 }: Address): string {
  if (isIPv4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - i * 16)) & 0xffffn).toString(16));
  const zeros = longestZeros(groups);
  if (zeros.length < 2) return groups.join(':');
  return `${groups.slice(0, zeros.start).join(':')}::${groups.slice(zeros.start + zeros.length).join(':')}`;
}

function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === '0') length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}

function ipv4Value(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6Value(text: string): bigint {
  const dotted = /[0-9.]+$/.exec(text)?.[0] ?? '';
  const plain = dotted.includes('.')
    ? `${text.slice(0, -dotted.length)}${(ipv4Value(dotted) >> 16n).toString(16)}:${(ipv4Value(dotted) & 0xffffn).toString(16)}`
    : text;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

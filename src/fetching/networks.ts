import { type Address, contains, parseAddress, parseNetwork } from './ip.js';

// What the registries of special addresses keep back (IANA, RFC 6890): none of these is reached unless the operator names its network.
const SPECIAL_IPV4 = [
  ...[
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
  ],
  ...['192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
].map(network);
const PUBLIC_IPV6 = network('2000::/3');
/** Among them those that carry an address of IPv4: it would be another way to a private one. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'].map(network);

function network(text: string) {
  const parsed = parseNetwork(text);
  if (parsed === undefined) throw new TypeError('networks are written as address/prefix');
  return parsed;
}

/**
 * Whether an address may be reached: a public one, or one in a network that the operator named.
 * @param allowed networks as `10.1.0.0/16`
 * @throws TypeError for what is no network
 */
export function mayReach(address: string, allowed: readonly string[]): boolean {
  const parsed = parseAddress(address);
  if (parsed === undefined) return false;
  return isPublic(parsed) || allowed.some((text) => contains(network(text), parsed));
}

function isPublic(address: Address): boolean {
  if (address.isIPv4) return !SPECIAL_IPV4.some((special) => contains(special, address));
  return contains(PUBLIC_IPV6, address) && !SPECIAL_IPV6.some((special) => contains(special, address));
}

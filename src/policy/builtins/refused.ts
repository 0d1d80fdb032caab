/** Inline they would block the gateway; apart from it, they are the operator's to allow. */
const OFF = 'which is off: only a bundle that runs apart may have it, where the operator allows hosts by name with policyHosts';

/** What no bundle may call, and why. */
export const refusedBuiltins: Readonly<Record<string, string>> = {
  'http.send': OFF,
  'net.lookup_ip_addr': OFF,
  'rego.parse_module': 'it needs a parser of Rego, and a policy that is running has none',
};

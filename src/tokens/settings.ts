import { Expected, loadYaml, type Reader, section, setting } from '#settings';
import { issuerFaults, type TrustedIssuer } from './trusted-issuer.js';

const KEYS: readonly string[] = ['issuer', 'kind', 'audience', 'algorithms', 'jwksUri'] satisfies (keyof TrustedIssuer)[];

/** Issuers as a list of mappings, in a text as YAML or JSON; only their shape is judged. */
const issuerList: Reader<readonly TrustedIssuer[]> = {
  type: 'list',
  read(written) {
    const list = typeof written === 'string' ? yamlOrNothing(written) : written;
    if (!Array.isArray(list) || !list.every(isIssuer)) throw new Expected(`a list of mappings with the keys ${KEYS.join(', ')}`);
    return Object.freeze(list.map((item) => Object.freeze({ ...item, algorithms: item.algorithms ?? ['RS256'] })));
  },
};

/** Whose tokens are accepted. */
export const tokenSettings = section(
  'Tokens',
  {
    issuers: setting(issuerList, {
      fallback: [],
      fallbackText: 'none (demo: the own ones)',
      about:
        'Trusted token issuers, as YAML or JSON: `issuer`, `kind` (`maskinporten` or `idporten`), `audience`, `algorithms` (RS, PS, ES; default RS256), `jwksUri` (default: by discovery).',
    }),
  },
  ({ issuers }) => issuerFaults(issuers).map(({ pointer, detail }) => ({ pointer, detail: `${pointer.slice(1)} ${detail}` })),
);

function isIssuer(item: unknown): item is TrustedIssuer {
  return item !== null && typeof item === 'object' && Object.keys(item).every((key) => KEYS.includes(key));
}

function yamlOrNothing(text: string): unknown {
  try {
    return loadYaml().parse(text);
  } catch {
    return undefined;
  }
}

import type { FieldFault } from '#problem';
import { Expected, integer, listOf, optional, path, type Reader, setting, text, type ValuesOf } from '#settings';
import { ACR_VALUES } from '../provider/levels.js';

/** `from=to`, each of the two a text. */
function pair(to?: readonly string[]): Reader<readonly [from: string, to: string]> {
  return {
    type: 'name=name',
    read(written) {
      const given = Array.isArray(written) ? written.join('=') : text.read(written);
      const at = given.lastIndexOf('=');
      const [from, meant] = [given.slice(0, at), given.slice(at + 1)];
      if (at < 1 || meant === '' || (to !== undefined && !to.includes(meant))) {
        throw new Expected(
          `a list of pairs such as Level4=idporten-loa-high${to === undefined ? '' : `, of which the second is one of ${to.join(', ')}`}`,
        );
      }
      return [from, meant];
    },
  };
}

const LEVELS: readonly (readonly [string, string])[] = [
  ...ACR_VALUES.map((acr) => [acr, acr] as const),
  ...ACR_VALUES.map((acr) => [acr.replace('idporten', 'eidas'), acr] as const),
  ['Level3', 'idporten-loa-substantial'],
  ['Level4', 'idporten-loa-high'],
];

/** Where persons show who they are. */
export const eidSettings = {
  eidIssuer: optional(text, {
    otherwise: 'none; demo: a page where one chooses an invented person',
    about:
      'The OpenID provider at which persons show who they are, such as `https://idporten.no`; its metadata is found below it. Our redirect address there is `<publicUrl>/idporten/eid/callback`, and that of its back-channel logout `<publicUrl>/idporten/eid/logout`. With `idporten` on, production needs it.',
  }),
  eidClientId: optional(text, { otherwise: 'none', about: 'Our client id at `eidIssuer`.' }),
  eidClientKeyFile: optional(path, {
    otherwise: 'none',
    about: 'File with the private key (PEM or JWK, RSA) by which we show the `eidIssuer` who we are (private_key_jwt).',
  }),
  eidClientSecretFile: optional(path, {
    otherwise: 'none',
    about: 'The same with a secret (client_secret_basic), for providers that take no keys.',
  }),
  eidScopes: setting(listOf(text), {
    fallback: ['openid', 'profile'],
    fallbackText: 'openid, profile',
    about: 'Scopes that `eidIssuer` is asked for; what it says of the person stands in its ID token.',
  }),
  eidPersonClaim: setting(text, { fallback: 'pid', about: 'The claim of its ID token that holds the person number.' }),
  eidLevels: setting(listOf(pair(ACR_VALUES)), {
    fallback: LEVELS,
    fallbackText: 'ID-porten’s and eIDAS’ names, Level3, Level4',
    about:
      'Which level an `acr` of `eidIssuer` is, such as `urn:bankid:bid=idporten-loa-high`. A login whose `acr` is not listed is refused: no level is guessed.',
  }),
  eidTimeoutMs: setting(integer(100, 60_000), {
    fallback: 5000,
    about: 'How long an answer of `eidIssuer` is waited for, in milliseconds; then the person is told to try again.',
  }),
  eidMethods: setting(listOf(pair()), {
    fallback: [],
    fallbackText: 'none',
    about: 'What an `amr` of `eidIssuer` is called in our tokens, such as `bid=BankID`; others are handed on as they are.',
  }),
} as const;

/** What is wrong with them together. */
export function eidFaults({
  eidIssuer,
  eidClientId,
  eidClientKeyFile,
  eidClientSecretFile,
  eidScopes,
}: ValuesOf<typeof eidSettings>): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  const fault = (key: string, detail: string): void => void faults.push({ pointer: `/${key}`, detail: `${key} ${detail}` });
  const others = Object.entries({ eidClientId, eidClientKeyFile, eidClientSecretFile }).filter(([, value]) => value !== undefined);
  if (eidIssuer === undefined) {
    for (const [key] of others) fault(key, 'needs eidIssuer beside it');
    return faults;
  }
  if (!isIssuer(eidIssuer)) fault('eidIssuer', 'must be an https URL without query and fragment; http is taken on loopback only');
  if (eidClientId === undefined) fault('eidClientId', 'is missing: eidIssuer knows us by it');
  if ((eidClientKeyFile === undefined) === (eidClientSecretFile === undefined)) {
    fault('eidClientKeyFile', 'or eidClientSecretFile, one of the two, must say how we show eidIssuer who we are');
  }
  if (!eidScopes.includes('openid')) fault('eidScopes', 'must have openid among them');
  return faults;
}

function isIssuer(written: string): boolean {
  if (!URL.canParse(written) || /[?#@]/.test(written)) return false;
  const { protocol, hostname } = new URL(written);
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname));
}

/** The values of these settings. */
export type EidSettings = ValuesOf<typeof eidSettings>;

import type { AccessUses } from '#access';
import { isRuling, type Ruling } from '#decisions';
import { isFault, type Orgnr, parseOrgnr } from '#domain';
import { type DetailsHandler, organisationClaim, TokenFault, type ToldDetails } from '#maskinporten';
import { type SystemUserFound, type SystemUserToJudge, systemUserQuestion } from './token.js';
import { ISSUE_RULE } from './use-kind.js';

/** The type of authorization_details (RFC 9396) that names a system user. */
export const SYSTEM_USER_DETAILS = 'urn:altinn:systemuser';

/** What the vendor is told that does not fit, by the slug of systembruker/token: of its own systems, and of nobody else's. */
const MISFITS: Readonly<Record<string, string>> = {
  client_on_no_system: 'the client is on none of the systems that there are: the vendor adds its client id to the system',
  vendor_other: 'the system of the client is of another vendor than the token would be for',
  system_user_unknown:
    'the client’s system has no system user of systemuser_org with this externalRef (without one it is the organisation number): ask for it, or name the organisation that owns it, which for clients of an accountant is the accountant, and the externalRef that it was asked for with',
  system_user_not_approved: 'the request for it has not been approved',
  system_user_deactivated: 'the customer has deactivated it',
  vendor_ceased: 'the vendor of the system has ceased',
  owner_ceased: 'the customer has ceased',
};

const KNOWN: ReadonlySet<string> = new Set(['type', 'systemuser_org', 'externalRef']);
const KNOWN_OF_ORG: ReadonlySet<string> = new Set(['authority', 'ID', 'id']);
const AUTHORITY = 'iso6523-actorid-upis';

/** Puts the system user that a client asks for into its token. @param uses where it is noted that one was used */
export function systemUserDetails(uses: AccessUses | undefined): DetailsHandler {
  return (sent, { clientId, isAlone }, { store }) => {
    if (!isAlone) return invalid('there must be exactly one element');
    const asked = askedIn(sent);
    if (asked instanceof TokenFault) return asked;
    const { refs, told } = systemUserQuestion(store, { ...asked, clientId });
    const withDetails = ({ input, documentRevision, found }: SystemUserToJudge): ToldDetails => ({
      input,
      documentRevision,
      details: (verdict, at) => detailsOf(found(verdict['systemUser'] as Ruling, uses, at)),
    });
    return {
      entrypoint: ISSUE_RULE,
      isAnswer: hasRuling,
      refs,
      concerned: [asked.owner],
      told(documents) {
        const question = told(documents);
        return question instanceof Promise ? question.then(withDetails) : withDetails(question);
      },
    };
  };
}

function hasRuling(verdict: Readonly<Record<string, unknown>>): boolean {
  return isRuling(verdict['systemUser']);
}

function detailsOf(found: SystemUserFound): Readonly<Record<string, unknown>> | TokenFault {
  if ('reason' in found) return new TokenFault('system-user-not-found', { detail: MISFITS[found.reason] ?? 'it does not fit' });
  const { systemUser, system } = found;
  return {
    type: SYSTEM_USER_DETAILS,
    systemuser_id: [systemUser.id],
    system_id: system.id,
    systemuser_org: organisationClaim(systemUser.party),
  };
}

function askedIn(
  sent: Readonly<Record<string, unknown>>,
): { readonly owner: Orgnr; readonly externalRef: string | undefined } | TokenFault {
  if (!hasOnly(sent, KNOWN)) return new TokenFault('MP-302');
  const { systemuser_org: organisation, externalRef } = sent;
  if (typeof organisation !== 'object' || organisation === null || Array.isArray(organisation))
    return invalid('systemuser_org must be an object with authority and ID');
  if (!hasOnly(organisation, KNOWN_OF_ORG)) return new TokenFault('MP-302');
  const { authority, ID, id = ID } = organisation as Readonly<Record<string, unknown>>;
  if (authority !== AUTHORITY) return invalid(`systemuser_org.authority must be ${AUTHORITY}`);
  const number = ID === undefined ? id : ID;
  const owner =
    typeof number === 'string' && number.startsWith('0192:') && number === (id ?? number) ? parseOrgnr(number.slice(5)) : undefined;
  if (owner === undefined || isFault(owner)) return invalid('systemuser_org.ID must be 0192: and an organisation number of nine digits');
  if (externalRef !== undefined && typeof externalRef !== 'string') return invalid('externalRef must be a text');
  return { owner, externalRef };
}

function hasOnly(sent: object, known: ReadonlySet<string>): boolean {
  return Object.keys(sent).every((name) => known.has(name));
}

function invalid(detail: string): TokenFault {
  return new TokenFault('MP-303', { detail });
}

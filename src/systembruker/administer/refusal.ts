import { ProblemError, type ProblemSlug } from '#problem';
import { type FaultCode, fieldFault, SystembrukerFault } from '../faults.js';
import type { SystembrukerCaller } from './caller.js';

type Answer = readonly [slug: ProblemSlug, detail?: string];

/** How each of the policy's reasons is answered, whatever the act. Which of several is told, the policy says: it names the most telling first. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  caller_unknown: ['token-missing'],
  operator_needed: ['action-not-allowed', 'Only the operator may do this.'],
  person_needed: ['action-not-allowed', 'Only a person who is logged in may do this, not a machine: call with a token of ID-porten.'],
  machine_needed: [
    'action-not-allowed',
    'Only a machine may do this, not a person: call with a token of Maskinporten that has the scope for it.',
  ],
  supplier_unfit: [
    'action-not-allowed',
    'The token names a supplier: systems and system users are kept by the organisation itself. Call with a token of its own client.',
  ],
  organisation_unknown: ['action-not-allowed', 'A person names the organisation to act for: its number stands in the path.'],
  organisation_foreign: [
    'action-not-allowed',
    'The caller does not act for this organisation: a machine acts for the consumer of its token, a person for one in which it has a role.',
  ],
  organisation_closed: ['action-not-allowed', 'The organisation has ceased: it keeps nothing any more.'],
  object_foreign: ['action-not-allowed', 'It is another organisation’s.'],
  object_unknown: ['not-found', 'There is no such thing: list what the organisation has.'],
};

/** By which code Altinn says it, if it has one for the act. */
const CODES: readonly (readonly [reasons: readonly string[], acts: RegExp, code: FaultCode])[] = [
  // A vendor is not told whether what is not its own is there.
  [
    ['object_unknown', 'object_foreign'],
    /^request\.(create|list)$|^change-request\.list$|^feed\.|^system-user\.(find|list-of-system)$/,
    'AUTH-00011',
  ],
  [['object_unknown', 'object_foreign'], /^(change-)?request\.(read|withdraw)$/, 'AUTH-00010'],
  [['object_unknown', 'object_foreign'], /^system-user\.give-back$|^agent-client\.|^own-system\.change$/, 'AUTH-00015'],
  [['object_unknown'], /^(system|webhook)\.|^system-user\.list-of-system$/, 'AUTH-00011'],
  [['object_unknown'], /^change-request\.create$|^system-user\./, 'AUTH-00015'],
  [['object_foreign'], /^change-request\.create$/, 'AUTH-00023'],
  [['object_unknown'], /^(change-)?request\.(open|approve|reject|escalate)$/, 'AUTH-00010'],
  [['object_foreign'], /^(change-)?request\.(open|approve|reject|escalate)$/, 'AUTH-00041'],
  [['object_foreign'], /^system-user\.(delete|change|move|activate|deactivate|read)$/, 'AUTH-00024'],
  [['role_missing', 'organisation_foreign'], /^(change-)?request\.(open|escalate|approve|reject|list-pending)$/, 'AUTH-00066'],
];

const ROLE_MISSING =
  'This is for a tilgangsstyrer or organisasjonsadministrator of the organisation without limits to applications or roles.';
const KLIENT_ROLE_MISSING =
  'This is for a klientadministrator, tilgangsstyrer or organisasjonsadministrator of the organisation without limits to applications or roles.';

/** Which scope would be enough, by the act and who asks. */
const SCOPES: readonly (readonly [acts: RegExp, scope: string])[] = [
  [/^agent-client\.list$/, 'altinn:clientdelegations.read'],
  [/^agent-client\./, 'altinn:clientdelegations.write'],
  [/^resource\./, 'altinn:resourceregistry/resource.write'],
  [/^(system|webhook)\.|^system-user\.list-of-system$/, 'altinn:authentication/systemregister.write'],
  [/^(change-)?request\.(read|list)$|^feed\./, 'altinn:authentication/systemuser.request.read'],
  [/^(change-)?request\.(create|withdraw)$|^system-user\.(find|give-back)$/, 'altinn:authentication/systemuser.request.write'],
  [/^system-user\.look-up$/, 'altinn:maskinporten/systemuser.read'],
];

/** The first of the policy's reasons why something may not be done, as a problem. */
export function refusalOf([reason = '']: readonly string[], action: string, caller: SystembrukerCaller): ProblemError {
  if (reason === 'security_level_too_low') return new ProblemError('security-level-too-low', { acrValues: 'idporten-loa-substantial' });
  if (reason === 'scope_missing') return scopeMissing(action, caller);
  if (reason === 'object_unknown' && action === 'system.delete') return UNKNOWN_SYSTEM();
  const [, , code] = CODES.find(([reasons, acts]) => reasons.includes(reason) && acts.test(action)) ?? [];
  if (code !== undefined) return new SystembrukerFault(code);
  if (reason === 'role_missing')
    return new ProblemError('action-not-allowed', { detail: action.startsWith('agent-client.') ? KLIENT_ROLE_MISSING : ROLE_MISSING });
  if (reason === 'organisation_unknown' && caller.kind === 'operator') {
    return new ProblemError('action-not-allowed', { detail: 'Name the organisation that it is done for by its number (`--orgnr`).' });
  }
  const [slug, detail] = ANSWERS[reason] ?? (['action-not-allowed'] as const);
  return new ProblemError(slug, detail === undefined ? {} : { detail });
}

/** As Altinn answers the deletion of a system that is not there. */
const UNKNOWN_SYSTEM = (): ProblemError =>
  new SystembrukerFault([fieldFault('TILGANG.VLD-00002', '/registersystemrequest/systemid', 'List what the vendor has.')]);

function scopeMissing(action: string, { kind }: SystembrukerCaller): ProblemError {
  const found = kind === 'machine' || action.startsWith('agent-client.') ? SCOPES.find(([acts]) => acts.test(action))?.[1] : undefined;
  const scope = found ?? 'altinn:portal/enduser';
  return new ProblemError('scope-missing', {
    scope,
    detail: `The token lacks the scope ${scope}: have it granted, register it on the client, and fetch a new token.`,
  });
}

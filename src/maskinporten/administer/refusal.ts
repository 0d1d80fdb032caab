import type { AdminCaller } from '#access';
import { ProblemError, type ProblemOptions, type ProblemSlug } from '#problem';

/** How each of the policy's reasons is answered. Which of several is told, the policy says: it names the most telling first. */
const ANSWERS: ReadonlyMap<string, readonly [slug: ProblemSlug, detail?: string]> = new Map<
  string,
  readonly [slug: ProblemSlug, detail?: string]
>([
  ['caller_unknown', ['token-missing']],
  ['operator_needed', ['action-not-allowed', 'Only the operator may do this.']],
  [
    'supplier_unfit',
    [
      'action-not-allowed',
      'The token names a supplier: scopes, accesses and clients are kept by the organisation itself. Call with a token of its own client.',
    ],
  ],
  ['person_needed', ['action-not-allowed', 'Only a person who is logged in may do this, not a machine: call with a token of ID-porten.']],
  [
    'machine_needed',
    ['action-not-allowed', 'Only a machine may do this, not a person: call with a token of Maskinporten that has the scope for it.'],
  ],
  [
    'organisation_unknown',
    ['action-not-allowed', 'A person names the organisation to act for, which it must administer: send its number in the query (`orgno`).'],
  ],
  [
    'organisation_foreign',
    [
      'action-not-allowed',
      'The caller does not act for this organisation: a machine acts for the consumer of its token, a person for one that it administers.',
    ],
  ],
  [
    'role_missing',
    ['action-not-allowed', 'This is for an organisasjonsadministrator of the organisation without limits to applications or roles.'],
  ],
  ['organisation_closed', ['action-not-allowed', 'The organisation has ceased: it keeps nothing any more.']],
  ['terms_unsigned', ['terms-unsigned']],
  ['object_foreign', ['action-not-allowed', 'It is not the organisation’s own, or is not there at all: list what the organisation has.']],
  ['object_unknown', ['not-found', 'The organisation has nothing by this name: list what it has.']],
  [
    'supplier_scope_missing',
    ['action-not-allowed', 'Making clients for another organisation needs the scope idporten:dcr.supplier: else leave `client_orgno` out.'],
  ],
  [
    'client_of_supplier',
    ['action-not-allowed', 'A supplier keeps this client for the organisation, which may see it and take it out of use: ask the supplier.'],
  ],
  ['scope_unknown', ['not-found', 'There is no such scope for the organisation.']],
  [
    'scope_not_delegated',
    ['action-not-allowed', 'Delegations of this scope are not kept here: its owner names the source of them (`delegation_source`).'],
  ],
  ['prefix_inactive', ['action-not-allowed', 'The prefix is not handed out, or has been taken back: ask the operator.']],
  ['scope_inactive', ['scope-not-active']],
  ['recipient_closed', ['action-not-allowed', 'The organisation that it is for has ceased: name the one that goes on in its place.']],
  [
    'client_administers',
    [
      'action-not-allowed',
      'The client has scopes by which the organisation is administered: taking it out of use needs idporten:dcr.write.',
    ],
  ],
]);

/** Which scope would be enough, by the beginning of the act's name. */
const SCOPES: readonly (readonly [RegExp, string])[] = [
  [/^(scope\.(list|read)|access\.list|prefix\.list)/, 'idporten:scopes.read'],
  [/^(scope|access)\./, 'idporten:scopes.write'],
  [/^delegation\.(list|read)/, 'maskinporten:delegations.read'],
  [/^delegation\./, 'maskinporten:delegations.write'],
  [/^terms\./, 'idporten:scopes.read'],
  [/^(client|client-key|onbehalfof)\.(list|read)/, 'idporten:dcr.read'],
  [/^client(-secret)?\./, 'idporten:dcr.write'],
  [/^(client-key|onbehalfof)\./, 'idporten:dcr.modify'],
  [/^datasharing\./, 'idporten:dcr.datasharing'],
];

/** The first of the policy's reasons why something may not be done, as a problem. Unknown and foreign are answered alike. */
export function refusalOf([reason = '']: readonly string[], action: string, caller: AdminCaller): ProblemError {
  if (reason === 'security_level_too_low') return new ProblemError('security-level-too-low', { acrValues: 'idporten-loa-high' });
  if (reason === 'scope_missing') return scopeMissing(SCOPES.find(([acts]) => acts.test(action))?.[1]);
  // It names whom it is about itself.
  if (reason === 'organisation_unknown' && caller.kind === 'operator') {
    return new ProblemError('action-not-allowed', { detail: 'Name the organisation that it is done for by its number (`--orgnr`).' });
  }
  const [slug, detail] = ANSWERS.get(reason) ?? (['action-not-allowed'] as const);
  const options: ProblemOptions = detail === undefined ? {} : { detail };
  return new ProblemError(slug, options);
}

function scopeMissing(scope: string | undefined): ProblemError {
  if (scope === undefined) return new ProblemError('scope-missing');
  return new ProblemError('scope-missing', {
    scope,
    detail: `The token lacks the scope ${scope}: have it granted, register it on the client, and fetch a new token.`,
  });
}

import { catalogue, ProblemError, type ProblemOptions, type ProblemSlug } from '#problem';
import type { Act } from './act.js';

const ONE_OF_TWO =
  'While four eyes are asked for, this is for an organisasjonsadministrator without limits whom the operator has appointed, or who was one on the same terms 14 days before it was asked for.';

/** How each of the policy's reasons is answered. Which of several is told, the policy says: it names the most telling first. */
const ANSWERS: ReadonlyMap<string, readonly [slug: ProblemSlug, options?: ProblemOptions]> = new Map<
  string,
  readonly [slug: ProblemSlug, options?: ProblemOptions]
>([
  ['caller_unknown', ['token-missing']],
  ['security_level_too_low', ['security-level-too-low', { acrValues: 'idporten-loa-high' }]],
  ['scope_missing', ['scope-missing']],
  ['operator_needed', ['action-not-allowed', { detail: 'Only the operator may do this.' }]],
  [
    'person_needed',
    ['action-not-allowed', { detail: 'Only a person who is logged in may do this, not a machine: call with a token of ID-porten.' }],
  ],
  ['organisation_unknown', ['organisation-not-found']],
  ['organisation_foreign', ['organisation-not-found']],
  ['successor_unknown', ['organisation-not-found']],
  ['application_unknown', ['application-not-found']],
  ['application_foreign', ['application-not-found']],
  [
    'role_missing',
    [
      'action-not-allowed',
      { detail: 'The caller holds no role in the organisation that allows this: an organisasjonsadministrator of it can give one.' },
    ],
  ],
  [
    'successor_unfit',
    ['invalid-request', { detail: 'The organisation to merge into is the same one, or may not be konsument as the one that ends is.' }],
  ],
  ['organisation_closed', ['invalid-request', { detail: 'The organisation has ceased already.' }]],
  [
    'organisation_not_konsument',
    ['action-not-allowed', { detail: 'The organisation may not be konsument: the operator of the service decides that.' }],
  ],
  [
    'organisation_not_tilbyder',
    ['action-not-allowed', { detail: 'The organisation may not be tilbyder: the operator of the service decides that.' }],
  ],
  ['last_administrator', ['last-administrator']],
  ['nothing_pending', ['nothing-pending']],
  ['asker_gone', ['nothing-pending', { detail: 'Whoever asked for it may no longer ask for it.' }]],
  ['second_person_needed', ['action-not-allowed', { detail: 'Whoever asked for it does not confirm it: another administrator does.' }]],
  ['not_one_of_two', ['action-not-allowed', { detail: ONE_OF_TWO }]],
  ['second_person_missing', ['second-person-missing']],
  ['admin_role_unknown', ['invalid-request']],
  ['person_not_synthetic', ['invalid-request', { at: [{ pointer: '/brukerIdent', detail: 'is not of a synthetic person' }] }]],
  ['transition_not_allowed', ['transition-not-allowed']],
  ['application_retired', ['transition-not-allowed', { detail: 'The application is retired, and stays as it is.' }]],
  ['application_not_active', ['application-not-active']],
  ['application_not_activated', ['application-not-activated']],
  [
    'application_outside',
    ['action-not-allowed', { detail: 'The caller’s role does not reach this application: ask an administrator whose role does.' }],
  ],
  ['roles_outside', ['action-not-allowed', { detail: 'The caller may not give these roles: ask an administrator who may.' }]],
  ['longer_than_own', ['action-not-allowed', { detail: 'It would last longer than the caller’s own role: let it end before that does.' }]],
  [
    'longer_than_allowed',
    [
      'action-not-allowed',
      { detail: 'It would last longer than the organisation allows: let it end within `lengsteTilgangDager` of its settings.' },
    ],
  ],
  [
    'self_grant',
    ['action-not-allowed', { detail: 'Nobody gives anything to oneself: the organisation asks for four eyes. Ask another administrator.' }],
  ],
  ['role_unknown', ['invalid-request', { detail: 'The application knows no such role.' }]],
]);

/**
 * The first of the policy's reasons why something may not be done, as a problem. Unknown and foreign are answered alike.
 * @param act where no organisation was named it is the application that is not found
 */
export function refusalOf([reason = '']: readonly string[], act: Pick<Act, 'action' | 'orgnr'>): ProblemError {
  const [slug, options] = ANSWERS.get(reason) ?? ['action-not-allowed' as const];
  const isTilbyderSide = /^(application|logo)\./.test(act.action);
  if (reason === 'scope_missing') {
    return scopeMissing(isTilbyderSide || /^(bundle|policy-key)\./.test(act.action) ? 'ks:fiks.tilbyder' : 'ks:fiks.konsument');
  }
  if (slug === 'organisation-not-found' && act.orgnr === 'of-application') return new ProblemError('application-not-found');
  return new ProblemError(slug, options);
}

function scopeMissing(scope: string): ProblemError {
  return new ProblemError('scope-missing', {
    scope,
    detail: `The token lacks the scope ${scope}: register it on the client, and fetch a new token.`,
  });
}

/** One of the policy's reasons in words, for a line of an import. */
export function reasonInWords(reason: string): string {
  const [slug, options] = ANSWERS.get(reason) ?? [];
  return options?.detail ?? (slug === undefined ? reason : catalogue[slug].title);
}

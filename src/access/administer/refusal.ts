import { catalogue, ProblemError, type ProblemSlug } from '#problem';

/** How the policy's reasons are answered, most telling first: what depends on the caller alone, then what must not be told apart. */
const ANSWERS: readonly (readonly [reason: string, slug: ProblemSlug, detail?: string])[] = [
  ['caller_unknown', 'token-missing'],
  ['security_level_too_low', 'security-level-too-low'],
  ['scope_missing', 'scope-missing'],
  ['operator_needed', 'action-not-allowed', 'Only the operator may do this.'],
  ['person_needed', 'action-not-allowed', 'Only a person who is logged in may do this, not a machine.'],
  ['organisation_unknown', 'organisation-not-found'],
  ['organisation_foreign', 'organisation-not-found'],
  ['application_unknown', 'application-not-found'],
  ['application_foreign', 'application-not-found'],
  ['role_missing', 'action-not-allowed', 'The caller holds no role in the organisation that allows this.'],
  ['organisation_not_konsument', 'action-not-allowed', 'The organisation may not be konsument.'],
  ['organisation_not_tilbyder', 'action-not-allowed', 'The organisation may not be tilbyder.'],
  ['last_administrator', 'last-administrator'],
  ['admin_role_unknown', 'invalid-request'],
  ['transition_not_allowed', 'transition-not-allowed'],
  ['application_retired', 'transition-not-allowed', 'The application is retired.'],
  ['application_not_active', 'application-not-active'],
  ['application_not_activated', 'application-not-activated'],
  ['application_outside', 'action-not-allowed', 'The caller’s role does not reach this application.'],
  ['roles_outside', 'action-not-allowed', 'The caller may not give these roles.'],
  ['longer_than_own', 'action-not-allowed', 'It would last longer than the caller’s own role.'],
  ['longer_than_allowed', 'action-not-allowed', 'It would last longer than the organisation allows.'],
  ['self_grant', 'action-not-allowed', 'Nobody gives anything to oneself: the organisation asks for four eyes.'],
];

/**
 * The policy's reasons why something may not be done, as a problem. Unknown and foreign are answered alike.
 * @param act on the tilbyder's side it is the application that is not found, since its path names no organisation
 */
export function refusalOf(reasons: readonly string[], act: { readonly action: string; readonly about?: unknown }): ProblemError {
  const [reason, slug, detail] = ANSWERS.find(([known]) => reasons.includes(known)) ?? ['', 'action-not-allowed'];
  const isTilbyderSide = /^(application|logo)\./.test(act.action);
  if (reason === 'scope_missing') return new ProblemError(slug, { scope: isTilbyderSide ? 'ks:fiks.tilbyder' : 'ks:fiks.konsument' });
  if (reason === 'security_level_too_low') return new ProblemError(slug, { acrValues: 'idporten-loa-high' });
  if (slug === 'organisation-not-found' && isTilbyderSide && act.about !== undefined) return new ProblemError('application-not-found');
  return new ProblemError(slug, detail === undefined ? {} : { detail });
}

/** One of the policy's reasons in words, for a line of an import. */
export function reasonInWords(reason: string): string {
  const [, slug, detail] = ANSWERS.find(([known]) => known === reason) ?? [];
  return detail ?? (slug === undefined ? reason : catalogue[slug].title);
}

import { type AdminRequest, ownOrganisation, recordRefusal } from '#access';
import { ProblemError, type ProblemOptions, type ProblemSlug } from '#problem';
import type { IdportenParts } from './parts.js';

/** How each of the policy's reasons is answered. */
const ANSWERS: Readonly<Record<string, readonly [slug: ProblemSlug, options?: ProblemOptions]>> = {
  caller_unknown: ['token-missing'],
  operator_needed: ['action-not-allowed', { detail: 'Only the operator may do this.' }],
  machine_needed: ['caller-not-a-machine'],
  person_needed: [
    'action-not-allowed',
    { detail: 'Only a person who is logged in may do this, not a machine: call with a token of ID-porten.' },
  ],
  security_level_too_low: ['security-level-too-low', { acrValues: 'idporten-loa-substantial' }],
  subject_foreign: ['action-not-allowed', { detail: 'A person is told of oneself alone.' }],
};

/** Which scope is enough for what. */
const SCOPES: Readonly<Record<string, string>> = {
  'person.list': 'krr:global/kontaktinformasjon.read',
  'person.read': 'krr:user/kontaktinformasjon.read',
  'language.change': 'krr:user/spraak.write',
  'level.read': 'global/idporten.authlevel.read',
};

/** Records an attempt that the policy refuses, and answers the problem to throw: of the first of its reasons. */
export function refusedAs(
  parts: Pick<IdportenParts, 'store' | 'clock'>,
  request: AdminRequest,
  { action, reasons }: { readonly action: string; readonly reasons: readonly string[] },
): Promise<ProblemError> {
  const attempt = { action, orgnr: undefined, reasons, onBehalfOf: ownOrganisation(request.caller) };
  return recordRefusal(parts, request, attempt, problemOf(reasons[0], action));
}

function problemOf(reason = '', action: string): ProblemError {
  if (reason === 'scope_missing') return scopeMissing(SCOPES[action]);
  const [slug, options] = ANSWERS[reason] ?? (['action-not-allowed'] as const);
  return new ProblemError(slug, options);
}

function scopeMissing(scope: string | undefined): ProblemError {
  if (scope === undefined) return new ProblemError('scope-missing');
  const detail = `The token lacks a scope for this, such as ${scope}: have it granted, register it on the client, and fetch a new token.`;
  return new ProblemError('scope-missing', { scope, detail });
}

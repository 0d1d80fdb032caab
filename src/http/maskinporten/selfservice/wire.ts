import { type Instant, type Orgnr, parsePeriodEnd, present } from '#domain';
import {
  type AccessView,
  type DelegationSource,
  type DelegationView,
  type PrefixView,
  type ScopeTerms,
  type ScopeView,
  type Side,
  sourceIssuer,
  type TermsView,
} from '#maskinporten';
import { invalid } from '#problem';
import { sound } from '../../wire-parts.js';
import type { components } from './wire.gen.js';

type Schemas = components['schemas'];
/** A form of the API by its name in openapi.yaml. */
export type Wire<Name extends keyof Schemas> = Schemas[Name];

/** The names of organisations, as far as they are known. */
export type Names = ReadonlyMap<Orgnr, string>;

const nameIn = (names: Names, orgnr: Orgnr | undefined): string | undefined => (orgnr === undefined ? undefined : names.get(orgnr));

/** A scope as the API has it. */
export function scopeOut({ value: scope }: ScopeView, names: Names, side: Side): Wire<'Scope'> {
  return present({
    name: scope.name,
    prefix: scope.prefix,
    subscope: scope.subscope,
    description: scope.description,
    descriptions: scope.descriptions,
    long_description: scope.longDescription,
    visibility: scope.visibility,
    token_type: scope.tokenType,
    at_max_age: scope.atMaxAge,
    authorization_max_lifetime: scope.authorizationMaxLifetime,
    requires_user_consent: scope.requiresUserConsent,
    requires_user_authentication: scope.requiresUserAuthentication,
    requires_pseudonymous_tokens: scope.requiresPseudonymousTokens,
    accessible_for_all: scope.accessibleForAll,
    delegation_source: scope.delegationSource === undefined ? undefined : sourceIssuer(scope.delegationSource, side),
    allowed_integration_types: [...scope.allowedIntegrationTypes],
    enforced_aud_for_access_token: scope.enforcedAudience,
    active: scope.active,
    owner_orgno: scope.owner,
    owner_organization_name: nameIn(names, scope.owner),
    created: scope.created,
    last_updated: scope.updated,
  });
}

/** The terms of a scope that were sent. @throws ProblemError `invalid-request` if the name is not that of its parts */
export function scopeTermsIn(
  body: Wire<'NewScope'> | Wire<'ChangedScope'>,
): ScopeTerms & { readonly prefix?: string; readonly subscope?: string } {
  const { name, prefix, subscope } = body;
  const isOther = name !== undefined && prefix !== undefined && subscope !== undefined && name !== `${prefix}:${subscope}`;
  if (isOther) throw invalid('/name', 'is not prefix:subscope: leave it out, or send it as it is made');
  return {
    description: body.description,
    ...present({
      prefix: prefix ?? name?.split(':', 1)[0],
      subscope: subscope ?? (name === undefined ? undefined : name.slice(name.indexOf(':') + 1)),
      descriptions: body.descriptions as ScopeTerms['descriptions'],
      longDescription: body.long_description,
      visibility: body.visibility,
      tokenType: body.token_type,
      atMaxAge: body.at_max_age,
      authorizationMaxLifetime: body.authorization_max_lifetime,
      requiresUserConsent: body.requires_user_consent,
      requiresUserAuthentication: body.requires_user_authentication,
      requiresPseudonymousTokens: body.requires_pseudonymous_tokens,
      accessibleForAll: body.accessible_for_all,
      delegationSource: body.delegation_source,
      allowedIntegrationTypes: body.allowed_integration_types,
      enforcedAudience: body.enforced_aud_for_access_token,
      active: body.active,
    }),
  };
}

/** Until when something is to last, as it was sent. @throws ProblemError `invalid-request` */
export function untilIn(body: Wire<'TermsOfTime'> | undefined): { readonly until?: Instant } {
  return body?.until === undefined ? {} : { until: sound('/until', parsePeriodEnd(body.until)) };
}

/** An access as the API has it. */
export function accessOut({ value: access }: AccessView, names: Names): Wire<'ScopeAccess'> {
  const { scope, owner, consumer, state, until, created, updated } = access;
  return present({
    scope,
    owner_orgno: owner,
    owner_organization_name: nameIn(names, owner),
    consumer_orgno: consumer,
    consumer_organization_name: names.get(consumer),
    state,
    until,
    created,
    last_updated: updated,
  });
}

/** A delegation as the API has it. @param now whether it has ended is seen by it */
export function delegationOut({ value: delegation }: DelegationView, names: Names, side: Side, now: Instant): Wire<'Delegation'> {
  const { scope, consumer, supplier, source, until, withdrawn, created, updated } = delegation;
  const state = withdrawn !== undefined ? 'WITHDRAWN' : until !== undefined && until <= now ? 'ENDED' : 'ACTIVE';
  return present({
    scope,
    consumer_orgno: consumer,
    consumer_organization_name: names.get(consumer),
    supplier_orgno: supplier,
    supplier_organization_name: names.get(supplier),
    delegation_source: sourceIssuer(source, side),
    state: state as Wire<'Delegation'>['state'],
    until,
    created,
    last_updated: updated,
  });
}

/** A prefix as the API has it. */
export function prefixOut({ value: { prefix, owner, active, created, updated } }: PrefixView, names: Names): Wire<'Prefix'> {
  return present({ prefix, owner_orgno: owner, organization_name: names.get(owner), active, created, last_updated: updated });
}

/** A source of delegations as the API has it. */
export function sourceOut({ issuer, name }: DelegationSource): Wire<'DelegationSource'> {
  return { name, issuer };
}

/** Whether the terms are signed, as the API has it. */
export function termsOut({ orgnr, signed }: TermsView): Wire<'Terms'> {
  return present({ orgno: orgnr, signed: signed !== undefined, signed_at: signed?.at });
}

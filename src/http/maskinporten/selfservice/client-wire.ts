import { type Instant, type Orgnr, parseOrgnr, present } from '#domain';
import type { ClientView, EndingKey, NewClient, OnBehalfOfTerms, OnBehalfOfView, Side, WholeClient } from '#maskinporten';
import { invalid } from '#problem';
import { sound } from '../../wire-parts.js';
import type { Names, Wire } from './wire.js';

/** A client as the API has it. @param secret told once, when it is made */
export function clientOut({ value: client }: ClientView, names: Names, { origin }: Side, secret?: string): Wire<'Client'> {
  return present({
    client_id: client.id,
    client_name: client.name,
    description: client.description,
    client_orgno: client.orgnr,
    client_organization_name: names.get(client.orgnr),
    supplier_orgno: client.supplier,
    active: client.active,
    integration_type: client.integrationType,
    application_type: client.applicationType,
    scopes: [...client.scopes],
    grant_types: [...client.grantTypes] as Wire<'Client'>['grant_types'],
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    access_token_lifetime: client.accessTokenLifetime,
    refresh_token_lifetime: client.refreshTokenLifetime,
    authorization_lifetime: client.authorizationLifetime,
    refresh_token_usage: client.refreshTokenUsage,
    redirect_uris: [...client.redirectUris],
    post_logout_redirect_uris: [...client.postLogoutRedirectUris],
    frontchannel_logout_uri: client.frontchannelLogoutUri,
    frontchannel_logout_session_required: client.frontchannelLogoutSessionRequired,
    backchannel_logout_uri: client.backchannelLogoutUri,
    sso_disabled: client.ssoDisabled,
    code_challenge_method: client.codeChallengeMethod,
    logo_uri: client.logoUri,
    client_uri: client.clientUri,
    jwks_uri: client.keys.length === 0 ? undefined : `${origin}/maskinporten/api/v1/clients/${client.id}/jwks`,
    client_secret: secret,
    client_secret_expires: client.secret?.until,
    created: client.created,
    last_updated: client.updated,
  });
}

/** What was sent of a client; what is only told is passed over. @throws ProblemError `invalid-request` */
export function clientIn(body: Wire<'NewClient'> | Wire<'ChangedClient'>): NewClient & WholeClient {
  const sent = {
    id: body.client_id,
    description: body.description,
    orgnr: body.client_orgno === undefined ? undefined : sound<Orgnr>('/client_orgno', parseOrgnr(body.client_orgno)),
    supplier: body.supplier_orgno === undefined ? undefined : sound<Orgnr>('/supplier_orgno', parseOrgnr(body.supplier_orgno)),
    active: body.active,
    applicationType: body.application_type,
    scopes: body.scopes,
    grantTypes: body.grant_types,
    tokenEndpointAuthMethod: body.token_endpoint_auth_method,
    accessTokenLifetime: body.access_token_lifetime,
    refreshTokenLifetime: body.refresh_token_lifetime,
    authorizationLifetime: body.authorization_lifetime,
    refreshTokenUsage: body.refresh_token_usage,
    redirectUris: body.redirect_uris,
    postLogoutRedirectUris: body.post_logout_redirect_uris,
    frontchannelLogoutUri: body.frontchannel_logout_uri,
    frontchannelLogoutSessionRequired: body.frontchannel_logout_session_required,
    backchannelLogoutUri: body.backchannel_logout_uri,
    ssoDisabled: body.sso_disabled,
    codeChallengeMethod: body.code_challenge_method,
    logoUri: body.logo_uri,
    clientUri: body.client_uri,
  };
  return { ...present(sent), name: body.client_name, integrationType: body.integration_type };
}

type Key = EndingKey['key'];

/** A key as the API has it: the JWK, and how long it counts. */
export function keyOut({ jwk, added, until }: Key, now: Instant): Wire<'Jwk'> {
  return {
    ...(jwk as unknown as Wire<'NewJwk'> & { readonly alg: 'RS256'; readonly kid: string }),
    created: added,
    expires: until,
    expired: until <= now,
  };
}

/** The keys of a client as the API has them. */
export function keysOut({ value: { keys } }: ClientView, now: Instant): Wire<'JwkSet'> {
  return { keys: keys.map((key) => keyOut(key, now)) };
}

/** A key that ends soon, as the API has it. */
export function endingOut({ client, key: { kid, until } }: EndingKey, now: Instant): Wire<'ExpiringKey'> {
  const { id, name, orgnr, supplier } = client;
  return present({
    client_id: id,
    client_name: name,
    client_orgno: orgnr,
    supplier_orgno: supplier,
    kid,
    expires: until,
    expired: until <= now,
  });
}

/** On whose behalf a client acts, as the API has it. */
export function onBehalfOfOut({ value: one }: OnBehalfOfView, names: Names): Wire<'OnBehalfOf'> {
  return present({
    onbehalfof: one.value,
    name: one.name,
    orgno: one.orgnr,
    organization_name: names.get(one.orgnr),
    description: one.description,
    uri: one.uri,
    logo_uri: one.logoUri,
    created: one.created,
    last_updated: one.updated,
  });
}

/** What was sent of it, by the newer names or the older. @throws ProblemError `invalid-request` */
export function onBehalfOfIn(body: Wire<'NewOnBehalfOf'> | Wire<'ChangedOnBehalfOf'>): OnBehalfOfTerms {
  const name = body.name ?? body.display_name;
  if (name === undefined) throw invalid('/name', 'is missing');
  const { description, uri = body.url, logo_uri: logoUri } = body;
  return { name, orgnr: sound<Orgnr>('/orgno', parseOrgnr(body.orgno)), ...present({ description, uri, logoUri }) };
}

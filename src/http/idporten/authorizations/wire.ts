import { present } from '#domain';
import type { AuthorizationFilter, AuthorizationView, GivenScopeView, Login } from '#idporten';
import { organisationClaim } from '#maskinporten';
import type { components } from './wire.gen.js';

type Schemas = components['schemas'];
/** A form of the API by its name in openapi.yaml. */
export type Wire<Name extends keyof Schemas> = Schemas[Name];

/** An authorization as the API has it. */
export function authorizationOut({ authorization, client, scopes }: AuthorizationView): Wire<'Authorization'> {
  const { id, clientId, given, expires, userAgent, consumer } = authorization;
  return present({
    authorization_id: id,
    client_id: clientId,
    client_name: client?.name ?? clientId,
    description: client?.description,
    authorized_at: Date.parse(given),
    expires: Date.parse(expires),
    scopes: scopes.map(scopeOut),
    user_agent: userAgent,
    consumer: organisationClaim(consumer),
  });
}

function scopeOut({ name, consented, owner, scope }: GivenScopeView): Wire<'GivenScope'> {
  return present({
    name,
    description: scope?.description,
    long_description: scope?.longDescription,
    requires_user_consent: consented,
    visibility: scope?.visibility,
    owner_orgno: owner,
  });
}

/** A log-in as the API has it. */
export function loginOut({ at, service, amr }: Login): Wire<'Login'> {
  return { tidspunkt: at, tjeneste: service.name, eid: amr[0] ?? '', integrasjon_id: service.clientId, orgno: service.orgnr };
}

/** What a list is asked to be narrowed to. */
export function filterIn(
  by: AuthorizationFilter['by'],
  {
    require_user_consent: consented = true,
    visibility,
  }: { readonly require_user_consent?: boolean; readonly visibility?: 'PUBLIC' | 'PRIVATE' | 'INTERNAL' },
): AuthorizationFilter {
  return present({ by, consented, visibility });
}

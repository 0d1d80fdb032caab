import { type PageOf, type PageRange, pickedPage } from '#access';
import { type BrukerId, type Instant, type PersonNumber, present, toInstant } from '#domain';
import { type Client, clientRef, ownScopes, type Scope, scopeRef } from '#maskinporten';
import type { Login } from '../logins/login.js';
import { loginsOf } from '../logins/read-logins.js';
import { collectionsOf, type IdportenParts } from '../parts.js';
import { type Authorization, type GivenScope, ofCitizen, ofParty } from './authorization.js';
import { type AuthorizationParts, authorizationId } from './judge-scopes.js';
import { type AuthorizationRequest, leaveForAuthorizations } from './leave.js';

/** Which authorizations are listed: those that match in at least one scope, and those whole. */
export interface AuthorizationFilter {
  /** By whose part the organisation of the caller has in it: its clients got it, or its scopes were given. */
  readonly by: 'client' | 'owner';
  /** A scope needed a yes. */
  readonly consented: boolean;
  readonly visibility?: Scope['visibility'];
}

/** A scope that was given, with what it is called now. */
export interface GivenScopeView extends GivenScope {
  readonly name: string;
  /** Absent: it is not there any more. */
  readonly scope?: Scope;
}

/** An authorization with what the client and the scopes are called now. */
export interface AuthorizationView {
  readonly authorization: Authorization;
  readonly client?: Client;
  readonly scopes: readonly GivenScopeView[];
}

/**
 * What a person has given a client, if that stands: not withdrawn, not over, and of the same round as what is held of it, if that is said. One read.
 */
export async function authorizationOf(
  parts: Pick<IdportenParts, 'store' | 'clock' | 'vault'>,
  held: {
    readonly person: PersonNumber;
    readonly clientId: string;
    readonly onBehalfOf?: string | undefined;
    readonly round?: number | undefined;
  },
): Promise<Authorization | undefined> {
  const { store, clock, vault } = parts;
  const id = authorizationId(parts, { ...held, brukerId: vault.nameOf(held.person) });
  const value = (await collectionsOf(store).authorizations.get(id))?.value;
  if (value === undefined || value.withdrawn !== undefined || value.expires <= toInstant(clock())) return undefined;
  return held.round === undefined || held.round === value.round ? value : undefined;
}

/**
 * What a person has given to the clients, or of the scopes, of the caller's organisation, and what has not ended.
 * @param person of whom a machine asks; a person asks for oneself
 * @throws ProblemError as leaveForAuthorizations says
 */
export async function listAuthorizations(
  parts: AuthorizationParts,
  request: AuthorizationRequest,
  { by, consented, visibility }: AuthorizationFilter,
  range: PageRange,
  person?: PersonNumber,
): Promise<PageOf<AuthorizationView>> {
  const { caller } = request;
  const action = person === undefined ? 'authorization.list' : 'authorization.look-up';
  const { orgnr, at } = await leaveForAuthorizations(parts, request, action);
  const brukerId = person === undefined ? ownId(caller) : parts.vault.nameOf(person);
  if (orgnr === undefined) throw new TypeError('leave to list for an organisation names it');
  const where = { index: by, prefix: ofParty(brukerId, orgnr), from: ofParty(brukerId, orgnr, justAfter(at)) };
  return pickedPage(collectionsOf(parts.store).authorizations, where, range, async (found) => {
    const views = await viewsOf(
      parts,
      found.map(({ value }) => value),
    );
    return views.filter(({ scopes }) =>
      scopes.some((one) => (!consented || one.consented) && (visibility === undefined || one.scope?.visibility === visibility)),
    );
  });
}

/** All that a person has given and that has not ended, for the person's own page. @throws ProblemError as leaveForAuthorizations says */
export async function listOwnAuthorizations(
  parts: AuthorizationParts,
  request: AuthorizationRequest,
  range: PageRange,
): Promise<PageOf<AuthorizationView>> {
  const { at } = await leaveForAuthorizations(parts, request, 'authorization.list');
  const brukerId = ownId(request.caller);
  const where = { index: 'citizen', prefix: ofCitizen(brukerId), from: ofCitizen(brukerId, justAfter(at)) };
  return pickedPage(collectionsOf(parts.store).authorizations, where, range, (found) =>
    viewsOf(
      parts,
      found.map(({ value }) => value),
    ),
  );
}

/** Where a person has logged in, the latest first: at the clients of the caller's organisation; on the person's own page, everywhere. @throws as listAuthorizations */
export async function listLogins(parts: IdportenParts, request: AuthorizationRequest, range: PageRange): Promise<PageOf<Login>> {
  const { orgnr } = await leaveForAuthorizations(parts, request, 'login.list');
  return loginsOf(parts.store, ownId(request.caller), range, orgnr);
}

/** The end is exclusive: what ends now has ended. */
function justAfter(at: Instant): Instant {
  return toInstant(Date.parse(at) + 1);
}

function ownId(caller: AuthorizationRequest['caller']): BrukerId {
  if (caller.kind === 'person' || caller.kind === 'citizen') return caller.brukerId;
  throw new TypeError('only a person has something of its own');
}

/** Authorizations with what clients and scopes are called now: one read for all of them. */
export async function viewsOf({ store, side }: AuthorizationParts, found: readonly Authorization[]): Promise<readonly AuthorizationView[]> {
  const names = [...new Set(found.flatMap(({ scopes }) => Object.keys(scopes)))];
  const ids = [...new Set(found.map(({ clientId }) => clientId))];
  const reading = store.read([...ids.map((id) => clientRef(store, id)), ...names.map((name) => scopeRef(store, name))]);
  const { documents } = reading instanceof Promise ? await reading : reading;
  const values = documents.map((stored) => stored?.value);
  const own = ownScopes(side) as ReadonlyMap<string, Scope>;
  const clients = new Map(ids.map((id, at) => [id, values[at] as Client | undefined]));
  const scopes = new Map(names.map((name, at) => [name, own.get(name) ?? (values[ids.length + at] as Scope | undefined)]));
  return found.map((authorization) =>
    present({
      authorization,
      client: clients.get(authorization.clientId),
      scopes: Object.entries<GivenScope>(authorization.scopes).map(([name, given]) => present({ ...given, name, scope: scopes.get(name) })),
    }),
  );
}

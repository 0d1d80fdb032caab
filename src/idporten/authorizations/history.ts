import type { BrukerId, Instant } from '#domain';
import { clientRef } from '#maskinporten';
import { type Authorization, citizenParty } from './authorization.js';
import type { AuthorizationParts } from './judge-scopes.js';
import { type AuthorizationRequest, leaveForAuthorizations } from './leave.js';

/** What was given or withdrawn once. */
export interface AuthorizationEvent {
  readonly at: Instant;
  readonly kind: 'given' | 'withdrawn';
  /** Of the client, as it is called now. */
  readonly client: string;
  /** What was given by then, or ended with it. */
  readonly scopes: readonly string[];
  /** By the person itself; else by an organisation that has part in it. */
  readonly isOwn: boolean;
}

/**
 * What a person has given and withdrawn, the latest first, for the person's own page.
 * @param most how many are told; `isWhole` says whether that is all
 * @throws ProblemError as leaveForAuthorizations says
 */
export async function listOwnHistory(
  parts: AuthorizationParts,
  request: AuthorizationRequest & { readonly caller: { readonly kind: 'citizen'; readonly brukerId: BrukerId } },
  most: number,
): Promise<{ readonly events: readonly AuthorizationEvent[]; readonly isWhole: boolean }> {
  await leaveForAuthorizations(parts, request, 'authorization.history');
  const { store } = parts;
  const { brukerId } = request.caller;
  const { events, next } = await store.events.concerning(citizenParty(brukerId), { limit: most, newestFirst: true });
  const told = events.flatMap(({ at, actor, after }) => {
    const value = after as Authorization | undefined;
    return value === undefined ? [] : [{ at, actor, value }];
  });
  const ids = [...new Set(told.map(({ value }) => value.clientId))];
  const { documents } = await store.read(ids.map((id) => clientRef(store, id)));
  const names = new Map(ids.map((id, at) => [id, documents[at]?.value.name ?? id]));
  return {
    events: told.map(({ at, actor, value }) => ({
      at,
      kind: value.withdrawn === undefined ? ('given' as const) : ('withdrawn' as const),
      client: names.get(value.clientId) ?? value.clientId,
      scopes: Object.keys(value.scopes),
      isOwn: actor === brukerId,
    })),
    isWhole: next === undefined,
  };
}

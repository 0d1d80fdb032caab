import { repeated } from '#access';
import { toInstant } from '#domain';
import { collectionsOf, type IdportenParts } from '../parts.js';
import type { Authorization } from './authorization.js';
import { underOf, withdrawnFrom } from './authorization.js';
import { type AuthorizationRequest, leaveForAuthorizations } from './leave.js';

/** What ends what a log-in was given: the OpenID provider's, which tells its tokens as revoked. */
export interface GrantEnd {
  endGrant(grantId: string): Promise<void>;
}

/** No other text is one of ours. */
const ID = /^[A-Za-z0-9_-]{43}$/;

/**
 * Withdraws all that a person has given a client, in one write: from then on no node takes a token of it for active, and none is made anew. After it all that was given by
 * it is ended, which only tidies up and tells who checks tokens alone. What has ended already stays as it is.
 * @throws ProblemError as leaveForAuthorizations says: `not-found` for what is not there and for what is not the caller's alike
 */
export async function withdrawAuthorization(parts: IdportenParts & GrantEnd, request: AuthorizationRequest, id: string): Promise<void> {
  const { authorizations } = collectionsOf(parts.store);
  const withdrawn = await repeated(async () => {
    const before = await authorizations.get(ID.test(id) ? id : 'none');
    const { at, actor, facts } = await leaveForAuthorizations(parts, request, 'authorization.withdraw', before?.value);
    if (before === undefined || before.value.withdrawn !== undefined || before.value.expires <= at) return before?.value;
    const value = { ...before.value, withdrawn: { at, by: actor } };
    return (await authorizations.put(value, { expect: before.revision, facts: facts('authorization.withdraw') })).value;
  });
  if (withdrawn !== undefined) await endGrants(parts, withdrawn);
}

/** Ends what was given under an authorization that has ended. It may be done again: what was ended is not found any more. */
export async function endGrants(
  { store, endGrant, clock }: Pick<IdportenParts, 'store' | 'clock'> & GrantEnd,
  over: Authorization,
): Promise<void> {
  const { givenGrants } = collectionsOf(store);
  const facts = { action: 'authorization.end', at: toInstant(clock()), actor: 'operator' };
  for (;;) {
    const { items, next } = await givenGrants.query({ index: 'under', equals: underOf(over), limit: 50 });
    for (const { value } of items) {
      await endGrant(value.grantId);
      await givenGrants.remove(value.grantId, { expect: 'any', facts });
    }
    if (next === undefined) return;
  }
}

/** Longer lives no access token. */
const LONGEST_TOKEN_MS = 7_200_000;

/** Ends what a process that was killed has left of what was withdrawn from a client: so that no token of it is missing where revoked ones are told. */
export async function endWithdrawn(parts: Pick<IdportenParts, 'store' | 'clock'> & GrantEnd, clientId: string): Promise<void> {
  const { authorizations } = collectionsOf(parts.store);
  const from = withdrawnFrom(clientId, toInstant(parts.clock() - LONGEST_TOKEN_MS));
  for (let cursor: string | undefined; ; ) {
    const where = { index: 'withdrawn', prefix: withdrawnFrom(clientId), from, limit: 100 };
    const page = await authorizations.query(cursor === undefined ? where : { ...where, cursor });
    for (const { value } of page.items) await endGrants(parts, value);
    if (page.next === undefined) return;
    cursor = page.next;
  }
}

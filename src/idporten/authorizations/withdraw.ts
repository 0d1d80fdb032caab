import { type PageOf, type PageRange, pickedPage, repeated } from '#access';
import { toInstant } from '#domain';
import { collectionsOf, type IdportenParts } from '../parts.js';
import { endGrant, type RevokedToken, revokedTokenKey, revokedTokens } from '../provider/artifacts.js';
import { type Authorization, underOf, withdrawnFrom } from './authorization.js';
import { type AuthorizationRequest, leaveForAuthorizations } from './leave.js';

type Ending = Pick<IdportenParts, 'store' | 'clock' | 'vault'>;

/** No other text is one of ours. */
const ID = /^[A-Za-z0-9_-]{43}$/;

/**
 * Withdraws all that a person has given a client, in one write: from then on no node takes a token of it for active, and none is made anew. After it
 * what was given by it is ended, which tidies up and tells those who check tokens alone. What has ended already stays as it is.
 * @throws ProblemError as leaveForAuthorizations says: `not-found` for what is not there and for what is not the caller's alike
 */
export async function withdrawAuthorization(parts: IdportenParts, request: AuthorizationRequest, id: string): Promise<void> {
  const { authorizations } = collectionsOf(parts.store);
  const over = await repeated(async () => {
    const before = await authorizations.get(ID.test(id) ? id : 'none');
    const { at, actor, facts } = await leaveForAuthorizations(parts, request, 'authorization.withdraw', before?.value);
    if (before === undefined || before.value.withdrawn !== undefined || before.value.expires <= at) return before?.value;
    const value = { ...before.value, withdrawn: { at, by: actor } };
    return (await authorizations.put(value, { expect: before.revision, facts: facts('authorization.withdraw') })).value;
  });
  if (over !== undefined) await endGrants(parts, over);
}

/** Ends what was given under an authorization that has ended. It may be done again: what was ended is not found any more. */
async function endGrants(parts: Ending, over: Authorization): Promise<void> {
  const { givenGrants } = collectionsOf(parts.store);
  const facts = { action: 'authorization.end', at: toInstant(parts.clock()), actor: 'operator' };
  for (;;) {
    const { items, next } = await givenGrants.query({ index: 'under', equals: underOf(over), limit: 50 });
    for (const { value } of items) {
      await endGrant(parts, value.grantId);
      await givenGrants.remove(value.grantId, { expect: 'any', facts });
    }
    if (next === undefined) return;
  }
}

/** Longer lives no access token. */
const LONGEST_TOKEN_MS = 7_200_000;

/** Ends what a process that was killed has left of what was withdrawn from a client: so that no token of it is missing where revoked ones are told. */
async function endWithdrawn(parts: Ending, clientId: string): Promise<void> {
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

/** The tokens of a client that count no more where they are checked without asking us, until they expire. For everybody: it names nobody. @throws as the store */
export async function listRevokedTokens(parts: Ending, clientId: string, range: PageRange): Promise<PageOf<RevokedToken>> {
  if (range.cursor === undefined) await endWithdrawn(parts, clientId);
  const where = { prefix: revokedTokenKey(clientId) };
  return pickedPage(parts.store.collection(revokedTokens), where, range, (found) => found.map(({ value }) => value));
}

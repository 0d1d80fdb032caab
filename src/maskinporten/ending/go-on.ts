import { type Ending, eachOf, rewritten } from '#access';
import { type Instant, type Orgnr, present } from '#domain';
import { accessKey, clientOf, delegatedBy, delegatedTo, delegationKey, gotBy, onBehalfOfKey, ownedBy } from '../entities.js';
import type { Client, Delegation, ScopeAccess } from '../nouns.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';
import { isOwnScope } from '../registry/own-scopes.js';

/** What goes on in another organisation. */
type GoingOn = Ending & { readonly into: Orgnr };

/**
 * Lets the successor have what the organisation has. First what it was granted and has delegated, beside what there is, so that nothing is missing when the clients
 * come; then prefixes with their scopes, and the clients. What stays is told: how the organisation is administered, as persons' roles do.
 */
export async function goesOn(parts: MaskinportenParts, ending: Ending): Promise<void> {
  const { into } = ending;
  if (into === undefined) return;
  const going = { ...ending, into };
  await accessesGoOn(parts, going);
  await delegationsGoOn(parts, going, 'consumer');
  await delegationsGoOn(parts, going, 'supplier');
  await scopesGoOn(parts, going);
  await clientsGoOn(parts, going);
  const { signedTerms } = collectionsOf(parts.store);
  const [old, there] = await Promise.all([signedTerms.get(ending.orgnr), signedTerms.get(into)]);
  if (old !== undefined && there === undefined) ending.count('terms of use that the new one has yet to sign');
}

async function accessesGoOn({ store }: MaskinportenParts, going: GoingOn): Promise<void> {
  const { orgnr, into, at, dryRun, count } = going;
  const { scopeAccesses } = collectionsOf(store);
  await eachOf(scopeAccesses, { index: 'consumer', prefix: gotBy(orgnr, 'kept') }, async (held) => {
    if (isOver(held.until, at)) return;
    if (isOwnScope(held.scope)) return count("accesses to this installation's own scopes that end");
    const key = accessKey(into, held.scope);
    let outcome = 'accesses held there already';
    const rewrite = (there: ScopeAccess | undefined): ScopeAccess | undefined => {
      if (there?.state === 'DENIED') {
        outcome = "accesses that end, since the scope's owner has revoked the new one's";
        return undefined;
      }
      const until = laterOf(there, held);
      if (there !== undefined && there.until === until) return undefined;
      outcome = 'accesses moved';
      const { seat: _, until: __, ...rest } = there ?? { ...held, consumer: into, created: at };
      return present({ ...rest, until, updated: at });
    };
    if (dryRun) rewrite((await scopeAccesses.get(key))?.value);
    else await rewritten(going, 'access.move', scopeAccesses, key, rewrite);
    count(outcome);
  });
}

/** @param role what the organisation is in them */
async function delegationsGoOn({ store }: MaskinportenParts, going: GoingOn, role: 'consumer' | 'supplier'): Promise<void> {
  const { orgnr, into, at, dryRun, count } = going;
  const { delegations } = collectionsOf(store);
  const prefix = role === 'consumer' ? delegatedBy(orgnr, 'kept') : delegatedTo(orgnr, 'kept');
  const name = role === 'consumer' ? 'delegations given' : 'delegations got';
  await eachOf(delegations, { index: role, prefix }, async (held) => {
    if (isOver(held.until, at)) return;
    const moved = { ...held, [role]: into };
    if (moved.consumer === moved.supplier) return count('delegations between the two that end');
    let outcome = `${name}, there already`;
    const rewrite = (there: Delegation | undefined): Delegation | undefined => {
      if (there?.withdrawn !== undefined) {
        outcome = `${name} that end, since the new one's have been withdrawn`;
        return undefined;
      }
      const until = laterOf(there, held);
      if (there !== undefined && there.until === until) return undefined;
      outcome = `${name}, moved`;
      const { seat: _, until: __, ...rest } = there ?? { ...moved, created: at };
      return present({ ...rest, until, updated: at });
    };
    const key = delegationKey(moved.consumer, moved.supplier, held.scope);
    if (dryRun) rewrite((await delegations.get(key))?.value);
    else await rewritten(going, 'delegation.move', delegations, key, rewrite);
    count(outcome);
  });
}

/** The scopes before their prefix: until that has moved too, none of them is changed by anybody. */
async function scopesGoOn({ store }: MaskinportenParts, going: GoingOn): Promise<void> {
  const { orgnr, into, at, dryRun, count } = going;
  const { scopePrefixes, scopes, scopeAccesses } = collectionsOf(store);
  const owned = { index: 'owner', prefix: ownedBy(orgnr) };
  await eachOf(scopes, owned, async ({ name }) => {
    count('scopes moved');
    if (dryRun) return;
    await rewritten(going, 'scope.move', scopes, name, (before) => {
      if (before?.owner !== orgnr) return undefined;
      const { seat: _, ...rest } = before;
      return { ...rest, owner: into, updated: at };
    });
  });
  await eachOf(scopePrefixes, owned, async ({ prefix }) => {
    count('prefixes moved');
    if (dryRun) return;
    await rewritten(going, 'prefix.move', scopePrefixes, prefix, (before) =>
      before?.owner === orgnr ? { ...before, owner: into, updated: at } : undefined,
    );
  });
  if (dryRun) return;
  // Whose the scope of an access is, is for lists: no token waits for it.
  await eachOf(scopeAccesses, owned, async ({ consumer, scope }) => {
    await rewritten(going, 'access.move', scopeAccesses, accessKey(consumer, scope), (before) => {
      if (before?.owner !== orgnr) return undefined;
      const { seat: _, ...rest } = before;
      return { ...rest, owner: into, updated: at };
    });
  });
}

/** Clients keep their names, keys and scopes: from the next token on they are the new one's. How the new one is administered they do not come to decide. */
async function clientsGoOn({ store }: MaskinportenParts, going: GoingOn): Promise<void> {
  const { orgnr, into, at, dryRun, count } = going;
  const { clients, onBehalfOfs } = collectionsOf(store);
  await eachOf(clients, { index: 'party', prefix: clientOf(orgnr) }, async (found) => {
    count('clients moved');
    if (found.scopes.some(isOwnScope)) count("clients that lose this installation's own scopes");
    if (found.active && found.tokenEndpointAuthMethod === 'private_key_jwt' && found.keys.every(({ jwk }) => jwk['x5c'] !== undefined)) {
      count("clients that need a key of their own, or the new one's certificate");
    }
    if (dryRun) return;
    await eachOf(onBehalfOfs, { prefix: onBehalfOfKey(found.id) }, async ({ clientId, value }) => {
      await rewritten(going, 'onbehalfof.move', onBehalfOfs, onBehalfOfKey(clientId, value), (before) => {
        if (before?.supplier !== orgnr) return undefined;
        return { ...before, supplier: into, updated: at };
      });
    });
    await rewritten(going, 'client.move', clients, found.id, (before) => before && movedClient(before, orgnr, into, at));
  });
}

function movedClient(before: Client, from: Orgnr, into: Orgnr, at: Instant): Client | undefined {
  if (before.orgnr !== from && before.supplier !== from) return undefined;
  const { seat: _, supplier: kept, ...rest } = before;
  const orgnr = before.orgnr === from ? into : before.orgnr;
  const supplier = kept === from ? into : kept;
  const scopes = before.scopes.filter((name) => !isOwnScope(name));
  return present({ ...rest, orgnr, supplier: supplier === orgnr ? undefined : supplier, scopes, updated: at });
}

function isOver(until: Instant | undefined, at: Instant): boolean {
  return until !== undefined && until <= at;
}

interface Ends {
  readonly until?: Instant;
}

/** When what both give ends; `undefined`: never. */
function laterOf(there: Ends | undefined, held: Ends): Instant | undefined {
  if (there === undefined) return held.until;
  if (there.until === undefined || held.until === undefined) return undefined;
  return there.until > held.until ? there.until : held.until;
}

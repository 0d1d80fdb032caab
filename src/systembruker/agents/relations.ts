import { checkPrecondition, freeSeat, type PageOf, type PageRange, type Precondition, pickedPage, repeated } from '#access';
import { type Instant, type Orgnr, present } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Stored } from '#storage';
import type { Asking } from '../administer/caller.js';
import { leaveFor } from '../administer/leave.js';
import { agentClientKey, ofClient, relationKey, relationOf } from '../entities.js';
import { fieldFault, SystembrukerFault } from '../faults.js';
import type { AccessPackage, ClientRelation, PackageName } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { endOver } from './standings.js';

/** A relation with its revision. */
export type RelationView = Stored<ClientRelation>;

/** What an organisation has given others, or the registers say it has. @param request names the client @throws ProblemError as leaveFor says */
export async function listRelations(parts: SystembrukerParts, request: Asking, range: PageRange): Promise<PageOf<RelationView>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'client-relation.list' });
  const { clientRelations } = collectionsOf(parts.store);
  return pickedPage(clientRelations, { index: 'client', prefix: relationOf(orgnr as Orgnr) }, range, (found) => found);
}

/** What is to be given. */
export interface GivenPackages {
  /** Absent: what was sent is no organisation number. */
  readonly provider?: Orgnr;
  readonly packages: readonly PackageName[];
  /** Exclusive. */
  readonly until?: Instant;
}

/**
 * Gives another organisation packages, and takes back those that are not among them: its agents act for this one no more where they need such. What is so already stays.
 * @param request names the client
 * @throws ProblemError as leaveFor says; `quota-reached`, `precondition-failed`; SystembrukerFault
 */
export async function giveRelation(
  parts: SystembrukerParts,
  request: Asking,
  { provider, packages, until }: GivenPackages,
  precondition: Precondition = 'any',
): Promise<RelationView> {
  const { clientRelations } = collectionsOf(parts.store);
  const { written, facts } = await repeated(async () => {
    const { orgnr, at, facts } = await leaveFor(parts, request, { action: 'client-relation.give' });
    const client = orgnr as Orgnr;
    const given = [...new Set(packages)].sort();
    if (provider === undefined || provider === client)
      throw new SystembrukerFault([fieldFault('AUTH.VLD-00000', '?provider', 'must be the number of another organisation')]);
    if (until !== undefined && until <= at) throw wrong('/until', 'must be a moment to come');
    if (given.length === 0) throw wrong('/accessPackages', 'must name a package: take the relation back to give none');
    const faults = packageFaults(given, await packagesOf(parts, given));
    if (faults.length > 0) throw new SystembrukerFault([fieldFault('AUTH.VLD-00008', '/accessPackages', faults[0])]);
    const before = await clientRelations.get(relationKey(provider, client, 'given'));
    const value = relationAfter(before?.value, { provider, client, source: 'given', packages: given, until, at });
    if (before !== undefined && isSame(before.value, value)) return { written: before, facts };
    checkPrecondition(precondition, before?.revision ?? 0);
    const seat = before?.value.seat ?? (request.caller.kind === 'operator' ? undefined : await seatFor(parts, client, provider));
    const expect = before?.revision ?? 'absent';
    return { written: await clientRelations.put(present({ ...value, seat }), { expect, facts: facts('client-relation.give') }), facts };
  });
  await endOfPair(parts, written.value, facts('agent-client.end'));
  return written;
}

/** Takes back what was given: agents act for the organisation no more. @param request names the client @throws ProblemError as leaveFor says; `not-found`, `precondition-failed` */
export async function withdrawRelation(
  parts: SystembrukerParts,
  request: Asking,
  provider: Orgnr | undefined,
  precondition: Precondition = 'any',
): Promise<void> {
  const { clientRelations } = collectionsOf(parts.store);
  const { client, facts } = await repeated(async () => {
    const { orgnr, facts } = await leaveFor(parts, request, { action: 'client-relation.withdraw' });
    const client = orgnr as Orgnr;
    const before = provider === undefined ? undefined : await clientRelations.get(relationKey(provider, client, 'given'));
    if (before === undefined) throw new ProblemError('not-found', { detail: 'The organisation has given this one nothing itself.' });
    checkPrecondition(precondition, before.revision);
    await clientRelations.remove(relationKey(before.value.provider, client, 'given'), {
      expect: before.revision,
      facts: facts('client-relation.withdraw'),
    });
    return { client, facts };
  });
  await endOfPair(parts, { provider: provider as Orgnr, client }, facts('agent-client.end'));
}

/** What agents of the provider no longer have of the client. What is broken off is over all the same: an agent is judged by the relations as they are. */
export async function endOfPair(
  parts: SystembrukerParts,
  { provider, client }: Pick<ClientRelation, 'provider' | 'client'>,
  facts: ChangeFacts,
): Promise<number> {
  const { agentClients } = collectionsOf(parts.store);
  let ended = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await agentClients.query({ index: 'client', prefix: ofClient(client, provider), limit: 50, ...present({ cursor }) });
    ended += await endOver(parts, page.items, ({ value, revision }) =>
      agentClients.remove(agentClientKey(value.systemUserId, value.client), { expect: revision, facts }).catch(unlessConflict),
    );
    cursor = page.next;
    if (cursor === undefined) return ended;
  }
}

/** It was added anew meanwhile. */
function unlessConflict(error: unknown): void {
  if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
}

type Known = ReadonlyMap<PackageName, AccessPackage>;

/** The packages of these names that there are. */
export async function packagesOf({ store }: Pick<SystembrukerParts, 'store'>, names: readonly PackageName[]): Promise<Known> {
  const found = await collectionsOf(store).accessPackages.getMany([...new Set(names)]);
  return new Map(found.flatMap((one) => (one === undefined ? [] : [[one.value.name, one.value] as const])));
}

/** What is wrong with packages that are to be given to whoever acts by agents, each in a few words. */
export function packageFaults(names: readonly PackageName[], known: Known): readonly string[] {
  return names.flatMap((name) => {
    const found = known.get(name);
    if (found?.active !== true) return ['names a package that there is not'];
    return found.delegable ? [] : ['names a package that is not for agents'];
  });
}

/** What a relation is to be. */
export interface RelationTerms extends Pick<ClientRelation, 'provider' | 'client' | 'source' | 'packages'> {
  readonly until: Instant | undefined;
  readonly at: Instant;
}

/** A relation as it is written: packages that it gave until now it gives without a break. */
export function relationAfter(before: ClientRelation | undefined, { at, ...terms }: RelationTerms): ClientRelation {
  const stands = before !== undefined && (before.until === undefined || before.until > at) ? before : undefined;
  const since = Object.fromEntries(terms.packages.map((name) => [name, stands?.since[name] ?? at])) as ClientRelation['since'];
  return present({ ...terms, since, seat: before?.seat, created: before?.created ?? at, updated: at });
}

/** Whether both give the same, for as long and without a break. */
export function isSame(a: ClientRelation, b: ClientRelation): boolean {
  return a.until === b.until && a.packages.join() === b.packages.join() && b.packages.every((name) => a.since[name] === b.since[name]);
}

async function seatFor(
  { store, quotas: { delegationsPerOrganisation: most } }: SystembrukerParts,
  client: Orgnr,
  name: Orgnr,
): Promise<number> {
  const seat = await freeSeat(collectionsOf(store).clientRelations, { index: 'seat', of: client, most, name });
  if (seat !== undefined) return seat;
  const detail = `An organisation may have given packages to ${most} others: take back what is no longer needed, or ask the operator for more.`;
  throw new ProblemError('quota-reached', { detail });
}

function wrong(path: string, detail: string): SystembrukerFault {
  return new SystembrukerFault([fieldFault('TILGANG.VLD-00001', path, detail)]);
}

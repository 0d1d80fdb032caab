import { organisations } from '#access';
import { isRuling, type Judge, type Rule, type Ruling } from '#decisions';
import { type Instant, isFault, type Orgnr, present } from '#domain';
import { isClientKey } from '#maskinporten';
import type { Store } from '#storage';
import type { System, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { livingOf, parseExternalRef } from '../users/standing.js';
import { TOKEN_RULE } from './use-kind.js';
import { noteUse } from './uses.js';

/** Which system user a client is to act as. */
export interface SystemUserAsked {
  readonly clientId: string;
  /** For whom the client's token is. */
  readonly consumer: Orgnr;
  /** The customer. */
  readonly owner: Orgnr;
  /** Absent or empty: as if the owner's number were sent. */
  readonly externalRef?: string | undefined;
}

/** The system user, with its system; or the one thing that does not fit, as a slug of systembruker/token. */
export type SystemUserFound = { readonly systemUser: SystemUser; readonly system: System } | { readonly reason: string };

const EVALUATE: Rule<Ruling> = { entrypoint: TOKEN_RULE, isAnswer: isRuling, isLogged: true };

/**
 * The system user that the client may act as now (`systembruker/token/evaluate`): the only way to one, for our own token endpoint and for other Maskinportens.
 * Documents are read for each token, so that none is issued for what has been stopped, moved or deleted, on whatever node.
 * @throws ProblemError `store-unavailable`, `evaluation-failed`
 */
export async function systemUserOfClient(
  parts: Pick<SystembrukerParts, 'store' | 'judge' | 'uses'>,
  asked: SystemUserAsked,
  { at, requestedBy }: { readonly at: Instant; readonly requestedBy: Orgnr | undefined },
): Promise<SystemUserFound> {
  const { clientId, consumer, owner } = asked;
  const named = parseExternalRef(asked.externalRef, owner);
  // What could not be kept names nothing.
  const externalRef = isFault(named) ? '' : named;
  const { system, systemUser, ownerClosed, vendorClosed } = await read(parts.store, { clientId, owner, externalRef });
  const input = {
    client: { id: clientId, consumer },
    asked: { owner, externalRef },
    system: system && judgedSystem(system, clientId),
    systemUser: systemUser && judgedUser(systemUser.value),
    vendor: { closed: vendorClosed },
    owner: { closed: ownerClosed },
  };
  const verdict = await judged(parts.judge, input, { requestedBy, ...present({ documentRevision: systemUser?.revision }) });
  const [reason] = verdict.reasons;
  if (reason !== undefined || system === undefined || systemUser === undefined) return { reason: reason ?? 'system_user_unknown' };
  noteUse(parts, { systemUserId: systemUser.value.id, kind: 'token', by: clientId }, at);
  return { systemUser: systemUser.value, system };
}

async function judged(
  judge: Judge,
  input: object,
  asker: { readonly requestedBy: Orgnr | undefined; readonly documentRevision?: number },
): Promise<Ruling> {
  const asked = judge.ask(EVALUATE, input, undefined, asker);
  return (asked instanceof Promise ? await asked : asked).answer;
}

/** The system that the client is kept on; of it the system user of that customer and name. */
async function read(
  store: Store,
  { clientId, owner, externalRef }: { readonly clientId: string; readonly owner: Orgnr; readonly externalRef: string },
) {
  const { systems, systemClients } = collectionsOf(store);
  // What a store answers at once is not waited for: all of it is then of one snapshot, and cheaper.
  const places = isClientKey(clientId) ? store.read([{ collection: systemClients, key: clientId }]) : undefined;
  const place = (places instanceof Promise ? await places : places)?.documents[0];
  if (place === undefined) return { system: undefined, systemUser: undefined, ownerClosed: false, vendorClosed: false };
  const { systemId } = place.value;
  const read = store.read([{ collection: systems, key: systemId }]);
  const living = livingOf({ store }, { systemId, party: owner, externalRef });
  const [reading, systemUser] = read instanceof Promise ? await Promise.all([read, living]) : [read, await living];
  const isClosed = async (orgnr: Orgnr): Promise<boolean> => {
    const known = reading.registry(store.collection(organisations), orgnr);
    return (known instanceof Promise ? await known : known)?.value.closed !== undefined;
  };
  const system = reading.documents[0]?.value;
  const vendorClosed = system !== undefined && (await isClosed(system.vendor));
  return { system, systemUser, ownerClosed: await isClosed(owner), vendorClosed };
}

/** Of its clients the one that asks: there may be many. */
function judgedSystem({ id, vendor, deleted, clientIds }: System, clientId: string): object {
  return { id, vendor, deleted: deleted !== undefined, clientIds: clientIds.filter((one) => one === clientId) };
}

function judgedUser({ id, systemId, vendor, party, externalRef, status, removed, deactivated }: SystemUser): object {
  return {
    id,
    systemId,
    vendor,
    party,
    externalRef,
    status,
    removed: removed !== undefined,
    deactivated: deactivated !== undefined,
  };
}

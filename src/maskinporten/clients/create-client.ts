import { randomUUID } from 'node:crypto';
import { asRefusal, repeated } from '#access';
import { isFault, type Orgnr, present } from '#domain';
import { invalid, ProblemError } from '#problem';
import { type Asking, actingFor, leaveFor } from '../administer/leave.js';
import type { Client, ClientKey } from '../nouns.js';
import { collectionsOf, type SideParts } from '../parts.js';
import { hasCeased } from '../registry/organisations.js';
import { assertCertified } from './certified-keys.js';
import { CITIZENS_CLIENT, parseClientId } from './client-id.js';
import { newSecret } from './client-secret.js';
import { type SentClient, soundTerms } from './client-terms.js';
import { hasSecret } from './integration-types.js';
import { assertScopes } from './judge-scopes.js';
import type { ClientView } from './leave-for-client.js';
import { MOST_AT_ONCE, seatFor } from './seat.js';
import { isTrialStore } from './trial-store.js';

/** A client that is to be. */
export interface NewClient extends SentClient {
  /** Absent: a UUID is made. */
  readonly id?: string;
  /** Whose it is to be; absent: the organisation's that asks. */
  readonly orgnr?: Orgnr;
}

/** A client with its secret, if it has one: it is told this once. */
export interface MadeClient extends ClientView {
  readonly secret?: string;
}

/** How a client is made otherwise than by its own act. */
export interface Making {
  readonly action?: string;
  /** What it signs with from the beginning. */
  readonly keys?: (at: Client['created']) => readonly ClientKey[];
}

/**
 * Registers a client. For another organisation whoever asks is its supplier, and keeps it.
 * @throws ProblemError as leaveFor says; `invalid-request`, `action-not-allowed` for scopes, `client-exists`, `quota-reached`
 */
export async function createClient(
  parts: SideParts,
  request: Asking,
  sent: NewClient,
  { action = 'client.create', keys = () => [] }: Making = {},
): Promise<MadeClient> {
  const acting = actingFor(request);
  const owner = sent.orgnr ?? acting;
  const supplier = acting === undefined || acting === owner ? undefined : acting;
  const object = { owner, supplier, exists: false, recipientClosed: await hasCeased(parts, owner) };
  const { at, facts } = await leaveFor(parts, request, { action, orgnr: owner, object });
  const id = sent.id === undefined ? randomUUID() : parseClientId(sent.id);
  if (isFault(id)) throw invalid('/client_id', id.detail);
  const terms = soundTerms(sent, await isTrialStore(parts.store));
  const given = hasSecret(terms) ? newSecret(parts, id, at) : undefined;
  const client = { ...terms, id, orgnr: owner as Orgnr, supplier, keys: keys(at), secret: given?.kept, created: at, updated: at };
  await assertCertified(client.keys, supplier ?? client.orgnr, (key) => `/keys/${key}`);
  await assertScopes(parts, request, { action, client, standing: [], at });
  const { clients } = collectionsOf(parts.store);
  const view = await repeated(async () => {
    if (id === CITIZENS_CLIENT || (sent.id !== undefined && (await clients.get(id)) !== undefined))
      throw asRefusal(new ProblemError('client-exists'));
    const isCounted = terms.active && request.caller.kind !== 'operator';
    const seat = isCounted ? await seatFor(parts, client) : undefined;
    return clients.put(present({ ...client, seat }), { expect: 'absent', facts: facts(action) });
  }, MOST_AT_ONCE);
  return { ...view, ...present({ secret: given?.secret }) };
}

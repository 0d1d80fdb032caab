import { randomBytes } from 'node:crypto';
import { type Orgnr, present } from '#domain';
import { type ClientView, createClient, keysOf } from '#maskinporten';
import { type Asking, asAdmin } from '../administer/caller.js';
import { leaveFor } from '../administer/leave.js';
import { packageUrn, RESOURCE_URN } from '../names.js';
import type { Rights } from '../nouns.js';
import type { SystembrukerSideParts } from '../parts.js';
import { type SystemView, soundNewSystem, writeNewSystem } from './keep-systems.js';

/** A system that a business has made itself, or runs itself. */
export interface SentOwnSystem extends Rights {
  readonly name: string;
  /** What it signs with: a public key (RFC 7517). */
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** The system, which nobody else can choose, and the client by which it fetches tokens. */
export interface OwnSystem {
  readonly system: SystemView;
  readonly client: ClientView;
}

/**
 * Registers a system whose vendor is the business itself, with a client of its own for it. Which services it may have is judged when it becomes a system user.
 * @throws ProblemError as leaveFor says, of this side and of the Maskinporten side (`terms-unsigned`); `invalid-request` for the key; SystembrukerFault; `quota-reached`
 */
export async function registerOwnSystem(
  parts: SystembrukerSideParts,
  request: Asking,
  { name, jwk, rights, packages }: SentOwnSystem,
): Promise<OwnSystem> {
  const leave = await leaveFor(parts, request, { action: 'own-system.create' });
  const vendor = leave.orgnr as Orgnr;
  const texts = { nb: name, nn: name, en: name };
  const sent = {
    id: `${vendor}_${wordOf(name)}`,
    vendor: `0192:${vendor}`,
    name: texts,
    description: texts,
    rights: rights.map(({ action, resources }) => present({ action, resource: resources.map((value) => ({ id: RESOURCE_URN, value })) })),
    packages: packages.map(packageUrn),
    clientIds: [],
    redirectUrls: [],
    isVisible: false,
  };
  // Before the client is made: of what cannot be, nothing is left.
  await soundNewSystem(parts, request, { vendor, sent, checked: [] });
  const { requestId } = request;
  const asking = present({ caller: asAdmin(request.caller), requestId, orgnr: vendor });
  const client = await createClient(
    parts,
    asking,
    { name, integrationType: 'maskinporten' },
    { action: 'own-system.create-client', keys: (at) => keysOf([jwk], at, '') },
  );
  const clientIds = [client.value.id];
  return { client, system: await writeNewSystem(parts, request, { leave, vendor, sent: { ...sent, clientIds }, checked: clientIds }) };
}

/** What of a name an id can have, and what no other has. */
function wordOf(name: string): string {
  const letters = name
    .toLowerCase()
    .replaceAll('æ', 'ae')
    .replaceAll('ø', 'o')
    .replaceAll('å', 'a')
    .replaceAll(/[^a-z0-9]+/g, '-');
  return `${letters.slice(0, 40).replaceAll(/^-|-$/g, '')}-${randomBytes(3).toString('hex')}`;
}

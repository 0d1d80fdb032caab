import { createHash } from 'node:crypto';
import { isFault, type Orgnr, parseFreeText, present } from '#domain';
import { addScopes, clientRef, createClient, keysOf, publicKeyOf } from '#maskinporten';
import { invalid, ProblemError } from '#problem';
import { type Asking, asAdmin } from '../administer/caller.js';
import { type Leave, leaveFor } from '../administer/leave.js';
import { SystembrukerFault } from '../faults.js';
import { packageUrn, RESOURCE_URN } from '../names.js';
import type { Rights, SystemId } from '../nouns.js';
import { collectionsOf, type SystembrukerSideParts } from '../parts.js';
import { hasClient, rightName, soundNewSystem, writeNewSystem } from '../register/index.js';
import { assertGivable, createSystemUser, readSystemUser } from '../users/index.js';
import { isNothing, withoutRepeats } from '../users/rights.js';
import { acceptedById, asCustomers, livingOf, type SystemUserView } from '../users/standing.js';

/** A system that a business has made itself, or runs itself. */
export interface SentOwnSystem extends Rights {
  readonly name: string;
  /** What it signs with: a public key (RFC 7517). */
  readonly jwk: Readonly<Record<string, unknown>>;
  /** What its tokens are to be for: scopes that the organisation has been granted. */
  readonly scopes: readonly string[];
}

/** What a program of one's own needs to be itself. */
export interface OwnSystem {
  /** Its name, and what it may do. */
  readonly user: SystemUserView;
  readonly systemId: SystemId;
  readonly clientId: string;
  /** What its key is called. */
  readonly kid: string;
  readonly scopes: readonly string[];
}

/**
 * Lets a system of the business's own act for it: a client with the key, a system of which the business is the vendor and which nobody else can choose, and its system
 * user, in one walk. Whatever could stand in the way is looked at before anything is written. The ids come from what was sent, so that the same sent again after the walk
 * broke off goes on where it ended, and makes nothing twice.
 * @param request names the organisation
 * @throws ProblemError as leaveFor says, of this side and of the Maskinporten side (`terms-unsigned`); `invalid-request` for the key or the name; `action-not-allowed` for
 * scopes; `quota-reached`; SystembrukerFault as assertGivable says, and `AUTH-00059`
 */
export async function makeOwnSystem(parts: SystembrukerSideParts, request: Asking, sent: SentOwnSystem): Promise<OwnSystem> {
  const leave = await leaveFor(parts, request, { action: 'own-system.create' });
  const wish = await soundWish(parts, request, leave, sent);
  for (let tries = 1; ; tries += 1) {
    try {
      return await walk(parts, request, leave, wish);
    } catch (error) {
      // Somebody goes the same way at the same time.
      if (tries >= MOST_TRIES || !isMeeting(error)) throw error;
    }
  }
}

const MOST_TRIES = 5;

function isMeeting(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  if (!(error instanceof SystembrukerFault)) return error.entry.status === 409;
  return error.code === 'AUTH-00004' || error.fields.some(({ code }) => code === 'AUTH.VLD-00002');
}

interface Wish {
  readonly name: string;
  readonly has: Rights;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly kid: string;
  readonly scopes: readonly string[];
}

/** What was sent, once it is known that the person can give it. */
async function soundWish(parts: SystembrukerSideParts, request: Asking, { orgnr, at }: Leave, sent: SentOwnSystem): Promise<Wish> {
  const { jwk, kid } = publicKeyOf(sent.jwk, '/jwk', at);
  const name = parseFreeText(sent.name, { maxCodePoints: 255 });
  if (isFault(name)) throw invalid('/name', name.detail);
  const has = withoutRepeats(sent);
  if (isNothing(has)) throw new SystembrukerFault('AUTH-00059');
  await assertGivable(parts, { ...has, type: 'standard', party: orgnr as Orgnr }, request.caller);
  return { name, has, jwk, kid, scopes: [...new Set(sent.scopes)].sort() };
}

async function walk(parts: SystembrukerSideParts, request: Asking, leave: Leave, wish: Wish): Promise<OwnSystem> {
  const vendor = leave.orgnr as Orgnr;
  const { name, has, jwk, kid, scopes } = wish;
  const place = await placeFor(parts, vendor, wish);
  const { clientId, systemId } = place;
  const texts = { nb: name, nn: name, en: name };
  const sent = {
    ...{ id: systemId, vendor: `0192:${vendor}`, name: texts, description: texts },
    ...sentRights(has),
    ...{ clientIds: [clientId], redirectUrls: [], isVisible: false },
  };
  const system = { leave, vendor, sent, checked: [clientId] };
  // Before the client is made: of what cannot be, nothing is left.
  if (!place.hasSystem) await soundNewSystem(parts, request, system);
  if (!place.hasClient) {
    const asking = present({ caller: asAdmin(request.caller), requestId: request.requestId, orgnr: vendor });
    const client = { id: clientId, name, integrationType: 'maskinporten' as const, scopes };
    await createClient(parts, asking, client, { action: 'own-system.create-client', keys: (at) => keysOf([jwk], at, '/jwk') });
  }
  if (!place.hasSystem) await writeNewSystem(parts, request, system);
  const standing = await livingOf(parts, { systemId, party: vendor, externalRef: vendor });
  const isMade = standing?.value.status === 'Accepted';
  const user = isMade ? standing : await createSystemUser(parts, request, { systemId, title: name, rights: has });
  return { user, systemId, clientId, kid, scopes };
}

interface Place {
  readonly clientId: string;
  readonly systemId: SystemId;
  readonly hasClient: boolean;
  readonly hasSystem: boolean;
}

/** So often the same may be made again after it was deleted. */
const MOST_PLACES = 50;

/** Ids that come from what is wished, of which nothing is there, or what an earlier try has left. @throws ProblemError `conflict` */
async function placeFor({ store }: SystembrukerSideParts, vendor: Orgnr, wish: Wish): Promise<Place> {
  for (let turn = 0; turn < MOST_PLACES; turn += 1) {
    const hash = hashOf([
      vendor,
      turn,
      wish.name,
      wish.jwk['n'],
      wish.jwk['e'],
      wish.has.rights.map(rightName).sort(),
      [...wish.has.packages].sort(),
      wish.scopes,
    ]);
    const clientId = uuidOf(hash);
    const systemId = `${vendor}_${wordOf(wish.name)}-${hash.slice(-8)}` as SystemId;
    const [{ documents }, system] = await Promise.all([
      store.read([clientRef(store, clientId)]),
      collectionsOf(store).systems.get(systemId),
    ]);
    const client = documents[0];
    const isOurs = client?.value.active === true && client.value.orgnr === vendor && client.value.keys.some(({ kid }) => kid === wish.kid);
    const goesOn = isOurs && (system === undefined || hasClient(system.value, clientId));
    if (goesOn || (client === undefined && system === undefined)) {
      return { clientId, systemId, hasClient: client !== undefined, hasSystem: system !== undefined };
    }
  }
  throw new ProblemError('conflict');
}

function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** RFC 9562 §5.8. */
function uuidOf(hash: string): string {
  return [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-');
}

/** What of a name an id can have. */
function wordOf(name: string): string {
  const letters = name
    .toLowerCase()
    .replaceAll('æ', 'ae')
    .replaceAll('ø', 'o')
    .replaceAll('å', 'a')
    .replaceAll(/[^a-z0-9]+/g, '-');
  return letters.slice(0, 40).replaceAll(/^-|-$/g, '');
}

/** Rights as the register takes them. */
function sentRights({ rights, packages }: Rights) {
  return {
    rights: rights.map(({ action, resources }) => present({ action, resource: resources.map((value) => ({ id: RESOURCE_URN, value })) })),
    packages: packages.map(packageUrn),
  };
}

/**
 * Lets the client of a system of the business's own have more scopes; those that it has stay, and what is so already is no change.
 * @param id of the system user
 * @throws as readOwnSystemUser says; ProblemError as leaveFor says, of this side and of the Maskinporten side; `invalid-request`, `action-not-allowed` for scopes
 */
export async function addOwnScopes(
  parts: SystembrukerSideParts,
  request: Asking,
  id: string,
  scopes: readonly string[],
): Promise<OwnSystem> {
  const found = await acceptedById(parts, id);
  await leaveFor(parts, request, { action: 'own-system.change', object: asCustomers(found) });
  if (found !== undefined && found.value.vendor !== found.value.party)
    throw new SystembrukerFault('AUTH-00005', { detail: 'Its system is a vendor’s, who keeps the client and its scopes.' });
  const own = await readOwnSystemUser(parts, request, id);
  const asking = present({ caller: asAdmin(request.caller), requestId: request.requestId, orgnr: own.user.value.party });
  const { value } = await addScopes(parts, asking, own.clientId, scopes, 'own-system.change-client');
  return { ...own, scopes: value.scopes };
}

/**
 * What the program of a system user of one's own needs. @param id of the system user
 * @throws as readSystemUser says; SystembrukerFault `AUTH-00011` if its system is not the organisation's own, or has no client
 */
export async function readOwnSystemUser(parts: SystembrukerSideParts, request: Asking, id: string): Promise<OwnSystem> {
  const user = await readSystemUser(parts, request, id);
  const { systemId, party } = user.value;
  const system = (await collectionsOf(parts.store).systems.get(systemId))?.value;
  const [clientId] = system?.vendor === party ? system.clientIds : [];
  const [client] = clientId === undefined ? [] : (await parts.store.read([clientRef(parts.store, clientId)])).documents;
  if (client === undefined) throw new SystembrukerFault('AUTH-00011');
  const { keys, scopes } = client.value;
  return { user, systemId, clientId: client.value.id, kid: keys.at(-1)?.kid ?? '', scopes };
}

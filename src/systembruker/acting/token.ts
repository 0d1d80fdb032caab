import { isRuling, type Rule, type Ruling } from '#decisions';
import { type Instant, isFault, type Orgnr, present } from '#domain';
import { isClientKey } from '#maskinporten';
import type { Ref, Refs, Store, Stored } from '#storage';
import type { SystemClient } from '../entities.js';
import type { System, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { isClosed } from '../users/known.js';
import { livingOf, parseExternalRef, type Triple } from '../users/standing.js';
import { placesOf } from './places.js';
import { TOKEN_RULE } from './use-kind.js';
import { noteUse } from './uses.js';

/** Which system user a client is to act as. */
export interface SystemUserAsked {
  readonly clientId: string;
  /** The customer. */
  readonly owner: Orgnr;
  /** Absent or empty: as if the owner's number were sent. */
  readonly externalRef?: string | undefined;
}

/** The same, of a client of some Maskinporten. */
export interface SystemUserLookUp extends SystemUserAsked {
  /** For whom the client's token is. */
  readonly consumer: Orgnr;
}

/** The system user, with its system; or the one thing that does not fit, as a slug of systembruker/token. */
export type SystemUserFound = { readonly systemUser: SystemUser; readonly system: System } | { readonly reason: string };

/** What is read, with the rest of a request, to judge whether a client may act as a system user. */
export interface SystemUserQuestion {
  readonly refs: Refs;
  /** At once if it is where it was found last. @param documents those of the refs, in their order. @throws ProblemError `store-unavailable` */
  told(documents: readonly (Stored<unknown> | undefined)[]): SystemUserToJudge | Promise<SystemUserToJudge>;
}

/** What systembruker/token is told, beside which of the organisations have ceased. */
export interface SystemUserToJudge {
  readonly input: object;
  readonly system: System | undefined;
  /** Of the system user. */
  readonly documentRevision: number | undefined;
  /** What comes of it, which is noted as a use if it is a yes. */
  found(ruling: Ruling, uses: SystembrukerParts['uses'], at: Instant): SystemUserFound;
}

/**
 * The question whether a client may act as a system user: the only way to one, for our own token endpoint and for other Maskinportens.
 * Documents are read for each token, so that none is issued for what has been stopped, moved or deleted, on whatever node.
 */
export function systemUserQuestion(store: Store, asked: SystemUserAsked): SystemUserQuestion {
  const { clientId, owner } = asked;
  const named = parseExternalRef(asked.externalRef, owner);
  // What could not be kept names nothing.
  const externalRef = isFault(named) ? '' : named;
  const { systems, systemClients, systemUsers } = collectionsOf(store);
  const places = placesOf(store);
  const name = `${owner} ${externalRef}\n${clientId}`;
  const known = places.get(name);
  const refs: Ref<unknown>[] = isClientKey(clientId) ? [{ collection: systemClients, key: clientId } as Ref<unknown>] : [];
  if (known !== undefined) {
    refs.push({ collection: systems, key: known.systemId } as Ref<unknown>, { collection: systemUsers, key: known.id } as Ref<unknown>);
  }
  return {
    refs,
    told(documents) {
      const [place, system, systemUser] = documents as unknown as FoundFirst;
      if (place === undefined) return toJudge(asked, externalRef, undefined, undefined);
      const triple = { systemId: place.value.systemId, party: owner, externalRef };
      if (system?.value.id === triple.systemId && isLiving(systemUser?.value, triple))
        return toJudge(asked, externalRef, system.value, systemUser);
      return lookedUp(triple);
    },
  };

  async function lookedUp(triple: Triple): Promise<SystemUserToJudge> {
    const system = await systems.get(triple.systemId);
    const systemUser = await livingOf({ store }, triple);
    if (systemUser !== undefined) places.put(name, systemUser.value);
    return toJudge(asked, externalRef, system?.value, systemUser);
  }
}

/** The client's place, and what was known to be there: its system, and the system user. */
type FoundFirst = readonly [Stored<SystemClient> | undefined, (Stored<System> | undefined)?, (Stored<SystemUser> | undefined)?];

function toJudge(
  { clientId, owner }: SystemUserAsked,
  externalRef: string,
  system: System | undefined,
  systemUser: Stored<SystemUser> | undefined,
): SystemUserToJudge {
  return {
    input: {
      asked: { client: clientId, owner, externalRef },
      system: system && judgedSystem(system, clientId),
      systemUser: systemUser && judgedUser(systemUser.value),
    },
    system,
    documentRevision: systemUser?.revision,
    found({ reasons: [reason] }, uses, at) {
      if (reason !== undefined || system === undefined || systemUser === undefined) return { reason: reason ?? 'system_user_unknown' };
      noteUse({ uses }, { systemUserId: systemUser.value.id, kind: 'token', by: clientId }, at);
      return { systemUser: systemUser.value, system };
    },
  };
}

const EVALUATE: Rule<Ruling> = { entrypoint: TOKEN_RULE, isAnswer: isRuling, isLogged: true };

/**
 * The system user that a client of some Maskinporten may act as now (`systembruker/token/evaluate`).
 * @throws ProblemError `store-unavailable`, `evaluation-failed`
 */
export async function systemUserOfClient(
  { store, judge, uses }: Pick<SystembrukerParts, 'store' | 'judge' | 'uses'>,
  { consumer, ...asked }: SystemUserLookUp,
  { at, requestedBy }: { readonly at: Instant; readonly requestedBy: Orgnr | undefined },
): Promise<SystemUserFound> {
  const question = systemUserQuestion(store, asked);
  const reading = await store.read(question.refs);
  const { input, system, found, documentRevision } = await question.told(reading.documents);
  const by = { ...(input as { readonly asked: object }).asked, consumer };
  const organisations: Record<string, { readonly closed: boolean }> = {};
  for (const orgnr of new Set([asked.owner, system?.vendor]))
    if (orgnr !== undefined) organisations[orgnr] = { closed: await isClosed(store, orgnr, reading) };
  const told = { ...input, asked: by, organisations };
  const { answer } = await judge.ask(EVALUATE, told, undefined, { requestedBy, ...present({ documentRevision }) });
  return found(answer, uses, at);
}

/** Whether it is the one that lives under that name: the store has at most one. */
function isLiving(one: SystemUser | undefined, triple: Triple): one is SystemUser {
  if (one === undefined || one.removed !== undefined) return false;
  return one.systemId === triple.systemId && one.party === triple.party && one.externalRef === triple.externalRef;
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

import type { Orgnr } from '#domain';
import type { Collection, Ref, Store, Stored } from '#storage';
import { SOURCES } from '../agents/standings.js';
import { agentClientKey, relationKey } from '../entities.js';
import type { AccessPackage, AgentClient, ClientRelation, System, SystemUser } from '../nouns.js';
import { collectionsOf } from '../parts.js';
import { isClosed } from '../users/known.js';

/** Whom a question is about, and for whom. */
export interface FactsPlace {
  /** Absent: there is none. */
  readonly systemUser: Stored<SystemUser> | undefined;
  /** Absent: what was sent names no organisation. */
  readonly organisation: Orgnr | undefined;
}

/** The documents that a decision about a system user depends on, beside the service. */
export interface Facts {
  readonly systemUser: SystemUser | undefined;
  readonly revision: number;
  readonly system: System | undefined;
  /** Those that it has and that there are. */
  readonly packages: readonly AccessPackage[];
  readonly ownerClosed: boolean;
  readonly vendorClosed: boolean;
  readonly organisationClosed: boolean;
  /** That the organisation was added to an agent. */
  readonly client: AgentClient | undefined;
  /** What it has given the agent's owner. */
  readonly relations: readonly ClientRelation[];
}

/** Documents that are read together, each once. */
class Wanted {
  readonly refs: Ref<unknown>[] = [];
  readonly #at = new Map<string, number>();

  /** @returns its place among those that are read */
  want<T>(collection: Collection<T>, name: string, key: string): number {
    const known = this.#at.get(`${name} ${key}`);
    if (known !== undefined) return known;
    this.#at.set(`${name} ${key}`, this.refs.length);
    return this.refs.push({ collection, key } as Ref<unknown>) - 1;
  }
}

/** The facts of each question, in their order, read in one round trip. @throws ProblemError `store-unavailable` */
export async function factsOf(store: Store, places: readonly FactsPlace[]): Promise<readonly Facts[]> {
  const wanted = new Wanted();
  const where = places.map((place) => placesOf(store, wanted, place));
  const reading = await store.read(wanted.refs);
  const valueAt = <T>(at: number | undefined): T | undefined =>
    at === undefined ? undefined : (reading.documents[at]?.value as T | undefined);
  const closed = new Map<Orgnr, boolean>();
  for (const { systemUser, organisation } of places) {
    for (const orgnr of [systemUser?.value.party, systemUser?.value.vendor, organisation]) {
      if (orgnr === undefined || closed.has(orgnr)) continue;
      closed.set(orgnr, await isClosed(store, orgnr, reading));
    }
  }
  return places.map(({ systemUser, organisation }, i) => {
    const { system, packages, client, relations } = where[i] as Places;
    return {
      systemUser: systemUser?.value,
      revision: systemUser?.revision ?? 0,
      system: valueAt<System>(system),
      packages: packages.flatMap((at) => valueAt<AccessPackage>(at) ?? []),
      ownerClosed: isIn(closed, systemUser?.value.party),
      vendorClosed: isIn(closed, systemUser?.value.vendor),
      organisationClosed: isIn(closed, organisation),
      client: valueAt<AgentClient>(client),
      relations: relations.flatMap((at) => valueAt<ClientRelation>(at) ?? []),
    };
  });
}

/** Where the documents of one question are among those that are read. */
interface Places {
  readonly system?: number;
  readonly packages: readonly number[];
  readonly client?: number;
  readonly relations: readonly number[];
}

function placesOf(store: Store, wanted: Wanted, { systemUser, organisation }: FactsPlace): Places {
  if (systemUser === undefined) return { packages: [], relations: [] };
  const { systems, accessPackages, agentClients, clientRelations } = collectionsOf(store);
  const { id, type, systemId, party, has } = systemUser.value;
  const own = {
    system: wanted.want(systems, 'system', systemId),
    packages: has.packages.map((name) => wanted.want(accessPackages, 'package', name)),
  };
  if (type === 'standard' || organisation === undefined) return { ...own, relations: [] };
  return {
    ...own,
    client: wanted.want(agentClients, 'client', agentClientKey(id, organisation)),
    relations: SOURCES.map((source) => wanted.want(clientRelations, 'relation', relationKey(party, organisation, source))),
  };
}

function isIn(closed: ReadonlyMap<Orgnr, boolean>, orgnr: Orgnr | undefined): boolean {
  return orgnr !== undefined && closed.get(orgnr) === true;
}

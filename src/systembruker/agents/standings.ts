import type { Rule } from '#decisions';
import { isTexts } from '#decisions';
import { type Instant, type Orgnr, present, toInstant } from '#domain';
import { agentClientKey, relationKey } from '../entities.js';
import type { AgentClient, ClientRelation, PackageName, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';

/** How a client stands to an agent. */
export interface ClientStanding {
  readonly client: Orgnr;
  /** What it has given whose agent it is; of that one itself, what it may give itself. */
  readonly given: readonly PackageName[];
  /** Of the agent's packages. */
  readonly missing: readonly PackageName[];
  /** Why it may not be added; the most telling first. */
  readonly reasons: readonly ClientReason[];
  /** The agent acts for it. */
  readonly acts: boolean;
  /** When it was added, whether the agent acts for it still or not. */
  readonly since?: Instant;
}

/** Why a client may not be added. */
export type ClientReason = 'client_unknown' | 'package_missing' | 'package_not_assignable';

type Verdict = readonly Omit<ClientStanding, 'client' | 'since'>[];

const CLIENTS: Rule<Verdict> = { entrypoint: 'systembruker/agents/clients', isAnswer: isVerdict };

/** An agent, or as many packages as one is to have. */
export type AskedAgent = Pick<SystemUser, 'party'> & { readonly id?: string; readonly packages: readonly PackageName[] };

/** The agent that a system user is. */
export function agentOf({ id, party, has }: SystemUser): AskedAgent {
  return { id, party, packages: has.packages };
}

/** Who may say that a client has given an organisation something. */
export const SOURCES = ['given', 'register'] as const satisfies readonly ClientRelation['source'][];

/** How clients stand to an agent, in their order: one reading, one question. @throws ProblemError `evaluation-failed`, `store-unavailable` */
export async function standingsOf(
  parts: SystembrukerParts,
  agent: AskedAgent,
  clients: readonly Orgnr[],
): Promise<readonly ClientStanding[]> {
  if (clients.length === 0) return [];
  const { clientRelations, agentClients, accessPackages } = collectionsOf(parts.store);
  const { id, party } = agent;
  const [relations, added, packages] = await Promise.all([
    clientRelations.getMany(clients.flatMap((client) => SOURCES.map((source) => relationKey(party, client, source)))),
    id === undefined ? [] : agentClients.getMany(clients.map((client) => agentClientKey(id, client))),
    clients.includes(party) ? accessPackages.getMany([...new Set(agent.packages)]) : [],
  ]);
  const assignable = packages.flatMap((one) => (one?.value.assignable === true && one.value.active ? [one.value.name] : []));
  const candidates = clients.map((client, i) => {
    const found = relations.slice(i * SOURCES.length, (i + 1) * SOURCES.length);
    return present({
      client,
      since: added[i]?.value.created,
      relations: found.flatMap((one) => (one === undefined ? [] : [toldRelation(one.value)])),
    });
  });
  const input = { provider: party, packages: agent.packages, assignable, candidates, context: { time: toInstant(parts.clock()) } };
  const { answer } = await parts.judge.ask(CLIENTS, input, ({ length }) => length === clients.length);
  return answer.map((standing, i) => present({ ...standing, client: clients[i] as Orgnr, since: candidates[i]?.since }));
}

/** What the rules are told of a relation. */
export function toldRelation({ packages, since, until }: ClientRelation): object {
  return present({ packages, since, until });
}

/** Takes from agents of an organisation a client that they act for no more, so that they do not begin again by themselves. */
export async function endOver(
  parts: SystembrukerParts,
  entries: readonly { readonly value: AgentClient; readonly revision: number }[],
  remove: (entry: { readonly value: AgentClient; readonly revision: number }) => Promise<unknown>,
): Promise<number> {
  const agents = await collectionsOf(parts.store).systemUsers.getMany(entries.map(({ value }) => value.systemUserId));
  let ended = 0;
  for (const [i, entry] of entries.entries()) {
    const agent = agents[i]?.value;
    const standing = agent === undefined ? undefined : (await standingsOf(parts, agentOf(agent), [entry.value.client]))[0];
    if (standing?.acts === true) continue;
    await remove(entry);
    ended += 1;
  }
  return ended;
}

function isVerdict(value: unknown): value is Verdict {
  return Array.isArray(value) && value.every(isStanding);
}

function isStanding(value: unknown): boolean {
  const { given, missing, reasons, acts } = (value ?? {}) as Partial<ClientStanding>;
  return isTexts(given) && isTexts(missing) && isTexts(reasons) && typeof acts === 'boolean';
}

import { type PageOf, type PageRange, pickedPage, repeated } from '#access';
import { type Orgnr, present } from '#domain';
import type { ProblemError } from '#problem';
import type { Stored } from '#storage';
import type { Asking } from '../administer/caller.js';
import { type Leave, leaveFor } from '../administer/leave.js';
import { agentClientKey, ofParty, relationKey } from '../entities.js';
import { fieldFault, SystembrukerFault } from '../faults.js';
import { packageUrn } from '../names.js';
import type { AgentClient, PackageName, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { acceptedById } from '../users/standing.js';
import { type AskedAgent, agentOf, type ClientReason, type ClientStanding, standingsOf } from './standings.js';

/**
 * Which agent. With `orgnr` in the request it must be that organisation's; without it, it is asked for as whoever it belongs to, and one of others looks as one that is
 * not there.
 */
export type AgentId = string | undefined;

/** An organisation's agents. @param request names it @throws ProblemError as leaveFor says */
export async function listAgents(parts: SystembrukerParts, request: Asking, range: PageRange): Promise<PageOf<Stored<SystemUser>>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'agent-client.list', object: { exists: true, party: request.orgnr } });
  const { systemUsers } = collectionsOf(parts.store);
  const prefix = ofParty(orgnr as Orgnr, 'kept');
  return pickedPage(systemUsers, { index: 'party', prefix }, range, (found) => found.filter(({ value }) => value.type === 'agent'));
}

/** Whose client others are, with what they have given; all those packages, if some are named. @param request names the organisation @throws ProblemError as leaveFor says */
export async function listClients(
  parts: SystembrukerParts,
  request: Asking,
  packages: readonly PackageName[],
  range: PageRange,
): Promise<PageOf<ClientStanding>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'agent-client.list', object: { exists: true, party: request.orgnr } });
  return clientsOf(parts, { party: orgnr as Orgnr, packages }, range);
}

/** Whom an agent may act for: clients that have given all of its packages. @throws ProblemError as leaveFor says; SystembrukerFault of the agent */
export async function listAvailableClients(
  parts: SystembrukerParts,
  request: Asking,
  id: AgentId,
  range: PageRange,
): Promise<PageOf<ClientStanding> & { readonly agent: SystemUser }> {
  const { agent } = await agentFor(parts, request, 'agent-client.list', id);
  return { agent, ...(await clientsOf(parts, agentOf(agent), range)) };
}

/** Whom an agent acts for. @throws as listAvailableClients */
export async function listAgentClients(
  parts: SystembrukerParts,
  request: Asking,
  id: AgentId,
  range: PageRange,
): Promise<PageOf<ClientStanding> & { readonly agent: SystemUser }> {
  const { agent } = await agentFor(parts, request, 'agent-client.list', id);
  const page = await pickedPage(collectionsOf(parts.store).agentClients, { prefix: agentClientKey(agent.id) }, range, async (found) => {
    const standings = await standingsOf(
      parts,
      agentOf(agent),
      found.map(({ value }) => value.client),
    );
    return standings.filter(({ acts }) => acts);
  });
  return { agent, ...page };
}

/** How one client stands to an agent; the organisation itself too. @throws as listAvailableClients */
export async function readAgentClient(parts: SystembrukerParts, request: Asking, id: AgentId, client: Orgnr): Promise<ClientStanding> {
  const { agent } = await agentFor(parts, request, 'agent-client.list', id);
  return standingOf(parts, agent, client);
}

/**
 * Lets an agent act for a client, or for its own organisation. What is so already stays as it is.
 * @param client `undefined` for what is no organisation number
 * @throws ProblemError as leaveFor says; SystembrukerFault of the agent; `AUTH-00079`, `AUTH-00080`, `AUTH-00064`
 */
export async function addAgentClient(
  parts: SystembrukerParts,
  request: Asking,
  id: AgentId,
  client: Orgnr | undefined,
): Promise<ClientStanding> {
  return repeated(async () => {
    const { agent, leave } = await agentFor(parts, request, 'agent-client.add', id);
    const known = clientIn(client);
    const standing = await standingOf(parts, agent, known);
    const [reason] = standing.reasons;
    if (reason !== undefined) throw refused(reason, standing);
    if (standing.acts) return standing;
    const { agentClients } = collectionsOf(parts.store);
    const before = await agentClients.get(agentClientKey(agent.id, known));
    const value: AgentClient = { systemUserId: agent.id, provider: agent.party, client: known, created: leave.at, by: leave.actor };
    await agentClients.put(value, { expect: before?.revision ?? 'absent', facts: leave.facts('agent-client.add') });
    return { ...standing, acts: true, since: leave.at };
  });
}

/** Lets an agent act for a client no more. @throws as addAgentClient; SystembrukerFault `AUTH-00038` if it does not */
export async function removeAgentClient(parts: SystembrukerParts, request: Asking, id: AgentId, client: Orgnr | undefined): Promise<void> {
  await repeated(async () => {
    const { agent, leave } = await agentFor(parts, request, 'agent-client.remove', id);
    const key = agentClientKey(agent.id, clientIn(client));
    const { agentClients } = collectionsOf(parts.store);
    const before = await agentClients.get(key);
    if (before === undefined) throw new SystembrukerFault('AUTH-00038', { detail: 'List the clients of the agent.' });
    await agentClients.remove(key, { expect: before.revision, facts: leave.facts('agent-client.remove') });
  });
}

/** Clients of an organisation that have given all packages. Of a client's relations, which lie side by side, the first stands for all. */
function clientsOf(parts: SystembrukerParts, agent: AskedAgent, range: PageRange): Promise<PageOf<ClientStanding>> {
  const { clientRelations } = collectionsOf(parts.store);
  return pickedPage(clientRelations, { prefix: relationKey(agent.party) }, range, async (found) => {
    const later = found.filter(({ value }) => value.source === 'register').map(({ value }) => value.client);
    const first = await clientRelations.getMany(later.map((client) => relationKey(agent.party, client, 'given')));
    const repeatedOnes = new Set(later.filter((_, i) => first[i] !== undefined));
    const clients = found.flatMap(({ value: { client, source } }) => (source === 'register' && repeatedOnes.has(client) ? [] : [client]));
    const standings = await standingsOf(parts, agent, clients);
    return standings.filter(({ reasons }) => reasons.length === 0);
  });
}

async function standingOf(parts: SystembrukerParts, agent: SystemUser, client: Orgnr): Promise<ClientStanding> {
  const [standing] = await standingsOf(parts, agentOf(agent), [client]);
  return standing as ClientStanding;
}

/** Leave to do something with an agent. */
async function agentFor(
  parts: SystembrukerParts,
  request: Asking,
  action: string,
  id: AgentId,
): Promise<{ readonly agent: SystemUser; readonly leave: Leave }> {
  const agent = id === undefined ? undefined : (await acceptedById(parts, id))?.value;
  const object = { exists: agent !== undefined, party: agent?.party };
  const isNamed = request.orgnr !== undefined;
  const asking = isNamed ? request : present({ ...request, orgnr: agent?.party });
  const leave = await leaveFor(parts, asking, present({ action, object, told: isNamed ? undefined : asUnknown }));
  if (agent === undefined) throw unknown();
  if (agent.type === 'agent') return { agent, leave };
  throw isNamed ? new SystembrukerFault('AUTH-00034') : new SystembrukerFault([fieldFault('AUTH.VLD-00015', '?agent')]);
}

/** Whose agent it is, nobody else is told. */
function asUnknown([reason]: readonly string[]): ProblemError | undefined {
  return ['organisation_unknown', 'organisation_foreign', 'object_unknown', 'object_foreign'].includes(reason ?? '')
    ? unknown()
    : undefined;
}

function unknown(): SystembrukerFault {
  return new SystembrukerFault([fieldFault('AUTH.VLD-00014', '?agent')]);
}

function clientIn(client: Orgnr | undefined): Orgnr {
  if (client === undefined) throw new SystembrukerFault([fieldFault('AUTH.VLD-00016', '?client', 'must be an organisation number')]);
  return client;
}

function refused(reason: ClientReason, { missing }: ClientStanding): SystembrukerFault {
  const urns = missing.map(packageUrn).join(', ');
  if (reason === 'client_unknown') {
    return new SystembrukerFault('AUTH-00079', { detail: 'It has given the organisation nothing: list the organisation’s clients.' });
  }
  if (reason === 'package_missing') {
    return new SystembrukerFault('AUTH-00080', {
      detail: 'The client must give the organisation these packages first.',
      extensions: { MissingPackages: urns },
    });
  }
  return new SystembrukerFault('AUTH-00064', {
    detail: 'An agent acts for its own organisation only if that may give itself every package of the agent.',
    extensions: { NotDelegablePackages: urns },
  });
}

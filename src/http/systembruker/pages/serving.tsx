import { isFault, type Orgnr, parseOrgnr, present } from '#domain';
import { namesOf } from '#maskinporten';
import {
  addAgentClient,
  type ClientStanding,
  describeSystemUsers,
  listAgentClients,
  listAvailableClients,
  readAgentClient,
  removeAgentClient,
  SystembrukerFault,
} from '#systembruker';
import { seeOther } from '../../idporten/own-login.js';
import { pageReply } from '../../pages/index.js';
import { withQuery } from './addresses.js';
import { ClientsPage } from './clients-page.js';
import { named, rightsWords } from './describing.js';
import { idOf, partyOf, savedIn } from './overviewing.js';
import { userAddress } from './user-pages.js';
import type { Listed, NamedOrganisation } from './views.js';
import type { Answer, Visit, Visits } from './visit.js';

const LISTED = 50;

/** Adds the page on which it is chosen for which clients an agent acts. */
export function addServing(visits: Visits): void {
  visits.page('/:orgnr/:id/klienter', { show: (visit) => clients(visit), take: chosen });
}

async function clients(visit: Visit, isUnknown = false): Answer {
  const { parts, language, languages, ctx } = visit;
  const { party, request } = partyOf(visit);
  const id = idOf(visit);
  const range = (name: string) => present({ limit: LISTED, cursor: visit.query(name) });
  const [added, available, own] = await Promise.all([
    listAgentClients(parts, request, id, range('valgte')),
    listAvailableClients(parts, request, id, range('ledige')),
    readAgentClient(parts, request, id, party),
  ]);
  // The organisation itself, where the rules let an agent act for it, is like a client of its own.
  const mayBeAdded = [own, ...available.items].filter(({ acts, reasons }) => !acts && reasons.length === 0);
  const { agent } = added;
  const [described, names] = await Promise.all([
    describeSystemUsers(parts.store, [agent]),
    namesOf(parts, [party, ...[...added.items, ...mayBeAdded].map(({ client }) => client)]),
  ]);
  const listed = (name: string, items: readonly ClientStanding[], next: string | undefined): Listed<NamedOrganisation> => ({
    items: items.map(({ client }) => named({ names }, client)),
    more: next === undefined ? undefined : withQuery(ctx.path, { [name]: next }),
  });
  const shown = { id: agent.id, title: agent.title, party: named({ names }, party), has: rightsWords(described, agent.has) };
  return pageReply(
    <ClientsPage
      {...{ language, isUnknown }}
      languages={isUnknown ? undefined : languages}
      agent={shown}
      added={listed('valgte', added.items, added.next)}
      available={listed('ledige', mayBeAdded, available.next)}
      token={visit.token(userAddress(shown, 'klienter'))}
      saved={isUnknown ? undefined : savedIn(visit)}
    />,
    { status: isUnknown ? 422 : 200 },
  );
}

async function chosen(visit: Visit, form: URLSearchParams): Answer {
  const { request } = partyOf(visit);
  const id = idOf(visit);
  const [add, remove] = [clientIn(form, 'legg-til'), clientIn(form, 'fjern')];
  try {
    if (remove !== undefined) await removeAgentClient(visit.parts, request, id, remove);
    else await addAgentClient(visit.parts, request, id, add);
  } catch (error) {
    if (!(error instanceof SystembrukerFault) || error.entry.status !== 400) throw error;
    return clients(visit, true);
  }
  return seeOther(withQuery(visit.ctx.path, { lagret: remove === undefined ? 'clientAdded' : 'clientRemoved' }));
}

function clientIn(form: URLSearchParams, name: string): Orgnr | undefined {
  const orgnr = parseOrgnr(form.get(name) ?? '');
  return isFault(orgnr) ? undefined : orgnr;
}

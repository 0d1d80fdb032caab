import type { PageOf } from '#access';
import { isFault, type Orgnr, parseOrgnr, parseUuid, present } from '#domain';
import { namesOf } from '#maskinporten';
import { ProblemError } from '#problem';
import {
  type Asking,
  type Described,
  describeSystemUsers,
  listAgents,
  listKept,
  listPending,
  listPendingChanges,
  listSystemUsers,
  mayDo,
  type SystemUserView,
} from '#systembruker';
import { seeOther } from '../../idporten/own-login.js';
import { pageReply } from '../../pages/index.js';
import { addressOf, withQuery } from './addresses.js';
import { askingAddress } from './answering.js';
import { named, systemWords } from './describing.js';
import { OrganisationsPage, OverviewPage, type Saved, savedWords } from './overview-page.js';
import type { Listed, ListedUser, PendingView } from './views.js';
import type { Answer, Visit, Visits } from './visit.js';

const LISTED = 25;

/** The organisation of a page's path, and the request in its name. @throws ProblemError `not-found` */
export function partyOf({ ctx, request }: Visit): { readonly party: Orgnr; readonly request: Asking } {
  const party = parseOrgnr(ctx['params'].orgnr as string);
  if (isFault(party)) throw new ProblemError('not-found');
  return { party, request: { ...request, orgnr: party } };
}

/** The id of a system user in a page's path. @throws ProblemError `not-found` */
export function idOf({ ctx }: Visit): string {
  const id = parseUuid(ctx['params'].id as string);
  if (isFault(id)) throw new ProblemError('not-found');
  return id;
}

/** What the address says has been done. */
export function savedIn(visit: Visit): Saved | undefined {
  const said = visit.query('lagret');
  return said !== undefined && savedWords('nb', said) !== undefined ? (said as Saved) : undefined;
}

/** Adds the pages from which one sees to system users: the organisations that one has a role in, and what each has. */
export function addOverviews(visits: Visits): void {
  visits.page('', { show: chosen });
  visits.page('/:orgnr', { show: overview });
}

async function chosen({ parts, request, language, languages }: Visit): Answer {
  const kept = await listKept(parts, request);
  const [only] = kept;
  if (only !== undefined && kept.length === 1) return seeOther(addressOf(only));
  const names = await namesOf(parts, kept);
  const organisations = kept.map((orgnr) => named({ names }, orgnr)).sort((a, b) => a.name.localeCompare(b.name, 'nb'));
  return pageReply(<OrganisationsPage {...{ language, languages, organisations }} />);
}

async function overview(visit: Visit): Answer {
  const { parts, language, languages } = visit;
  const { party, request } = partyOf(visit);
  const range = (name: string) => present({ limit: LISTED, cursor: visit.query(name) });
  const { allowed: mayKeep } = await mayDo(parts, request, { action: 'system-user.list' });
  if (!mayKeep) return agentsAlone(visit);
  const [names, requests, changes, own, agents] = await Promise.all([
    namesOf(parts, [party]),
    listPending(parts, request, {}, range('ventende')),
    listPendingChanges(parts, request, range('endringer')),
    listSystemUsers(parts, request, 'standard', range('egne')),
    listSystemUsers(parts, request, 'agent', range('kunders')),
  ]);
  const all = [requests, changes, own, agents].flatMap(({ items }) => items.map(({ value }) => value));
  const described = await describeSystemUsers(parts.store, all);
  const more = (name: string, { next }: PageOf<unknown>) => (next === undefined ? undefined : withQuery(visit.ctx.path, { [name]: next }));
  const pending: Listed<PendingView> = {
    items: [
      ...requests.items.map((view) => pendingOf(described, view)),
      ...changes.items.map((view) => pendingOf(described, view, view.change)),
    ].sort((a, b) => a.created.localeCompare(b.created)),
    more: more('ventende', requests) ?? more('endringer', changes),
  };
  const listed = (name: string, page: PageOf<SystemUserView>): Listed<ListedUser> => ({
    items: page.items.map((view) => listedOf(described, view)),
    more: more(name, page),
  });
  return pageReply(
    <OverviewPage
      {...{ language, languages, pending }}
      party={named({ names }, party)}
      own={listed('egne', own)}
      forClients={listed('kunders', agents)}
      fresh={visit.query('ny')}
      saved={savedIn(visit)}
    />,
  );
}

/** Who keeps clients alone sees the agents alone, and each leads to its clients. */
async function agentsAlone(visit: Visit): Answer {
  const { parts, language, languages, ctx } = visit;
  const { party, request } = partyOf(visit);
  const { items, next } = await listAgents(parts, request, present({ limit: LISTED, cursor: visit.query('kunders') }));
  const users = items.map(({ value }) => value);
  const [described, names] = await Promise.all([describeSystemUsers(parts.store, users), namesOf(parts, [party])]);
  const forClients = {
    items: items.map((view) => listedOf(described, view)),
    more: next === undefined ? undefined : withQuery(ctx.path, { kunders: next }),
  };
  const nothing = { items: [] };
  return pageReply(
    <OverviewPage
      {...{ language, languages, forClients }}
      party={named({ names }, party)}
      pending={nothing}
      own={nothing}
      keepsClientsAlone
    />,
  );
}

function pendingOf(
  described: Described,
  { value }: SystemUserView,
  change?: { readonly id: string; readonly created: PendingView['created'] },
): PendingView {
  const { id, created } = change ?? value;
  const isChange = change !== undefined;
  return {
    key: id,
    href: askingAddress(isChange ? 'change' : 'request', id),
    title: value.title,
    system: systemWords(described, value),
    isChange,
    isEscalated: !isChange && value.escalated !== undefined,
    created,
  };
}

function listedOf(described: Described, { value }: SystemUserView): ListedUser {
  const { id, title, created, deactivated } = value;
  return { id, title, system: systemWords(described, value), created, isStopped: deactivated !== undefined };
}

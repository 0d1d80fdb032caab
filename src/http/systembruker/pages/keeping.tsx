import type { PageOf } from '#access';
import { type Day, present } from '#domain';
import {
  type Asking,
  activateSystemUser,
  changeSystemUser,
  type DelegationFault,
  type Described,
  deactivateSystemUser,
  deleteSystemUser,
  describeSystemUsers,
  type LastUses,
  lastUsesOf,
  listHistoryForCustomer,
  NotGivable,
  type Rights,
  readSystemUser,
  SystembrukerFault,
  type SystemUser,
  type SystemUserEvent,
  type SystemUserView,
  statusAt,
} from '#systembruker';
import { seeOther } from '../../idporten/own-login.js';
import { pageReply } from '../../pages/index.js';
import type { Reply } from '../../state.js';
import { addressOf, withQuery } from './addresses.js';
import { askingAddress } from './answering.js';
import { bothOf, failureWords, isNothing, keysOf, named, rightsWords, systemWords, tickedOf, titlesOf } from './describing.js';
import { idOf, partyOf, savedIn } from './overviewing.js';
import { RemovePage, RightsPage, UserPage, userAddress } from './user-pages.js';
import type { HappenedView, UserView } from './views.js';
import type { Answer, Visit, Visits } from './visit.js';

const HISTORY = 20;

/** A system user that a page is about. */
export interface Seen {
  readonly stored: SystemUserView;
  readonly described: Described;
  readonly view: UserView;
  /** In the name of its organisation. */
  readonly request: Asking;
}

/** Adds the pages on which a system user is seen, stopped, started, changed and deleted. */
export function addKeeping(visits: Visits): void {
  visits.page('/:orgnr/:id', { show: (visit) => user(visit).catch((error: unknown) => movedOn(visit, error)) });
  visits.page('/:orgnr/:id/stopp', { take: (visit) => switched(visit, false) });
  visits.page('/:orgnr/:id/start', { take: (visit) => switched(visit, true) });
  visits.page('/:orgnr/:id/rettigheter', { show: (visit) => rights(visit), take: changed });
  visits.page('/:orgnr/:id/slett', { show: removing, take: removed });
}

/** The system user of a page's path. @param withHistory what has become of it @throws as readSystemUser */
export async function seenIn(visit: Visit, withHistory = false): Promise<Seen> {
  const { parts } = visit;
  const { request } = partyOf(visit);
  const stored = await readSystemUser(parts, request, idOf(visit));
  const range = present({ limit: HISTORY, cursor: visit.query('eldre') });
  const events = withHistory ? await listHistoryForCustomer(parts, request, stored.value.id, range) : { items: [] };
  const [uses] = await lastUsesOf(parts.store, [stored.value.id]);
  const more = events.items.flatMap(({ difference: { added, removed } }) => [added, removed]);
  const described = await describeSystemUsers(parts.store, [stored.value], more);
  return { stored, described, request, view: { ...viewOf(visit, described, stored.value, events), lastUsed: latestOf(uses) } };
}

/** The day of the last token or decision, whichever was later. */
function latestOf(uses: LastUses | undefined): Day | undefined {
  return [uses?.token?.day, uses?.decision?.day]
    .flatMap((day) => day ?? [])
    .sort()
    .at(-1);
}

function viewOf(visit: Visit, described: Described, value: SystemUser, events: PageOf<SystemUserEvent>): UserView {
  const { id, type, title, party, has, madeBy, created, deactivated, externalRef, changes } = value;
  const at = new Date(visit.parts.clock()).toISOString() as SystemUser['created'];
  const open = changes.filter((change) => statusAt(change, at) === 'New');
  return {
    ...{ id, type, title, madeBy, created },
    system: systemWords(described, value),
    party: named(described, party),
    has: rightsWords(described, has),
    stopped: deactivated?.at,
    reference: externalRef === party ? undefined : externalRef,
    pending: open.map((change) => askingAddress('change', change.id)),
    history: {
      items: events.items.map((event) => happened(visit, described, event)),
      more: events.next === undefined ? undefined : withQuery(addressOf(party, id), { eldre: events.next }),
    },
  };
}

const ACTS: Readonly<Record<string, HappenedView['act']>> = {
  'request.create': 'asked',
  'request.approve': 'approved',
  'request.reject': 'rejected',
  'request.escalate': 'escalated',
  'change-request.create': 'changeAsked',
  'change-request.approve': 'changeApproved',
  'change-request.reject': 'changeRejected',
  'change-request.withdraw': 'changeWithdrawn',
  'request.expire': 'expired',
  'change-request.expire': 'changeExpired',
  'system-user.create': 'made',
  'system-user.change': 'changed',
  'system-user.deactivate': 'stopped',
  'system-user.activate': 'started',
  'system-user.move': 'moved',
  'system-user.delete': 'deleted',
};

function happened(
  { request: { caller } }: Visit,
  described: Described,
  { at, action, brukerId, difference }: SystemUserEvent,
): HappenedView {
  const [added, removed] = [difference.added, difference.removed].map((one) => titlesOf(rightsWords(described, one))) as [
    HappenedView['added'],
    HappenedView['removed'],
  ];
  const isOwn = brukerId !== undefined && 'brukerId' in caller && caller.brukerId === brukerId;
  return { act: ACTS[action] ?? 'other', at, isOwn, added, removed };
}

async function user(visit: Visit): Answer {
  const { language, languages } = visit;
  const { view } = await seenIn(visit, true);
  const token = visit.token(userAddress(view, view.stopped === undefined ? 'stopp' : 'start'));
  return pageReply(<UserPage {...{ language, languages, token }} user={view} saved={savedIn(visit)} />);
}

/** Whoever comes by an old link sees the one that a move has made of it. */
function movedOn(visit: Visit, error: unknown): Reply {
  const into = error instanceof SystembrukerFault ? error.extensions['MovedTo'] : undefined;
  if (into === undefined) throw error;
  return seeOther(addressOf(partyOf(visit).party, into));
}

async function switched(visit: Visit, isOn: boolean): Answer {
  const { request, party } = partyOf(visit);
  const id = idOf(visit);
  await (isOn ? activateSystemUser : deactivateSystemUser)(visit.parts, request, id);
  return seeOther(withQuery(addressOf(party, id), { lagret: isOn ? 'started' : 'stopped' }));
}

interface RightsShown {
  readonly status?: number;
  readonly ticked?: ReadonlySet<string>;
  readonly faults?: readonly DelegationFault[];
  readonly isEmpty?: boolean;
}

/** All that the system may ask for and this kind of system user can have, and what it has beside. */
function offeredTo({ described, stored: { value } }: Seen): Rights {
  const { type, systemId, has } = value;
  const system = described.systems.get(systemId);
  if (system === undefined || system.deleted !== undefined) return has;
  const fits = type === 'agent' ? 'delegable' : 'assignable';
  const packages = system.packages.filter((name) => described.packages.get(name)?.[fits] !== false);
  return bothOf({ rights: type === 'agent' ? [] : system.rights, packages }, has);
}

async function rights(visit: Visit, { status = 200, ticked, faults = [], isEmpty = false }: RightsShown = {}): Answer {
  const { language, languages, logInHigher, parts } = visit;
  const seen = await seenIn(visit);
  const system = seen.described.systems.get(seen.stored.value.systemId);
  // What the system could have is described as well.
  const described = await describeSystemUsers(parts.store, [seen.stored.value], system === undefined ? [] : [system]);
  const offered = rightsWords(described, offeredTo({ ...seen, described }));
  const token = visit.token(userAddress(seen.view, 'rettigheter'));
  const failures = failureWords(described, faults);
  return pageReply(
    <RightsPage
      {...{ language, token, offered, failures, logInHigher, isEmpty }}
      languages={status === 200 ? languages : undefined}
      user={seen.view}
      ticked={ticked ?? keysOf(seen.stored.value.has)}
      revision={String(seen.stored.revision)}
    />,
    { status },
  );
}

async function changed(visit: Visit, form: URLSearchParams): Answer {
  const seen = await seenIn(visit);
  const { request, view } = seen;
  const wanted = tickedOf(form, offeredTo(seen));
  const ticked = keysOf(wanted);
  if (isNothing(wanted)) return rights(visit, { status: 422, ticked, isEmpty: true });
  try {
    await changeSystemUser(visit.parts, request, view.id, { rights: wanted }, [Number(form.get('revisjon'))]);
  } catch (error) {
    if (!(error instanceof NotGivable)) throw error;
    return rights(visit, { status: 403, ticked, faults: error.faults });
  }
  return seeOther(withQuery(userAddress(view), { lagret: 'changed' }));
}

async function removing(visit: Visit): Answer {
  const { language, languages } = visit;
  const { view } = await seenIn(visit);
  return pageReply(<RemovePage {...{ language, languages }} user={view} token={visit.token(userAddress(view, 'slett'))} />);
}

async function removed(visit: Visit): Answer {
  const { request, party } = partyOf(visit);
  await deleteSystemUser(visit.parts, request, idOf(visit));
  return seeOther(withQuery(addressOf(party), { lagret: 'deleted' }));
}

import type { ReactElement } from 'react';
import { type Instant, present } from '#domain';
import {
  approveChange,
  approveRequest,
  type DelegationFault,
  type Described,
  describeSystemUsers,
  escalateRequest,
  NotGivable,
  openChange,
  openRequest,
  type RequestStatus,
  rejectChange,
  rejectRequest,
  type SystemUser,
} from '#systembruker';
import { seeOther } from '../../idporten/own-login.js';
import { ButtonLink, Page, pageReply } from '../../pages/index.js';
import { addressOf, withQuery } from './addresses.js';
import { type Answered, answeredAddress } from './answered-page.js';
import { failureWords, named, rightsWords, standingOf, systemWords } from './describing.js';
import { ChangePage, RequestPage } from './request-page.js';
import type { ChangeView, RequestView } from './views.js';
import type { Answer, Visit, Visits } from './visit.js';
import { WORDS } from './words/words.js';

/** Where the pages lie that ask something; vendors send people there. */
export const ASKING = { request: 'foresporsel', change: 'endring' } as const;

/** Opened from the overview, a page goes back there; by a vendor's link, one is logged out. */
const FROM_OVERVIEW = 'oversikt';

/** The address of a question, as the overview has it. */
export function askingAddress(kind: keyof typeof ASKING, id: string): string {
  return withQuery(addressOf(ASKING[kind]), { id, fra: FROM_OVERVIEW });
}

/** What is asked, as it was opened. */
interface Opened {
  readonly user: SystemUser;
  readonly redirectUrl: string | undefined;
  readonly status: RequestStatus;
  readonly mayAnswer: boolean;
  readonly faults: readonly DelegationFault[];
  /** The page without what stands in the way. */
  page(shown: Omit<Parameters<typeof RequestPage>[0], 'request'>): ReactElement<{ readonly language: Visit['language'] }>;
  readonly described: Described;
}

interface Question {
  readonly kind: keyof typeof ASKING;
  /** What the person has done by each answer. */
  readonly done: Readonly<Record<'ja' | 'nei', Answered>>;
  open(visit: Visit, id: string): Promise<Opened>;
  approve(visit: Visit, id: string): Promise<unknown>;
  reject(visit: Visit, id: string): Promise<unknown>;
  /** Absent: it cannot be sent on. */
  readonly escalate?: (visit: Visit, id: string) => Promise<unknown>;
}

const REQUEST: Question = {
  kind: 'request',
  done: { ja: 'approved', nei: 'rejected' },
  async open({ parts, request }, id) {
    const { view, status, mayAnswer, faults } = await openRequest(parts, request, { id });
    const user = view.value;
    const described = await describeSystemUsers(parts.store, [user]);
    const { type, asked, redirectUrl } = user;
    const shown: RequestView = { ...commonOf(described, user, { ...user, status, mayAnswer }), type, asked: rightsWords(described, asked) };
    const page: Opened['page'] = (props) => <RequestPage {...props} request={shown} />;
    return { user, redirectUrl, status, mayAnswer, faults, page, described };
  },
  approve: ({ parts, request }, id) => approveRequest(parts, request, { id }),
  reject: ({ parts, request }, id) => rejectRequest(parts, request, { id }),
  escalate: ({ parts, request }, id) => escalateRequest(parts, request, { id }),
};

const CHANGE: Question = {
  kind: 'change',
  done: { ja: 'changeApproved', nei: 'changeRejected' },
  async open({ parts, request }, id) {
    const { view, status, mayAnswer, faults, difference } = await openChange(parts, request, id);
    const { value: user, change } = view;
    const described = await describeSystemUsers(parts.store, [user], [difference.added, difference.removed]);
    const [added, removed] = [rightsWords(described, difference.added), rightsWords(described, difference.removed)];
    const shown: ChangeView = { ...commonOf(described, user, { ...change, status, mayAnswer }), added, removed };
    const page: Opened['page'] = (props) => <ChangePage {...props} request={shown} />;
    return { user, redirectUrl: change.redirectUrl, status, mayAnswer, faults, page, described };
  },
  approve: ({ parts, request }, id) => approveChange(parts, request, id),
  reject: ({ parts, request }, id) => rejectChange(parts, request, id),
};

interface Standing {
  readonly id: string;
  readonly status: RequestStatus;
  readonly mayAnswer: boolean;
  readonly expires: Instant;
  readonly redirectUrl?: string;
}

function commonOf(
  described: Described,
  user: SystemUser,
  { id, status, mayAnswer, expires, redirectUrl }: Standing,
): Omit<RequestView, 'type' | 'asked'> {
  const system = systemWords(described, user);
  const isEscalated = user.escalated !== undefined;
  const party = named(described, user.party);
  return present({
    id,
    title: user.title,
    system,
    party,
    standing: standingOf(status, system),
    expires,
    isEscalated,
    mayAnswer,
    redirectUrl,
  });
}

/** Adds the pages on which requests, and changes, are answered. */
export function addAnswering(visits: Visits): void {
  for (const question of [REQUEST, CHANGE]) {
    visits.page(`/${ASKING[question.kind]}`, {
      show: (visit) => shown(visit, question, { status: 200, isUnanswered: false, isRefused: false }),
      take: (visit, form) => taken(visit, question, form.get('svar')),
    });
  }
}

interface Showing {
  readonly status: number;
  readonly isUnanswered: boolean;
  readonly isRefused: boolean;
}

async function shown(visit: Visit, question: Question, { status, ...how }: Showing): Answer {
  const { language, languages, logInHigher } = visit;
  const opened = await question.open(visit, visit.query('id') ?? '');
  const action = addressOfForm(visit, question);
  const isFromOverview = visit.query('fra') === FROM_OVERVIEW;
  const failures = failureWords(opened.described, opened.faults);
  const page = opened.page({
    ...{ language, action, isFromOverview, failures, logInHigher, ...how },
    canBeSentOn: question.escalate !== undefined,
    languages: status === 200 ? languages : undefined,
    token: visit.token(action),
  });
  const { redirectUrl } = opened;
  return pageReply(page, { status, formTargets: redirectUrl === undefined ? [] : [redirectUrl] });
}

function addressOfForm(visit: Visit, { kind }: Question): string {
  return withQuery(addressOf(ASKING[kind]), { id: visit.query('id') ?? '', fra: visit.query('fra') });
}

async function taken(visit: Visit, question: Question, svar: string | null): Answer {
  const id = visit.query('id') ?? '';
  const { approve, reject, escalate } = question;
  if (svar === 'logg-ut') return visit.logOut();
  if (svar === 'send-videre' && escalate !== undefined) {
    await escalate(visit, id);
    return sentOn(visit, question, id);
  }
  if (svar !== 'ja' && svar !== 'nei') return shown(visit, question, { status: 422, isUnanswered: true, isRefused: false });
  // Before it is answered: whoever may answer may open it, and it says where to go on to.
  const { user, redirectUrl } = await question.open(visit, id);
  try {
    await (svar === 'ja' ? approve : reject)(visit, id);
  } catch (error) {
    if (!(error instanceof NotGivable)) throw error;
    return shown(visit, question, { status: 403, isUnanswered: false, isRefused: true });
  }
  const done = question.done[svar];
  if (visit.query('fra') !== FROM_OVERVIEW) return visit.logOut(redirectUrl ?? visit.parts.side.origin + answeredAddress(done));
  return seeOther(withQuery(addressOf(user.party), { lagret: done, ...(svar === 'ja' && { ny: user.id }) }));
}

async function sentOn(visit: Visit, question: Question, id: string): Answer {
  const { user, described } = await question.open(visit, id);
  const { language } = visit;
  if (visit.query('fra') === FROM_OVERVIEW) return seeOther(withQuery(addressOf(user.party), { lagret: 'sentOn' }));
  return pageReply(<SentOnPage language={language} party={named(described, user.party).name} />);
}

function SentOnPage({ language, party }: { readonly language: Visit['language']; readonly party: string }): ReactElement {
  const words = WORDS[language];
  return (
    <Page language={language} title={words.overview.sentOn}>
      <div className="ds-alert" data-color="success" role="status">
        {words.escalate.done(party)}
      </div>
      <div className="t-actions">
        <ButtonLink href="/idporten/logout">{words.logOut}</ButtonLink>
      </div>
    </Page>
  );
}

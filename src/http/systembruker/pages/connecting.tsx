import { isFault, parseFreeText, toInstant } from '#domain';
import { maskinportenName, namesOf, publicKeyInText } from '#maskinporten';
import { ProblemError } from '#problem';
import {
  addOwnScopes,
  describeSystemUsers,
  listOffered,
  makeOwnSystem,
  NotGivable,
  type PackageName,
  type ResourceId,
  type Rights,
  readOwnSystemUser,
} from '#systembruker';
import { seeOther } from '../../idporten/own-login.js';
import { pageReply } from '../../pages/index.js';
import { addressOf, withQuery } from './addresses.js';
import { ConnectedPage, type ConnectFault, ConnectPage } from './connect-pages.js';
import { bothOf, failureWords, isNothing, keysOf, named, rightsWords } from './describing.js';
import { idOf, partyOf, savedIn } from './overviewing.js';
import type { FailureWords } from './views.js';
import type { Answer, Visit, Visits } from './visit.js';

/** Of services and of packages each. */
const LISTED = 50;
const MOST_TICKED = 200;
const LONGEST_SCOPES = 4000;

/** Adds the pages on which a business connects a system of its own. */
export function addConnecting(visits: Visits): void {
  visits.page('/:orgnr/eget', { show: (visit) => connecting(visit), take: connected });
  visits.page('/:orgnr/eget/:id', { show: (visit) => done(visit), take: moreScopes });
}

interface Sent {
  readonly name: string;
  readonly key: string;
  readonly scopes: string;
  readonly sought: string;
  readonly ticked: Rights;
}

const NOTHING_SENT: Sent = { name: '', key: '', scopes: '', sought: '', ticked: { rights: [], packages: [] } };

interface Shown {
  readonly sent?: Sent;
  readonly status?: number;
  readonly faults?: readonly ConnectFault[];
  readonly failures?: readonly FailureWords[];
}

async function connecting(visit: Visit, { sent = NOTHING_SENT, status = 200, faults = [], failures = [] }: Shown = {}): Answer {
  const { parts, language, languages, logInHigher, ctx } = visit;
  const { party, request } = partyOf(visit);
  const found = await listOffered(parts, request, sent.sought, LISTED);
  const offered = {
    rights: found.resources.map(({ id }) => ({ resources: [id] })),
    packages: found.packages.map(({ name }) => name),
  };
  // What is ticked stands there whatever is searched for.
  const all = bothOf(sent.ticked, offered);
  const [described, names] = await Promise.all([describeSystemUsers(parts.store, [], [all]), namesOf(parts, [party])]);
  return pageReply(
    <ConnectPage
      {...{ language, faults, failures, logInHigher }}
      languages={ctx.method === 'POST' ? undefined : languages}
      party={named({ names }, party)}
      sent={{ ...sent, ticked: keysOf(sent.ticked) }}
      offered={rightsWords(described, all)}
      isMore={found.isMore}
      hasSignedTerms={found.hasSignedTerms}
      token={visit.token(ctx.path)}
    />,
    { status },
  );
}

async function connected(visit: Visit, form: URLSearchParams): Answer {
  const { parts } = visit;
  const { party, request } = partyOf(visit);
  const read = sentIn(form);
  const key = keyIn(visit, read.key);
  // A key that is no public one is not sent back either.
  const sent = 'fault' in key ? { ...read, key: '' } : read;
  if (form.has('sok')) return connecting(visit, { sent, faults: key.fault === 'keyPrivate' ? ['keyPrivate'] : [] });
  const faults: ConnectFault[] = [
    ...(isFault(parseFreeText(sent.name, { maxCodePoints: 255 })) ? (['name'] as const) : []),
    ...(isNothing(sent.ticked) ? (['empty'] as const) : []),
    ...(key.fault === undefined ? [] : [key.fault]),
  ];
  if (faults.length > 0 || key.jwk === undefined) return connecting(visit, { sent, status: 422, faults });
  const scopes = scopesIn(sent.scopes);
  try {
    const { user } = await makeOwnSystem(parts, request, { name: sent.name, jwk: key.jwk, scopes, ...sent.ticked });
    return seeOther(addressOf(party, 'eget', user.value.id));
  } catch (error) {
    if (error instanceof NotGivable) {
      const described = await describeSystemUsers(parts.store, [], [sent.ticked]);
      return connecting(visit, { sent, status: 403, failures: failureWords(described, error.faults) });
    }
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    return connecting(visit, { sent, status: 422, faults: fault === 'terms' ? [] : [fault] });
  }
}

function faultOf(error: unknown): ConnectFault | 'terms' | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  if (error.slug === 'terms-unsigned') return 'terms';
  if (error.slug === 'quota-reached') return 'quota';
  return error.at.some(({ pointer }) => pointer.startsWith('/scopes')) ? 'scopes' : undefined;
}

function scopesIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function sentIn(form: URLSearchParams): Sent {
  const text = (name: string): string => (form.get(name) ?? '').trim();
  const keys = form.getAll('tjeneste').slice(0, MOST_TICKED);
  const rights = [...new Set(keys)].filter(isName).map((id) => ({ resources: [id as ResourceId] }));
  const packages = [...new Set(form.getAll('pakke').slice(0, MOST_TICKED))].filter(isName) as PackageName[];
  const sought = text('q').slice(0, 100);
  return { name: text('navn'), key: text('nokkel'), scopes: text('scopes').slice(0, LONGEST_SCOPES), sought, ticked: { rights, packages } };
}

/** No other text can be the name of a service or a package. */
function isName(text: string): boolean {
  return /^[!-~]{1,200}$/.test(text);
}

type Key =
  | { readonly jwk: Readonly<Record<string, unknown>>; readonly fault?: undefined }
  | { readonly fault: 'key' | 'keyPrivate'; readonly jwk?: undefined };

/** The public key of a text. Whoever pastes a private one hears so first of all. */
function keyIn({ parts }: Visit, text: string): Key {
  if (/PRIVATE KEY|"(d|p|q|k)"\s*:/.test(text)) return { fault: 'keyPrivate' };
  try {
    return { jwk: publicKeyInText(withUse(text), toInstant(parts.clock())).jwk };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { fault: 'key' };
  }
}

/** What makes JWKs often leaves out what they are for: here for nothing else. */
function withUse(text: string): string {
  if (!text.startsWith('{')) return text;
  try {
    return JSON.stringify({ use: 'sig', ...(JSON.parse(text) as object) });
  } catch {
    return text;
  }
}

/** @param refused scopes that were sent and cannot be had */
async function done(visit: Visit, refused?: string): Answer {
  const { parts, language, languages, ctx } = visit;
  const { party, request } = partyOf(visit);
  const own = await readOwnSystemUser(parts, request, idOf(visit));
  return pageReply(
    <ConnectedPage
      {...{ language, party, own, refused }}
      languages={refused === undefined ? languages : undefined}
      issuer={maskinportenName(parts.side.origin)}
      action={ctx.path}
      token={visit.token(ctx.path)}
      saved={refused === undefined ? savedIn(visit) : undefined}
    />,
    { status: refused === undefined ? 200 : 422 },
  );
}

async function moreScopes(visit: Visit, form: URLSearchParams): Answer {
  const { parts, ctx } = visit;
  const { request } = partyOf(visit);
  const sent = (form.get('scopes') ?? '').trim().slice(0, LONGEST_SCOPES);
  const scopes = scopesIn(sent);
  if (scopes.length === 0) return done(visit, sent);
  try {
    await addOwnScopes(parts, request, idOf(visit), scopes);
  } catch (error) {
    if (faultOf(error) !== 'scopes') throw error;
    return done(visit, sent);
  }
  return seeOther(withQuery(ctx.path, { lagret: 'scopesAdded' }));
}

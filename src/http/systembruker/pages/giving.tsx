import { type Instant, isFault, type Orgnr, parseOrgnr, parsePeriodEnd, present } from '#domain';
import { namesOf } from '#maskinporten';
import { ProblemError } from '#problem';
import {
  describeSystemUsers,
  giveRelation,
  listPackages,
  listRelations,
  type PackageName,
  SystembrukerFault,
  withdrawRelation,
} from '#systembruker';
import { seeOther } from '../../idporten/own-login.js';
import { pageReply } from '../../pages/index.js';
import { addressOf, withQuery } from './addresses.js';
import { named, rightsWords } from './describing.js';
import { type GivenFault, GivenPage } from './given-page.js';
import { partyOf, savedIn } from './overviewing.js';
import type { Answer, Visit, Visits } from './visit.js';

const LISTED = 50;
const MOST_PACKAGES = 200;

/** Adds the page on which a business gives others packages, for whom their agents then act, and takes them back. */
export function addGiving(visits: Visits): void {
  visits.page('/:orgnr/gitt', { show: (visit) => given(visit), take: changed });
}

interface Shown {
  readonly fault?: GivenFault;
  /** What the form has, if it was sent. */
  readonly orgnr?: string;
  readonly ticked?: readonly PackageName[];
}

async function given(visit: Visit, { fault, orgnr, ticked }: Shown = {}): Answer {
  const { parts, language, languages, ctx } = visit;
  const { party, request } = partyOf(visit);
  const [page, packages] = await Promise.all([
    listRelations(parts, request, present({ limit: LISTED, cursor: visit.query('flere') })),
    listPackages(parts, request, { limit: MOST_PACKAGES }),
  ]);
  const forAgents = packages.items.filter(({ value }) => value.delegable).map(({ value }) => value.name);
  const all = [...new Set([...forAgents, ...page.items.flatMap(({ value }) => value.packages)])];
  const [described, names] = await Promise.all([
    describeSystemUsers(parts.store, [], [{ rights: [], packages: all }]),
    namesOf(parts, [party, ...page.items.map(({ value }) => value.provider)]),
  ]);
  const wordsOf = (some: readonly PackageName[]) => rightsWords(described, { rights: [], packages: some });
  const relations = page.items.map(({ value: { provider, source, packages: has, until } }) => ({
    ...{ provider: named({ names }, provider), isOwn: source === 'given', until },
    has: wordsOf(has),
  }));
  const [flere, endre] = [visit.query('flere'), visit.query('endre')];
  const changing = relations.find((one) => one.isOwn && one.provider.orgnr === endre);
  // What is changed is changed on its own page of the list, whatever was wrong with what was sent.
  const action = withQuery(ctx.path, { flere, endre });
  return pageReply(
    <GivenPage
      {...{ language, fault, changing, action }}
      change={(provider) => withQuery(ctx.path, { flere, endre: provider })}
      languages={fault === undefined ? languages : undefined}
      party={named({ names }, party)}
      relations={{ items: relations, more: page.next === undefined ? undefined : withQuery(ctx.path, { flere: page.next }) }}
      offered={wordsOf(forAgents)}
      orgnr={orgnr ?? ''}
      ticked={new Set<string>(ticked ?? changing?.has.packages.map(({ key }) => key) ?? [])}
      token={visit.token(action)}
      saved={fault === undefined ? savedIn(visit) : undefined}
    />,
    { status: fault === undefined ? 200 : 422 },
  );
}

async function changed(visit: Visit, form: URLSearchParams): Answer {
  const { parts, ctx } = visit;
  const { party, request } = partyOf(visit);
  const gone = form.get('ta-tilbake');
  if (gone !== null) {
    await withdrawRelation(parts, request, numberIn(gone));
    return seeOther(withQuery(addressOf(party, 'gitt'), { lagret: 'relationTaken' }));
  }
  const orgnr = (form.get('mottaker') ?? '').trim();
  const provider = numberIn(orgnr);
  const packages = form
    .getAll('pakke')
    .filter((name) => /^[!-~]{1,200}$/.test(name))
    .slice(0, MOST_PACKAGES) as PackageName[];
  const again = (fault: GivenFault): Answer => given(visit, { fault, orgnr, ticked: packages });
  if (provider === undefined || provider === party) return again('orgnr');
  if (packages.length === 0) return again('packages');
  try {
    await giveRelation(parts, request, present({ provider, packages, until: untilIn(form) }));
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'quota-reached') return again('quota');
    if (error instanceof SystembrukerFault && error.entry.status === 400) return again('packages');
    throw error;
  }
  return seeOther(withQuery(ctx.path, { lagret: 'relationGiven' }));
}

function numberIn(text: string): Orgnr | undefined {
  const orgnr = parseOrgnr(text);
  return isFault(orgnr) ? undefined : orgnr;
}

/** The end of what was given until then stays when its packages change. */
function untilIn(form: URLSearchParams): Instant | undefined {
  const until = parsePeriodEnd(form.get('til') ?? '');
  return isFault(until) ? undefined : until;
}

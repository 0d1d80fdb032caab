import { present } from '#domain';
import { namesOf } from '#maskinporten';
import {
  type Choice,
  createSystemUser,
  type DelegationFault,
  describeSystemUsers,
  faultsOfChoice,
  listChoosable,
  moveSystemUser,
  NotGivable,
  type Rights,
  readChoosable,
  type System,
  type SystemId,
} from '#systembruker';
import { seeOther } from '../../idporten/own-login.js';
import { pageReply } from '../../pages/index.js';
import { addressOf, withQuery } from './addresses.js';
import { ChoosePage, CreatePage, type GiveProps, MovePage } from './create-pages.js';
import { failureWords, isNothing, keysOf, named, rightsWords, tickedOf, wordsOf } from './describing.js';
import { seenIn } from './keeping.js';
import { idOf, partyOf } from './overviewing.js';
import { userAddress } from './user-pages.js';
import type { Listed, SystemWords } from './views.js';
import type { Answer, Visit, Visits } from './visit.js';

const LISTED = 25;
const LONGEST_NAME = 255;

/** Adds the pages on which a customer chooses a system: for a new system user, and for one that is moved. */
export function addChoosing(visits: Visits): void {
  visits.page('/:orgnr/ny', { show: choosing });
  visits.page('/:orgnr/ny/system', { show: (visit) => creating(visit), take: created });
  visits.page('/:orgnr/:id/flytt', { show: movingTo });
  visits.page('/:orgnr/:id/flytt/system', { show: (visit) => moving(visit), take: moved });
}

/** The systems that a search finds. */
async function foundIn(visit: Visit): Promise<{ readonly sought: string; readonly systems: Listed<SystemWords> }> {
  const { parts, ctx } = visit;
  const { request } = partyOf(visit);
  const sought = (visit.query('q') ?? '').slice(0, 100);
  const { items, next } = await listChoosable(parts, request, sought, present({ limit: LISTED, cursor: visit.query('markor') }));
  const names = await namesOf(
    parts,
    items.map(({ vendor }) => vendor),
  );
  const more = next === undefined ? undefined : withQuery(ctx.path, { q: sought === '' ? undefined : sought, markor: next });
  return { sought, systems: { items: items.map((system) => wordsOf({ names }, system)), more } };
}

async function choosing(visit: Visit): Answer {
  const { language, languages, parts, ctx } = visit;
  const { party } = partyOf(visit);
  const [found, names] = await Promise.all([foundIn(visit), namesOf(parts, [party])]);
  const link = ({ id }: SystemWords) => withQuery(addressOf(party, 'ny', 'system'), { id });
  return pageReply(<ChoosePage {...{ language, languages, link, ...found }} party={named({ names }, party)} action={ctx.path} />);
}

async function movingTo(visit: Visit): Answer {
  const { language, languages, ctx } = visit;
  const [found, { view }] = await Promise.all([foundIn(visit), seenIn(visit)]);
  const link = ({ id }: SystemWords) => withQuery(`${userAddress(view, 'flytt')}/system`, { id });
  const systems = { ...found.systems, items: found.systems.items.filter(({ id }) => id !== view.system.id) };
  const moved = { title: view.title, system: view.system, back: userAddress(view) };
  return pageReply(
    <ChoosePage {...{ language, languages, link, moved, systems }} sought={found.sought} party={view.party} action={ctx.path} />,
  );
}

interface Shown {
  readonly status?: number;
  readonly faults?: readonly DelegationFault[];
  readonly name?: string;
  readonly isNameWrong?: boolean;
}

/** The system that was chosen, and what is said of it before it is given anything. @throws SystembrukerFault `AUTH-00011` */
async function givingIn(
  visit: Visit,
  { status = 200, faults }: Shown,
): Promise<{ readonly give: Omit<GiveProps, 'back'>; readonly system: System }> {
  const { parts, language, languages, logInHigher, ctx } = visit;
  const { party, request } = partyOf(visit);
  const system = await readChoosable(parts, request, (visit.query('id') ?? '') as SystemId);
  const found = faults ?? (await faultsOfChoice(parts, request, { systemId: system.id }));
  const [described, names] = await Promise.all([describeSystemUsers(parts.store, [], [system]), namesOf(parts, [party, system.vendor])]);
  const action = withQuery(ctx.path, { id: system.id });
  const give = {
    language,
    languages: status === 200 ? languages : undefined,
    party: named({ names }, party),
    system: wordsOf({ names }, system),
    rights: rightsWords(described, system),
    action,
    token: visit.token(action),
    failures: failureWords(described, found),
    logInHigher,
  };
  return { give, system };
}

async function creating(visit: Visit, shown: Shown = {}): Answer {
  const { give, system } = await givingIn(visit, shown);
  const { party } = partyOf(visit);
  const { status = 200, name = system.name[visit.language], isNameWrong = false } = shown;
  return pageReply(<CreatePage {...give} back={addressOf(party, 'ny')} {...{ name, isNameWrong }} />, { status });
}

async function created(visit: Visit, form: URLSearchParams): Answer {
  const { party, request } = partyOf(visit);
  const name = (form.get('navn') ?? '').trim();
  if (name === '' || [...name].length > LONGEST_NAME) return creating(visit, { status: 422, name, isNameWrong: true });
  const choice: Choice = { systemId: (visit.query('id') ?? '') as SystemId, title: name };
  try {
    const { value } = await createSystemUser(visit.parts, request, choice);
    return seeOther(withQuery(addressOf(party), { lagret: 'made', ny: value.id }));
  } catch (error) {
    if (!(error instanceof NotGivable)) throw error;
    return creating(visit, { status: 403, name, faults: error.faults });
  }
}

async function moving(visit: Visit, { ticked, ...shown }: Shown & { readonly ticked?: Rights } = {}): Answer {
  const [{ give, system }, { view }] = await Promise.all([givingIn(visit, shown), seenIn(visit)]);
  return pageReply(
    <MovePage
      {...give}
      old={view.system}
      back={userAddress(view, 'flytt')}
      ticked={keysOf(ticked ?? system)}
      isEmpty={ticked !== undefined && isNothing(ticked)}
    />,
    { status: shown.status ?? 200 },
  );
}

async function moved(visit: Visit, form: URLSearchParams): Answer {
  const { party, request } = partyOf(visit);
  const systemId = (visit.query('id') ?? '') as SystemId;
  const rights = tickedOf(form, await readChoosable(visit.parts, request, systemId));
  if (isNothing(rights)) return moving(visit, { status: 422, ticked: rights, faults: [] });
  const choice: Choice = { systemId, rights };
  try {
    // One that a move has ended and that is not made anew yet is seen nowhere, and goes on here all the same.
    const { value } = await moveSystemUser(visit.parts, request, idOf(visit), choice);
    return seeOther(withQuery(addressOf(party), { lagret: 'moved', ny: value.id }));
  } catch (error) {
    if (!(error instanceof NotGivable)) throw error;
    return moving(visit, { status: 403, faults: error.faults, ticked: rights });
  }
}

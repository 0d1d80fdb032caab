import { type AdminRequest, actorOf } from '#access';
import type { Rule } from '#decisions';
import type { Instant, PersonNumber } from '#domain';
import { collectionsOf, type IdportenParts } from '../parts.js';
import { leaveFor } from './leave.js';
import { hasEverLoggedIn, hasLoggedIn } from './read-logins.js';

/** Whether somebody has logged in at the highest level; `unknown`: there is no such user. */
export type LevelAnswer = 'yes' | 'no' | 'unknown';

const EVALUATE: Rule<LevelAnswer> = { entrypoint: 'idporten/logins/evaluate', isAnswer: isAnswer, isLogged: true };

/** Whom it is asked of, and from when on logins count; absent: 18 months back, as the policy says. */
export interface LevelQuestion {
  readonly person: PersonNumber;
  readonly since?: Instant | undefined;
}

/**
 * Whether a person has logged in at level high since then. A user is whoever has logged in, or stands in the contact register.
 * @throws ProblemError as leaveFor, before anything of the person is read; `evaluation-failed`, `store-unavailable`
 */
export async function askLevel(parts: IdportenParts, request: AdminRequest, { person, since: asked }: LevelQuestion): Promise<LevelAnswer> {
  const { store, vault, judge } = parts;
  const id = vault.nameOf(person);
  const { since } = await leaveFor(parts, request, { action: 'level.read', subject: id, since: asked });
  const { contacts, blockedPersons } = collectionsOf(store);
  const [{ documents }, highSince, hasHistory] = await Promise.all([
    store.read([
      { collection: contacts, key: id },
      { collection: blockedPersons, key: id },
    ]),
    hasLoggedIn(store, id, 'high', since),
    hasEverLoggedIn(store, id),
  ]);
  const [contact, block] = documents;
  const input = { person: { id, known: hasHistory || contact !== undefined, blocked: block !== undefined, highSince } };
  const { answer } = await judge.ask(EVALUATE, input, undefined, { requestedBy: actorOf(request.caller) });
  return answer;
}

function isAnswer(value: unknown): value is LevelAnswer {
  return value === 'yes' || value === 'no' || value === 'unknown';
}

import type { Judge } from '#decisions';
import {
  type Application,
  type BrukerId,
  DAY_MS,
  DEFAULT_ROLE,
  type Grant,
  type Instant,
  type Orgnr,
  type SecurityLevel,
  toInstant,
} from '#domain';
import type { JudgedGrant } from '../ask/access-input.js';
import { askOwn } from '../ask/judge-access.js';

/** What is noticed about rules that are tried: they may be meant so, but somebody should know. */
export type TrialWarning = 'answers_no_to_all' | 'answers_yes_to_all';

const HERE = ['910000000', '910000001', '910000002'] as Orgnr[];
const LEVELS: readonly (SecurityLevel | undefined)[] = ['high', 'low', undefined];

/**
 * Asks own rules about a made-up person: at several hours and days, at every level of log-in, with grants that give everything and with such as give
 * nothing. Each answer has to be a whole one.
 * @returns what is noticed (threat 57)
 * @throws ProblemError `evaluation-failed` for an answer that is none
 */
export async function tryRules(judge: Judge, application: Application, nowMs: number): Promise<readonly TrialWarning[]> {
  const subject = 'A'.repeat(43) as BrukerId;
  const answers: number[] = [];
  for (const { grants, role } of [
    ...application.roles.map((role) => ({ grants: inForce(application), role })),
    { grants: ended(nowMs), role: DEFAULT_ROLE },
  ]) {
    // Hours apart that go through day and night, and days apart that go through the week.
    for (let i = 0; i < 9; i += 1) {
      const time = toInstant(nowMs + i * (DAY_MS - DAY_MS / 9));
      const question = { subject, application, role, grants, time, securityLevel: LEVELS[i % LEVELS.length] };
      answers.push((await askOwn(judge, question)).size);
    }
  }
  if (answers.every((count) => count === 0)) return ['answers_no_to_all'];
  return answers.every((count) => count === HERE.length) ? ['answers_yes_to_all'] : [];
}

function inForce({ roles }: Pick<Application, 'roles'>): readonly JudgedGrant[] {
  return granted({ roles }, true);
}

function ended(nowMs: number): readonly JudgedGrant[] {
  const at: Instant = toInstant(nowMs - DAY_MS);
  return granted({ roles: [], until: at, withdrawn: { at, by: 'operator' } }, false);
}

function granted(terms: Pick<Grant, 'roles' | 'until' | 'withdrawn'>, activated: boolean): readonly JudgedGrant[] {
  return HERE.map((konsument) => ({ grant: { konsument, ...terms }, activated, mayBeKonsument: true }));
}

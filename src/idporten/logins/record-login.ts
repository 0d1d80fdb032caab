import { randomUUID } from 'node:crypto';
import { DAY_MS, type Instant, type PersonNumber, present, securityLevelOf, toInstant } from '#domain';
import { collectionsOf, type IdportenParts } from '../parts.js';
import type { LoginService } from './login.js';

/** That somebody has logged in now, at a client. */
export interface NewLogin {
  readonly person: PersonNumber;
  readonly acr: string;
  readonly amr: readonly string[];
  readonly service: LoginService;
  /** When; by default now. */
  readonly at?: Instant;
}

/** How long the history of logins reaches back, as the settings have it. */
export interface LoginHistory {
  readonly loginHistoryDays: number;
}

/** Remembers that somebody has logged in: one write, without an event, which goes by itself. @throws ProblemError `store-unavailable`, `store-full` */
export async function recordLogin(
  { store, vault, clock }: Pick<IdportenParts, 'store' | 'vault' | 'clock'>,
  { loginHistoryDays }: LoginHistory,
  { person, acr, amr, service, at = toInstant(clock()) }: NewLogin,
): Promise<void> {
  const expiresAt = toInstant(Date.parse(at) + loginHistoryDays * DAY_MS);
  const brukerId = vault.nameOf(person);
  const login = present({ brukerId, at, id: randomUUID(), acr, level: securityLevelOf(acr), amr, service, expiresAt });
  await collectionsOf(store).logins.put(login, { expect: 'absent', facts: { action: 'login.record', at, actor: brukerId } });
}

import type { UseKind } from '#access';
import type { DecisionEvent } from '#decisions';
import { dayOf, type Instant } from '#domain';
import type { Entity } from '#storage';
import type { SystemUserUse } from '../nouns.js';

/** Key: system user and kind. Apart from the system user: it changes by being used, not by anybody's doing. */
export const systemUserUses: Entity<SystemUserUse> = {
  name: 'system-user-use',
  key: ({ systemUserId, kind }) => systemUserUseKey(systemUserId, kind),
  indexes: {},
  keepsNoHistory: true,
};

/** The key of a system user's last use. */
export function systemUserUseKey(systemUserId: string, kind: SystemUserUse['kind']): string {
  return `${systemUserId}/${kind}`;
}

/** The rule that another Maskinporten's token is issued by, ours, and the one by which a system user is let do something: all are read in the decision log, too. */
export const TOKEN_RULE = 'systembruker/token/evaluate';
/** See TOKEN_RULE. */
export const ISSUE_RULE = 'systembruker/token/issue';
/** See TOKEN_RULE. */
export const ACTING_RULE = 'systembruker/acting/evaluate';

/** What of a decision tells of a use. */
interface LoggedInput {
  readonly asked?: { readonly client?: string };
  readonly systemUser?: { readonly id?: string };
  readonly resource?: { readonly id?: string };
}

interface LoggedAnswer {
  readonly allowed?: boolean;
  readonly decision?: boolean;
  readonly systemUser?: { readonly allowed?: boolean };
}

/** Uses of system users, as they are noted beside those of grants. */
export const systemUserUseKind: UseKind<SystemUserUse> = {
  entity: systemUserUses,
  action: 'system-user.use',
  usesIn({ path, input, result, timestamp, custom }: DecisionEvent) {
    const { asked, systemUser, resource } = (input ?? {}) as LoggedInput;
    const { allowed, decision, systemUser: ruling } = (result ?? {}) as LoggedAnswer;
    const isToken = (path === TOKEN_RULE && allowed === true) || (path === ISSUE_RULE && ruling?.allowed === true);
    const [kind, by] = isToken ? (['token', asked?.client] as const) : (['decision', resource?.id] as const);
    const isUse = isToken || (path === ACTING_RULE && decision === true && custom?.list !== true);
    if (!isUse || systemUser?.id === undefined || by === undefined) return [];
    return [{ systemUserId: systemUser.id, kind, day: dayOf(timestamp as Instant), by }];
  },
};

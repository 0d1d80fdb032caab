import { dayOf, type Instant, present } from '#domain';
import type { Store } from '#storage';
import type { SystemUserUse } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { systemUserUseKey, systemUserUseKind } from './use-kind.js';

/** Notes that a system user was used; nothing is waited for. */
export function noteUse({ uses }: Pick<SystembrukerParts, 'uses'>, use: Omit<SystemUserUse, 'day'>, at: Instant): void {
  uses?.noteOf(systemUserUseKind, { ...use, day: dayOf(at) });
}

/** When a system user was used last, as far as is known. */
export interface LastUses {
  readonly token?: SystemUserUse;
  readonly decision?: SystemUserUse;
}

/** The last uses of each of the system users, in their order. @throws ProblemError `store-unavailable` */
export async function lastUsesOf(store: Store, systemUserIds: readonly string[]): Promise<readonly LastUses[]> {
  const keys = systemUserIds.flatMap((id) => [systemUserUseKey(id, 'token'), systemUserUseKey(id, 'decision')]);
  const found = keys.length === 0 ? [] : await collectionsOf(store).systemUserUses.getMany(keys);
  return systemUserIds.map((_, i) => {
    const [token, decision] = [found[2 * i]?.value, found[2 * i + 1]?.value];
    return present({ token, decision });
  });
}

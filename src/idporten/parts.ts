import type { AccessParts } from '#access';
import { openedOnce } from '#storage';
import { KEPT } from './entities.js';

/** What the use cases of this room work with during one request or command. */
export type IdportenParts = Pick<AccessParts, 'store' | 'judge' | 'clock' | 'vault' | 'quotas'>;

/** The collections of a store that this room keeps, opened once. */
export const collectionsOf = openedOnce(KEPT);

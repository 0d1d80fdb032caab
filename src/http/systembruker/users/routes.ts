import type { SystembrukerSide } from '#systembruker';
import type { Api } from '../../api.js';
import type { ApiParts } from '../../described-api.js';
import { altinnApi } from '../altinn-api.js';
import { changeHandlers, requestHandlers } from './answering.js';
import { keepingHandlers, vendorHandlers } from './keeping.js';

/** What businesses answer vendors, and the system users that they have. */
export function systemUsersApi(parts: ApiParts, side: SystembrukerSide): Api {
  const handlers = { ...requestHandlers(side), ...changeHandlers(side), ...keepingHandlers(side), ...vendorHandlers(side) };
  return altinnApi(import.meta.url, parts, handlers, ['/authentication/api/v1/systemuser']);
}

import type { RateLimit } from '#serving';
import { adminApi } from '../admin-api.js';
import type { Api } from '../api.js';
import type { ApiParts } from '../described-api.js';
import { administratorHandlers, administratorLeaves } from './administrator-handlers.js';
import { applicationHandlers } from './application-handlers.js';
import { fileHandlers } from './file-handlers.js';
import { grantHandlers, grantLeaves } from './grant-handlers.js';
import { organisationHandlers } from './organisation-handlers.js';
import { personHandlers } from './person-handlers.js';

/** The konsument API, konsument-bruker-api-v1. @param lookUps how many look-ups of persons a caller may make in a minute */
export function konsumentApi(parts: ApiParts, lookUps: RateLimit): Api {
  return adminApi(
    import.meta.url,
    parts,
    {
      ...organisationHandlers,
      ...applicationHandlers,
      ...grantHandlers,
      ...personHandlers(lookUps),
      ...fileHandlers(parts.limits, parts.places),
      ...administratorHandlers,
    },
    { ...grantLeaves, ...administratorLeaves },
  );
}

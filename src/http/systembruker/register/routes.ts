import type { Api } from '../../api.js';
import type { ApiParts } from '../../described-api.js';
import { altinnApi } from '../altinn-api.js';

/** The system register, for vendors and for those who choose a system. */
export function systemRegisterApi(parts: ApiParts): Api {
  return altinnApi(import.meta.url, parts, { listSystems: async () => ({ status: 200, body: [] }) }, [
    '/authentication/api/v1/systemregister',
  ]);
}

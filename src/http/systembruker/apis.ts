import type { IdportenEndpoint } from '#idporten';
import type { SystembrukerSide } from '#systembruker';
import type { Api } from '../api.js';
import type { ApiParts } from '../described-api.js';
import type { Pages } from '../pages/index.js';
import { systemUserLookupApi } from './acting/lookup/routes.js';
import { xacmlApi } from './acting/xacml/routes.js';
import { agentsApi } from './agents/routes.js';
import { systembrukerPages } from './pages/routes.js';
import { systemRegisterApi } from './register/routes.js';
import { requestsApi } from './requests/routes.js';
import { resourceRegistryApi } from './resources/routes.js';
import { tellingApi } from './telling/routes.js';
import { systemUsersApi } from './users/routes.js';

/** What the APIs of the systembruker side work with beside what all have. */
export interface SystembrukerApis {
  readonly side: SystembrukerSide;
  /** Absent: nobody logs in here, so there are no pages. */
  readonly persons?: { readonly provider: Pick<IdportenEndpoint, 'loggedIn' | 'logOut'>; readonly pages: Pages };
}

/** The APIs and pages of the systembruker side. Those that share a mount are asked in this order. */
export function systembrukerApis(parts: ApiParts, { side, persons }: SystembrukerApis): readonly Api[] {
  return [
    resourceRegistryApi(parts),
    tellingApi(parts, side),
    systemRegisterApi(parts),
    requestsApi(parts, side),
    systemUserLookupApi(parts),
    xacmlApi(parts),
    agentsApi(parts, side),
    systemUsersApi(parts, side),
    ...(persons === undefined ? [] : [systembrukerPages(parts, { side, ...persons })]),
  ];
}

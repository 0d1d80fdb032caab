import { type Orgnr, present } from '#domain';
import { type Call, caller, type RemotePlace, refusedThere } from '../gateway-call.js';
import type { SystemUsers, ToldUser, UserAct } from './system-users.js';

const BASE = '/authentication/api/v1/systemuser';

/** A gateway somewhere else: for a machine of a vendor; with an organisation, for a person there. */
export function remoteSystemUsers(place: RemotePlace, orgnr: Orgnr | undefined): SystemUsers {
  const call = caller(place);
  const lists = async (...paths: readonly string[]): Promise<readonly ToldUser[]> =>
    (await Promise.all(paths.map((path) => allOf(call, `${BASE}${path}`)))).flat().map(userIn);
  const customer = (): Orgnr => {
    if (orgnr === undefined)
      throw refusedThere('is to be told whose: a vendor names a system by --system, a person the organisation by --orgnr');
    return orgnr;
  };
  return {
    list: (system) =>
      system === undefined ? lists(`/${customer()}`, `/agent/${customer()}`) : lists(`/vendor/bysystem/${encodeURIComponent(system)}`),
    requests(system) {
      if (system === undefined) return lists(...['', '/agent'].map((of) => `/request${of}/${customer()}/${customer()}/pending`));
      return lists(...['', '/agent'].map((of) => `/request/vendor${of}/bysystem/${encodeURIComponent(system)}`));
    },
    async show(sent) {
      const id = encodeURIComponent(sent);
      const own = orgnr === undefined ? `${BASE}/request/vendor` : `${BASE}/${orgnr}`;
      const read = (path: string): Promise<WireUser> => call<WireUser>(path);
      const user = await read(`${own}/${id}`).catch((error: unknown) => {
        if (orgnr !== undefined) throw error;
        return read(`${own}/agent/${id}`).catch(() => Promise.reject(error));
      });
      const history = await allOf<{ at: string; action: string; side: string }>(call, `${own}/${id}/history`);
      return { user: userIn(user), history: history.map(({ at, action, side }) => ({ at, action, side })) };
    },
    async ask({ system, customer: partyOrgNo, agent, rights, packages, externalRef, title, redirectUrl }) {
      const json = present({
        systemId: system,
        partyOrgNo,
        externalRef,
        integrationTitle: title,
        redirectUrl,
        rights: agent ? undefined : rights.map((value) => ({ resource: [{ id: 'urn:altinn:resource', value }] })),
        accessPackages: packages.map((name) => ({ urn: `urn:altinn:accesspackage:${name}` })),
      });
      const { status, value } = await call.answered<WireUser>(`${BASE}/request/vendor${agent ? '/agent' : ''}`, { method: 'POST', json });
      return { user: userIn(value), isNew: status === 201 };
    },
    async act(act, { id, type }) {
      const { method, path } = WAYS[act](id, customer, type === 'agent' ? '/agent' : '');
      await call(`${BASE}${path}`, { method });
    },
    async addScopes(id, scopes) {
      const path = `${BASE}/${customer()}/${encodeURIComponent(id)}/scopes`;
      const told = await call<{ readonly clientId: string; readonly scopes: readonly string[] }>(path, {
        method: 'POST',
        json: { scopes },
      });
      return { clientId: told.clientId, scopes: told.scopes };
    },
    close: async () => {},
  };
}

/** @param of what the paths of agents have */
type Way = (id: string, customer: () => Orgnr, of: string) => { readonly method: string; readonly path: string };

const WAYS: Readonly<Record<UserAct, Way>> = {
  activate: (id, customer) => ({ method: 'POST', path: `/${customer()}/${id}/activate` }),
  deactivate: (id, customer) => ({ method: 'POST', path: `/${customer()}/${id}/deactivate` }),
  delete: (id, customer, of) => ({ method: 'DELETE', path: `${of}/${customer()}/${id}` }),
  'give-back': (id) => ({ method: 'DELETE', path: `/vendor/${id}` }),
  withdraw: (id) => ({ method: 'DELETE', path: `/request/vendor/${id}` }),
};

/** A request, or a system user. */
interface WireUser {
  readonly id: string;
  readonly userType: string;
  readonly integrationTitle: string;
  readonly systemId: string;
  readonly partyOrgNo?: string;
  readonly reporteeOrgNo?: string;
  readonly externalRef: string;
  readonly status?: string;
  readonly isDeactivated?: boolean;
  readonly rights?: readonly { readonly resource: readonly { readonly value: string }[] }[];
  readonly accessPackages?: readonly { readonly urn: string }[];
  readonly confirmUrl?: string;
}

function userIn({ id, userType, integrationTitle, systemId, externalRef, rights = [], accessPackages = [], ...wire }: WireUser): ToldUser {
  return present({
    ...{ id, type: userType, title: integrationTitle, system: systemId, externalRef },
    customer: wire.partyOrgNo ?? wire.reporteeOrgNo ?? '',
    status: wire.status ?? (wire.isDeactivated ? 'stopped' : 'Accepted'),
    rights: rights.flatMap(({ resource }) => resource.map(({ value }) => value)),
    packages: accessPackages.map(({ urn }) => urn.split(':').at(-1) ?? ''),
    confirmUrl: wire.confirmUrl,
  });
}

interface WirePage<T> {
  readonly links: { readonly next?: string };
  readonly data: readonly T[];
}

/** All pages of a list; only their tokens are followed. */
async function allOf<T = WireUser>(call: Call, path: string): Promise<readonly T[]> {
  const all: T[] = [];
  for (let query = ''; ; ) {
    const { links, data } = await call<WirePage<T>>(`${path}${query}`);
    all.push(...data);
    const token = links.next === undefined ? null : new URL(links.next, 'http://gateway').searchParams.get('token');
    if (token === null) return all;
    query = `?${new URLSearchParams({ token })}`;
  }
}

import { operatorRequest } from '#access';
import { type Orgnr, present, toInstant } from '#domain';
import type { Asking, SystemId, SystemUserView } from '#systembruker';
import { refusedThere } from '../gateway-call.js';
import type { OpenAccess } from '../ports.js';
import { wholeList } from '../whole-list.js';
import type { SystemUsers, ToldUser } from './system-users.js';

/** The store of this installation, as the operator. @param orgnr the customer, of what is done for one */
export async function localSystemUsers({ access, close }: OpenAccess, orgnr: Orgnr | undefined): Promise<SystemUsers> {
  const room = await import('#systembruker');
  const request: Asking = { ...operatorRequest(), ...present({ orgnr }) };
  const at = toInstant(access.clock());
  const told = ({ value }: SystemUserView): ToldUser => ({
    ...{
      id: value.id,
      type: value.type,
      title: value.title,
      system: value.systemId,
      customer: value.party,
      externalRef: value.externalRef,
    },
    status: value.deactivated === undefined ? room.statusAt(value, at) : 'stopped',
    rights: (value.status === 'Accepted' ? value.has : value.asked).rights.flatMap(({ resources }) => resources),
    packages: (value.status === 'Accepted' ? value.has : value.asked).packages,
  });
  const all = async (page: Parameters<typeof wholeList<SystemUserView>>[0]): Promise<readonly ToldUser[]> =>
    (await wholeList(page)).map(told);
  return {
    list: (system) =>
      all((range) =>
        system === undefined
          ? room.listSystemUsers(access, request, undefined, range)
          : room.listSystemUsersOfSystem(access, operatorRequest(), system as SystemId, range),
      ),
    async requests(system) {
      if (system === undefined) return all((range) => room.listPending(access, request, {}, range));
      const types = ['standard', 'agent'] as const;
      const lists = types.map((type) =>
        all((range) => room.listRequests(access, operatorRequest(), { systemId: system as SystemId, type }, range)),
      );
      return (await Promise.all(lists)).flat();
    },
    async show(id) {
      const ofRequest = () => room.readRequest(access, operatorRequest(), { id });
      // Of what has become of one, what is told first says more.
      const found = await room.readSystemUser(access, request, id).catch((gone) => ofRequest().catch(() => Promise.reject(gone)));
      const { items } = await room.listHistoryForVendor(access, operatorRequest(), id, { limit: 100 });
      return { user: told(found), history: items.map(({ at, action, side }) => ({ at, action, side })) };
    },
    async ask() {
      throw refusedThere('asks no customer by itself: its vendor does, by --url and a token of its own');
    },
    async act(act, { id }) {
      const acts = {
        activate: room.activateSystemUser,
        deactivate: room.deactivateSystemUser,
        delete: room.deleteSystemUser,
        'give-back': room.giveBackSystemUser,
        withdraw: room.withdrawRequest,
      };
      await acts[act](access, request, id);
    },
    addScopes: async () => {
      throw refusedThere('gives no scopes by itself: a person of the organisation does, by --url and a token of its own');
    },
    close,
  };
}

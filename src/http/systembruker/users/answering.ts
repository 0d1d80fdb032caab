import { present } from '#domain';
import {
  approveChange,
  approveRequest,
  type DelegationFault,
  escalateRequest,
  listPending,
  listPendingChanges,
  openChange,
  openRequest,
  packageUrn,
  readReceivedChange,
  readReceivedRequest,
  rejectChange,
  rejectRequest,
  type SystembrukerSide,
  type SystemUser,
} from '#systembruker';
import type { Reply } from '../../state.js';
import { rightsOut } from '../rights.js';
import { bareOut, changeOut, differenceOut, forParty, pageOut, rangeOf, requestOut } from '../user-wire.js';
import { type Ask, forPartyTwice, type Handlers, idIn, telling, type Wire } from './exchange.js';

/** What vendors have asked for, and the answers. */
export function requestHandlers(side: SystembrukerSide): Handlers {
  return { ...handlersOf(side, 'standard', ''), ...handlersOf(side, 'agent', 'Agent') };
}

/** The same for both types of system users. @param named what stands in the names of the operations */
function handlersOf({ origin }: SystembrukerSide, type: SystemUser['type'], named: '' | 'Agent'): Handlers {
  const done =
    (answer: typeof approveRequest | typeof rejectRequest | typeof escalateRequest) =>
    async (ask: Ask): Promise<Reply> => {
      const outcome = await answer(ask.access, forParty(ask), { id: idIn(ask), type });
      return bareOut(typeof outcome === 'boolean' ? outcome : true);
    };
  return {
    async [`open${named}Request`](ask: Ask) {
      const { view, mayAnswer, faults } = await openRequest(ask.access, ask.request, { id: idIn(ask), type });
      const opened = { userMayEscalateButNotApprove: !mayAnswer, notDelegable: faults.map(faultOut) };
      return { status: 200, body: { ...requestOut(view.value, telling(origin, ask)), ...opened } };
    },
    async [`readReceived${named}Request`](ask: Ask) {
      const { value } = await readReceivedRequest(ask.access, forParty(ask), { id: idIn(ask), type });
      return { status: 200, body: requestOut(value, telling(origin, ask)) };
    },
    [`approve${named}Request`]: done(approveRequest),
    [`reject${named}Request`]: done(rejectRequest),
    [`escalate${named}Request`]: done(escalateRequest),
    async [`listPending${named}Requests`](ask: Ask) {
      const page = await listPending(ask.access, forPartyTwice(ask), { type, isEscalated: type === 'agent' }, rangeOf(ask.query));
      return { status: 200, body: pageOut(origin, ask.ctx, page, ({ value }) => requestOut(value, telling(origin, ask))) };
    },
  };
}

/** What vendors want changed, and the answers. */
export function changeHandlers({ origin }: SystembrukerSide): Handlers {
  return {
    async openChange(ask: Ask) {
      const { view, mayAnswer, difference, faults } = await openChange(ask.access, ask.request, idIn(ask));
      const opened = { userMayApprove: mayAnswer, ...differenceOut(difference), notDelegable: faults.map(faultOut) };
      return { status: 200, body: { ...changeOut(view, telling(origin, ask)), ...opened } };
    },
    async readReceivedChange(ask: Ask) {
      return { status: 200, body: changeOut(await readReceivedChange(ask.access, forParty(ask), idIn(ask)), telling(origin, ask)) };
    },
    async approveChange(ask: Ask) {
      await approveChange(ask.access, forParty(ask), idIn(ask));
      return bareOut(true);
    },
    async rejectChange(ask: Ask) {
      await rejectChange(ask.access, forParty(ask), idIn(ask));
      return bareOut(true);
    },
    async listPendingChanges(ask: Ask) {
      const page = await listPendingChanges(ask.access, forPartyTwice(ask), rangeOf(ask.query));
      return { status: 200, body: pageOut(origin, ask.ctx, page, (view) => changeOut(view, telling(origin, ask))) };
    },
  };
}

function faultOut({ right, package: name, resource, reason }: DelegationFault): Wire<'NotDelegable'>[number] {
  return present({
    right: right === undefined ? undefined : rightsOut({ rights: [right] })[0],
    accessPackage: name === undefined ? undefined : { urn: packageUrn(name) },
    resource,
    reason,
  });
}

import type { IncomingMessage } from 'node:http';

/** Those that are answered by a limit, if they turn out to be of the kind that it counts: clients that do not show who they are, logins that begin. */
export const lateRequests = new WeakSet<IncomingMessage>();

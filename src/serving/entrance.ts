import { Server } from 'node:net';
import { setImmediate as nextPass, setTimeout as passed } from 'node:timers/promises';
import { ProblemError } from '#problem';

/** How a gateway stops. */
export interface StopTimes {
  /** How long it goes on taking connections after it has said that it is stopping. */
  readonly stopDelayMs: number;
  /** How long those that are at work then get. */
  readonly stopTimeoutMs: number;
}

/** Whoever answers what an entrance lets in: the connections of this process, or of a worker. */
export interface Staff {
  /** From now on readiness is red, and answers are the last on their connections. */
  beginStop(): void | Promise<void>;
  /** What comes from now on is not answered until the entrance is closed. */
  holdBack(): void | Promise<void>;
  /** The entrance is closed: answers what has arrived, closes connections that bring nothing, and after that time cuts whoever is not done. */
  finish(withinMs: number): Promise<void>;
}

/** No new connection for so long means that nobody sends any more. */
const QUIET_MS = 25;
const QUIET_WITHIN_MS = 1000;
/** How long clients that do not go elsewhere are kept waiting, so that they cannot come anew while the listening socket is closed. */
const HELD_MS = 100;

/** A listening socket, and who comes. */
export class Entrance {
  readonly #server: Server;
  #accepted = 0;

  constructor(server: Server) {
    this.#server = server.on('connection', () => {
      this.#accepted += 1;
    });
  }

  /** Whether for a moment nobody has come; what waited to be accepted by its end has been. */
  async isQuietWithin(withinMs: number): Promise<boolean> {
    const untilMs = performance.now() + withinMs;
    for (let before = -1; before !== this.#accepted; ) {
      if (performance.now() >= untilMs) return false;
      before = this.#accepted;
      await passed(QUIET_MS);
      await nextPass();
    }
    return true;
  }

  /** Lets nobody else in. Not the close of node:http, which destroys connections that have sent a request which is not read yet. */
  close(): void {
    Server.prototype.close.call(this.#server);
  }
}

/**
 * Stops a gateway: all who answer turn red, new connections are taken until the delay is over and none has come for a moment, what has arrived is
 * answered. Those who come again after each answer would have connections waiting to be accepted at any moment, which a close resets: what they send
 * is not answered until they have all come, or a moment has passed.
 */
export async function stopTogether(entrance: Entrance, staff: readonly Staff[], { stopDelayMs, stopTimeoutMs }: StopTimes): Promise<void> {
  await Promise.all(staff.map((one) => one.beginStop()));
  await passed(stopDelayMs);
  const cutAtMs = performance.now() + stopTimeoutMs;
  if (!(await entrance.isQuietWithin(Math.min(QUIET_WITHIN_MS, stopTimeoutMs)))) {
    await Promise.all(staff.map((one) => one.holdBack()));
    await entrance.isQuietWithin(HELD_MS);
  }
  // In the same turn as the pass that has emptied the backlog.
  entrance.close();
  await Promise.all(staff.map((one) => one.finish(cutAtMs - performance.now())));
}

/** Why an address cannot be listened on, and what to do. */
export function addressProblem(
  { code = '' }: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): ProblemError {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `the port ${port} is taken: stop what listens there, or give another TILGANG_PORT`,
    EACCES: `the port ${port} may not be listened on by this user: give a TILGANG_PORT from 1024`,
  };
  const detail = why[code] ?? `${host} is no address of this machine (${code}): give another TILGANG_HOST`;
  return new ProblemError('config-invalid', { detail, at: [{ pointer: '/port', detail }] });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ProblemError } from '#problem';
import type { Staff } from '#serving';
import { Deadlines } from './deadlines.js';
import { breakOff } from './rest-of-body.js';

/** What a server's connections need. */
export interface ConnectionsParts {
  /** Carries a request out and answers it. */
  carryOut(request: IncomingMessage, response: ServerResponse): void;
  /** The whole answer to what is no request, as it is written; logs it. */
  refusalOf(problem: ProblemError, method: string): string;
  /** How long whoever is still sending may go on after the last answer. */
  readonly lingerMs: number;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Connection {
  readonly socket: Socket;
  current: Exchange | undefined;
  /** Requests that came before the one at work was answered. */
  readonly waiting: Exchange[];
  newest: IncomingMessage | undefined;
  /** What is to be answered after them, since no more requests can be read. */
  refusal: { readonly problem: ProblemError; readonly method: string } | undefined;
  /** Whether the last answer is written; what still comes is thrown away. */
  isLingering: boolean;
  /** The bytes that had come when it last fell idle: with more, a request is under way. */
  idleAtBytes: number;
  /** When it was first seen idle by a server that is stopping. */
  idleSinceMs: number | undefined;
}

/** More requests than that are not kept waiting on one connection; it is cut. */
const MAX_WAITING = 100;
/** So much is read after the last answer, for the sake of a sender that reads only once it has sent everything. */
const LINGER_BYTES = 32 * 1024 * 1024;
/** A connection that brings no request for so long is closed by a server that is stopping. */
const IDLE_MS = 100;
/** How often it looks for those. */
const SWEEP_MS = 25;

/**
 * The connections of a server: requests that come before the one before them is answered wait for it (RFC 9112 §9.3.2), so that nothing is
 * carried out whose answer cannot be sent; what is no request is answered after those before it; a connection is closed by ending our half
 * and reading on to a bound, since a closed socket resets whoever is still sending, who then never sees the answer (RFC 9112 §9.6).
 */
export class Connections implements Staff {
  readonly #parts: ConnectionsParts;
  readonly #open = new Map<Socket, Connection>();
  readonly #lingering: Deadlines;
  #isStopping = false;
  /** What is carried out once the listening socket is closed. */
  #held: Exchange[] | undefined;
  #left: () => void = () => {};

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
    this.#lingering = new Deadlines(parts.lingerMs);
  }

  /** A connection that has been accepted. */
  add(socket: Socket): void {
    const connection: Connection = {
      socket,
      current: undefined,
      waiting: [],
      newest: undefined,
      refusal: undefined,
      isLingering: false,
      idleAtBytes: 0,
      idleSinceMs: undefined,
    };
    this.#open.set(socket, connection);
    socket.once('close', () => {
      this.#open.delete(socket);
      if (this.#open.size === 0) this.#left();
    });
    // What the server calls after the last answer.
    socket.destroySoon = () => this.#linger(connection);
  }

  /** A request whose head has come. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#open.get(request.socket);
    // After the last answer nothing is carried out.
    if (connection === undefined || connection.isLingering || connection.refusal !== undefined) return;
    connection.newest = request;
    if (connection.current === undefined) this.#carryOut(connection, { request, response });
    else if (connection.waiting.length < MAX_WAITING) connection.waiting.push({ request, response });
    else connection.socket.destroy();
  }

  /** What came is no request, or no whole one. */
  refuse(socket: Socket, problem: ProblemError, method = 'unread'): void {
    const connection = this.#open.get(socket);
    if (connection === undefined || !socket.writable) {
      socket.destroy();
      return;
    }
    const { current, waiting, newest, isLingering, refusal } = connection;
    // Each part that still comes is refused anew.
    if (isLingering || refusal !== undefined) return;
    if (newest === undefined || newest.complete) {
      connection.refusal = { problem, method };
      if (current === undefined) this.#answerRefused(connection);
    } else if (current?.request === newest || waiting.at(-1)?.request === newest) breakOff(newest);
    // The rest of a body whose request has been answered.
    else this.#linger(connection);
  }

  /** A connection that has been idle for as long as it may. */
  timedOut(socket: Socket): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) socket.destroy();
    // After a pass over what has arrived, which may be a request.
    else setImmediate(() => this.#closeIfIdle(connection));
  }

  beginStop(): void {
    this.#isStopping = true;
    for (const { current, waiting } of this.#open.values()) {
      if (current !== undefined && waiting.length === 0) current.response.shouldKeepAlive = false;
    }
  }

  holdBack(): void {
    this.#held = [];
  }

  async finish(withinMs: number): Promise<void> {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { request, response } of held) this.#parts.carryOut(request, response);
    const cut = setTimeout(() => this.#cutAll(), withinMs);
    const sweep = setInterval(() => setImmediate(() => this.#closeIdle()), SWEEP_MS);
    this.#closeIdle();
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#left = resolve;
      });
    }
    clearInterval(sweep);
    clearTimeout(cut);
  }

  #carryOut(connection: Connection, exchange: Exchange): void {
    const { request, response } = exchange;
    connection.current = exchange;
    if (this.#isStopping && connection.waiting.length === 0) response.shouldKeepAlive = false;
    // After the server's own listener, which has closed the connection if this was its last answer.
    response.once('finish', () => this.#answered(connection, request));
    if (this.#held === undefined) this.#parts.carryOut(request, response);
    else this.#held.push(exchange);
  }

  #answered(connection: Connection, request: IncomingMessage): void {
    connection.current = undefined;
    connection.idleSinceMs = undefined;
    if (connection.isLingering) {
      connection.waiting.length = 0;
      return;
    }
    const next = connection.waiting.shift();
    if (next !== undefined) this.#carryOut(connection, next);
    else if (connection.refusal !== undefined) this.#answerRefused(connection);
    else this.#fallIdle(connection, request);
  }

  #fallIdle(connection: Connection, answered: IncomingMessage): void {
    const { socket } = connection;
    connection.idleAtBytes = socket.bytesRead;
    // The rest of its body, which is thrown away, begins no other request.
    if (!answered.complete) {
      answered.once('end', () => {
        connection.idleAtBytes = socket.bytesRead;
      });
    }
  }

  #answerRefused(connection: Connection): void {
    const { socket, refusal } = connection;
    if (refusal === undefined || !socket.writable) return;
    socket.write(this.#parts.refusalOf(refusal.problem, refusal.method));
    this.#linger(connection);
  }

  /** Ends our half, and throws away what still comes, to a bound. */
  #linger(connection: Connection): void {
    const { socket } = connection;
    if (connection.isLingering || socket.destroyed) return;
    connection.isLingering = true;
    const late = this.#lingering.begin(() => socket.destroy());
    socket.once('close', () => this.#lingering.end(late));
    let left = LINGER_BYTES;
    // No more of it is taken for a request.
    socket.removeAllListeners('data').removeAllListeners('end').setTimeout(0);
    socket.on('error', () => {});
    const leave = (): void => {
      if (socket.writableFinished) socket.destroy();
      else socket.once('finish', () => socket.destroy());
    };
    if (socket.readableEnded) leave();
    else socket.once('end', leave);
    socket.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) socket.destroy();
    });
    socket.end();
    socket.resume();
    // The parser, which read past the stream, may have stopped reading: the stream does not know.
    socket._read(LINGER_BYTES);
  }

  #cutAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #closeIdle(): void {
    const now = performance.now();
    for (const connection of this.#open.values()) {
      if (connection.current !== undefined) continue;
      connection.idleSinceMs ??= now;
      if (now - connection.idleSinceMs >= IDLE_MS) this.#closeIfIdle(connection);
    }
  }

  #closeIfIdle(connection: Connection): void {
    const { socket, current, idleAtBytes } = connection;
    if (current === undefined && socket.bytesRead === idleAtBytes) this.#linger(connection);
  }
}

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { BSON } from 'mongodb';

/** A command on its way to the server. */
export interface WireCommand {
  /** Such as `find`; `hello` by whichever of its names. */
  readonly name: string;
  /** By which the driver looks after its connections. */
  readonly isOfDriver: boolean;
  /** How many of this name have come before it. */
  readonly before: number;
}

/**
 * What becomes of a command. `hang`: it goes nowhere and is never answered. `cut before`: it does not reach the server. `cut after`: it is carried out, and
 * then the connection is cut instead of its answer. `twice`: it reaches the server twice, and its first answer nobody. `answer`: this is answered, and the server hears nothing. `say`: it is carried out, and this is
 * added to its answer.
 */
export type Treatment =
  | 'pass'
  | 'hang'
  | 'cut before'
  | 'cut after'
  | 'twice'
  | { readonly delayMs: number }
  | { readonly answer: BSON.Document }
  | { readonly say: BSON.Document };

/** Stands on the wire between a gateway and its database. */
export interface MongoProxy {
  readonly uri: string;
  /** The commands that went through since the last call, by name; not those by which the driver looks after its connections. */
  commands(): string[];
  /** The last command of this name as it was sent. */
  last(command: string): BSON.Document | undefined;
  /** From now on a command of this name reaches the server, and its answer nobody: the connection is cut. */
  cutAfter(command: string): void;
  /** From now on that becomes of each command. */
  play(treat: (command: WireCommand) => Treatment): void;
  /** Cuts all connections, and takes no other until restore(). */
  refuse(): Promise<void>;
  /** Lets everything through again. */
  restore(): Promise<void>;
  /** How many connections there have been, and are. */
  connections(): { readonly made: number; readonly open: number };
}

/** How a proxy is made. */
export interface ProxyOptions {
  /**
   * Makes a single server look like the primary of a replica set, so that the driver sends writes again whose answer was lost; and answers those that
   * come a second time as such a server does, with what it answered the first time.
   */
  readonly asReplicaSet?: boolean;
}

const OF_THE_DRIVER = new Set(['hello', 'ping', 'endSessions', 'buildInfo']);
const HELLO = new Set(['hello', 'isMaster', 'ismaster']);
const HEADER_BYTES = 16;
/** Header, flags, kind of section. */
const BODY_AT = HEADER_BYTES + 4 + 1;
/** Header, flags, cursor, place, count. */
const REPLY_BODY_AT = HEADER_BYTES + 20;
const OP_REPLY = 1;
const OP_MSG = 2013;

/** Starts a proxy in front of the server of a connection string. */
export async function startProxy(t: { teardown(end: () => unknown): void }, uri: string, options: ProxyOptions = {}): Promise<MongoProxy> {
  const proxy = new Proxy(new URL(uri), options);
  t.teardown(() => proxy.refuse());
  await proxy.restore();
  return proxy;
}

class Proxy implements MongoProxy {
  readonly #to: URL;
  readonly #isReplicaSet: boolean;
  readonly #sockets = new Set<Socket>();
  /** What was answered to writes that may be sent again. */
  readonly #answered = new Map<string, Buffer>();
  #seen: string[] = [];
  #counts = new Map<string, number>();
  readonly #last = new Map<string, Buffer>();
  #treat: (command: WireCommand) => Treatment = () => 'pass';
  #server: Server | undefined;
  #port = 0;
  #made = 0;
  #open = 0;

  constructor(to: URL, { asReplicaSet = false }: ProxyOptions) {
    this.#to = to;
    this.#isReplicaSet = asReplicaSet;
  }

  get uri(): string {
    const here = new URL(this.#to);
    here.port = String(this.#port);
    // A member of a set is found by the set.
    if (this.#isReplicaSet) here.searchParams.delete('directConnection');
    return here.href;
  }

  commands(): string[] {
    return this.#seen.splice(0);
  }

  last(command: string): BSON.Document | undefined {
    const message = this.#last.get(command);
    // Sections of lists may stand behind it.
    return message === undefined ? undefined : bodyOf(message, BODY_AT);
  }

  cutAfter(command: string): void {
    this.play(({ name }) => (name === command ? 'cut after' : 'pass'));
  }

  play(treat: (command: WireCommand) => Treatment): void {
    this.#counts = new Map();
    this.#treat = treat;
  }

  async refuse(): Promise<void> {
    const closed = this.#server === undefined ? undefined : once(this.#server.close(), 'close');
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async restore(): Promise<void> {
    this.play(() => 'pass');
    if (this.#server !== undefined) return;
    this.#server = createServer((client) => this.#carry(client)).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  connections(): { readonly made: number; readonly open: number } {
    return { made: this.#made, open: this.#open };
  }

  #carry(client: Socket): void {
    // It had been taken already when refuse() was called, and would keep the listening socket open.
    if (this.#server === undefined) {
      client.destroy();
      return;
    }
    this.#made += 1;
    this.#open += 1;
    const upstream = connect(Number(this.#to.port), this.#to.hostname);
    client.once('close', () => {
      this.#open -= 1;
    });
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    /** What becomes of the answer to each request that is on its way. */
    const waiting = new Map<number, (answer: Buffer) => void>();
    onMessage(client, (message) => this.#ask(message, client, upstream, waiting));
    onMessage(upstream, (message) => {
      const id = message.readInt32LE(8);
      const take = waiting.get(id);
      waiting.delete(id);
      if (take === undefined) client.write(message);
      else take(message);
    });
  }

  #ask(message: Buffer, client: Socket, upstream: Socket, waiting: Map<number, (answer: Buffer) => void>): void {
    const name = commandOf(message);
    const isOfDriver = OF_THE_DRIVER.has(name);
    const before = this.#counts.get(name) ?? 0;
    this.#counts.set(name, before + 1);
    if (!isOfDriver) {
      this.#seen.push(name);
      this.#last.set(name, Buffer.from(message));
    }
    const treatment = this.#treat({ name, isOfDriver, before });
    if (treatment === 'hang') return;
    if (treatment === 'cut before') {
      client.destroy();
      return;
    }
    const id = message.readInt32LE(4);
    if (typeof treatment === 'object' && 'answer' in treatment) {
      client.write(messageOf(treatment.answer, id));
      return;
    }
    const write = this.#isReplicaSet ? writeOf(message) : undefined;
    const known = write === undefined ? undefined : this.#answered.get(write);
    const told = (answer: Buffer): void => {
      if (write !== undefined) this.#answered.set(write, answer);
      if (treatment === 'cut after') client.destroy();
      else client.write(this.#worded(answer, id, name, treatment));
    };
    if (known !== undefined) {
      told(known);
      return;
    }
    waiting.set(id, treatment === 'twice' ? () => waiting.set(id, told) : told);
    if (treatment === 'twice') upstream.write(message);
    const delayMs = typeof treatment === 'object' && 'delayMs' in treatment ? treatment.delayMs : 0;
    if (delayMs === 0) upstream.write(message);
    else setTimeout(() => upstream.write(message), delayMs).unref();
  }

  /** An answer as the gateway is to see it. */
  #worded(answer: Buffer, to: number, name: string, treatment: Treatment): Buffer {
    const said = typeof treatment === 'object' && 'say' in treatment ? treatment.say : undefined;
    if (name === 'hello' && this.#isReplicaSet) return withMembers(answer, to, this.#primary());
    if (said !== undefined) return withMembers(answer, to, said);
    const own = Buffer.from(answer);
    own.writeInt32LE(to, 8);
    return own;
  }

  #primary(): BSON.Document {
    const me = `127.0.0.1:${this.#port}`;
    return { setName: 'tests', hosts: [me], me, primary: me, secondary: false, logicalSessionTimeoutMinutes: 30 };
  }
}

/** Calls for each whole message of the wire protocol. */
function onMessage(socket: Socket, take: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const message = rest.subarray(0, rest.readInt32LE(0));
      rest = rest.subarray(message.length);
      take(message);
    }
  });
}

/** The name of a command is that of its first member. */
function commandOf(message: Buffer): string {
  if (message.readInt32LE(12) !== OP_MSG) return 'hello';
  // Length of the document, and type of the member.
  const at = BODY_AT + 4 + 1;
  const name = message.toString('latin1', at, message.indexOf(0, at));
  return HELLO.has(name) ? 'hello' : name;
}

/** By what a server knows a write that is sent again: its session, and its number there. */
function writeOf(message: Buffer): string | undefined {
  if (message.readInt32LE(12) !== OP_MSG) return undefined;
  const { lsid, txnNumber } = bodyOf(message, BODY_AT);
  return txnNumber === undefined ? undefined : `${String(lsid?.id?.toString('hex'))} ${txnNumber}`;
}

function bodyOf(message: Buffer, at: number): BSON.Document {
  return BSON.deserialize(message.subarray(at, at + message.readInt32LE(at)));
}

function withMembers(answer: Buffer, to: number, more: BSON.Document): Buffer {
  const isReply = answer.readInt32LE(12) === OP_REPLY;
  const body = { ...bodyOf(answer, isReply ? REPLY_BODY_AT : BODY_AT), ...more };
  return isReply ? messageOf(body, to, answer.subarray(HEADER_BYTES, REPLY_BODY_AT), OP_REPLY) : messageOf(body, to);
}

/** A message of the wire protocol. @param before what stands between its head and its document */
function messageOf(body: BSON.Document, to: number, before: Buffer = Buffer.alloc(5), code = OP_MSG): Buffer {
  const document = BSON.serialize(body);
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeInt32LE(HEADER_BYTES + before.length + document.length, 0);
  head.writeInt32LE(to, 8);
  head.writeInt32LE(code, 12);
  return Buffer.concat([head, before, document]);
}

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

/** Stands on the wire between a gateway and its database. */
export interface MongoProxy {
  readonly uri: string;
  /** The commands that went through since the last call, by name; not those by which the driver looks after its connections. */
  commands(): string[];
  /** The last command of this name as it was sent. */
  last(command: string): Document | undefined;
  /** From now on a command of this name reaches the server, and its answer nobody: the connection is cut. */
  cutAfter(command: string): void;
  /** From now on a command of this name reaches the server twice, and its first answer nobody. */
  doubled(command: string): void;
  /** From now on a command of this name reaches nobody and is answered with this error of the server. */
  refuse(command: string, code: number): void;
  /** Lets everything through again. */
  restore(): void;
}

const OF_THE_DRIVER = new Set(['hello', 'isMaster', 'ismaster', 'ping', 'endSessions', 'buildInfo']);
const HEADER_BYTES = 16;
/** Header, flags, kind of section. */
const BODY_AT = HEADER_BYTES + 4 + 1;
/** Length of the document, type of its first member. */
const NAME_AT = BODY_AT + 4 + 1;
const OP_MSG = 2013;

/** Starts a proxy in front of the server of a connection string. */
export async function startProxy(t: { teardown(end: () => unknown): void }, uri: string): Promise<MongoProxy> {
  const to = new URL(uri);
  let seen: string[] = [];
  const bodies = new Map<string, Buffer>();
  let cut: string | undefined;
  let twice: string | undefined;
  let refused: { readonly command: string; readonly code: number } | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    let isCut = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [client, upstream].map((one) => one.destroy()));
    }
    let unanswered = 0;
    const answers = new Messages();
    const asked = new Messages();
    upstream.on('data', (chunk: Buffer) => {
      if (isCut) client.destroy();
      for (const message of answers.take(chunk)) {
        if (unanswered > 0) unanswered -= 1;
        else client.write(message);
      }
    });
    client.on('data', (chunk: Buffer) => {
      for (const message of asked.take(chunk)) {
        const name = message.readInt32LE(12) === OP_MSG ? message.toString('latin1', NAME_AT, message.indexOf(0, NAME_AT)) : 'hello';
        if (!OF_THE_DRIVER.has(name)) {
          seen.push(name);
          bodies.set(name, Buffer.from(message.subarray(BODY_AT)));
        }
        if (name === cut) isCut = true;
        if (name === refused?.command) {
          client.write(errorTo(message, refused.code));
          continue;
        }
        if (name === twice) {
          unanswered += 1;
          upstream.write(message);
        }
        upstream.write(message);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const here = new URL(uri);
  here.port = String((server.address() as AddressInfo).port);
  return {
    uri: here.href,
    commands() {
      const all = seen;
      seen = [];
      return all;
    },
    last(command) {
      const body = bodies.get(command);
      // Sections of lists may stand behind it.
      return body === undefined ? undefined : BSON.deserialize(body.subarray(0, body.readInt32LE(0)));
    },
    cutAfter(command) {
      cut = command;
    },
    doubled(command) {
      twice = command;
    },
    refuse(command, code) {
      refused = { command, code };
    },
    restore() {
      cut = undefined;
      twice = undefined;
      refused = undefined;
    },
  };
}

/** Whole messages out of what comes in pieces. */
class Messages {
  #rest = Buffer.alloc(0);

  take(chunk: Buffer): readonly Buffer[] {
    const messages: Buffer[] = [];
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 4 && this.#rest.length >= this.#rest.readInt32LE(0)) {
      const message = this.#rest.subarray(0, this.#rest.readInt32LE(0));
      this.#rest = this.#rest.subarray(message.length);
      messages.push(message);
    }
    return messages;
  }
}

/** How a server refuses a command. */
function errorTo(command: Buffer, code: number): Buffer {
  const body = BSON.serialize({ ok: 0, code, errmsg: 'refused by the proxy' });
  const head = Buffer.alloc(BODY_AT);
  head.writeInt32LE(BODY_AT + body.length, 0);
  head.writeInt32LE(command.readInt32LE(4), 8);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, body]);
}

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
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    let rest = Buffer.alloc(0);
    let isCut = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [client, upstream].map((one) => one.destroy()));
    }
    upstream.on('data', (chunk) => {
      if (isCut) client.destroy();
      else client.write(chunk);
    });
    client.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
        const message = rest.subarray(0, rest.readInt32LE(0));
        rest = rest.subarray(message.length);
        const name = message.readInt32LE(12) === OP_MSG ? message.toString('latin1', NAME_AT, message.indexOf(0, NAME_AT)) : 'hello';
        if (!OF_THE_DRIVER.has(name)) {
          seen.push(name);
          bodies.set(name, Buffer.from(message.subarray(BODY_AT)));
        }
        if (name === cut) isCut = true;
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
    restore() {
      cut = undefined;
    },
  };
}

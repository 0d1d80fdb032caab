import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const FOLDER = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '.tools', 'mongo-server');

/** On a busy machine it starts slowly, and its first answers take long. */
const PATIENT = 'serverSelectionTimeoutMS=60000&connectTimeoutMS=60000&socketTimeoutMS=60000&waitQueueTimeoutMS=60000';

/** A MongoDB server to test on. */
export interface MongoServer {
  /** What it is. */
  readonly name: string;
  /** The connection string of a database of its own. */
  freshUri(): string;
  /** Ends it, if it was started for the test. */
  stop(): Promise<void>;
}

/** Why there is no server, in one sentence; undefined if there can be one. */
export function whyNoMongo(): string | undefined {
  if (process.env.MONGODB_URI !== undefined || existsSync(join(FOLDER, 'Serve.class'))) return undefined;
  return 'no MongoDB server: `make mongo-server` needs Java 17 and Maven, and MONGODB_URI names none';
}

/**
 * The server that MONGODB_URI names, else one of our own on a free port of this machine.
 * @param file keeps the data, for who starts it again
 */
export async function startMongo(file?: string, port = 0): Promise<MongoServer> {
  const named = process.env.MONGODB_URI;
  const { MONGODB_NAME: name = 'the server of MONGODB_URI' } = process.env;
  if (named !== undefined && file === undefined) return { name, freshUri: () => withDatabase(named), stop: async () => {} };
  for (let tries = 1; ; tries += 1) {
    const server = await started(file, port);
    if (server !== undefined) return server;
    if (tries === STARTS) throw new Error('the MongoDB server for tests did not start');
  }
}

/** How often it is tried, and how long each time: one that was started again on a busy machine has once said nothing for ever. */
const STARTS = 3;
const PATIENCE_MS = 60_000;

async function started(file: string | undefined, port: number): Promise<MongoServer | undefined> {
  const options = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-cp', `${FOLDER}:${join(FOLDER, '*')}`, 'Serve', String(port)];
  // It ends with this process, whichever way that ends: then nobody holds its input.
  const child = spawn('java', [...options, ...(file === undefined ? [] : [file])], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const deadline = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => [undefined])])) as [string?];
  clearTimeout(deadline);
  if (line === undefined) return undefined;
  child.unref();
  return {
    name: 'mongo-java-server',
    freshUri: () => withDatabase(`mongodb://127.0.0.1:${line}/?directConnection=true&${PATIENT}`),
    stop: async () => {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}

function withDatabase(uri: string): string {
  const url = new URL(uri);
  url.pathname = `/tilgang-${randomUUID()}`;
  return url.href;
}

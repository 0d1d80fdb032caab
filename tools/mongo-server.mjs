// The MongoDB server for tests that `make mongo-server` has put into .tools, on a free port of this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';

// On a busy machine it starts slowly, and its first answers take long.
const PATIENT = 'serverSelectionTimeoutMS=60000&connectTimeoutMS=60000&socketTimeoutMS=60000&waitQueueTimeoutMS=60000';
// It lives for minutes: what takes time to pay off does not.
const JAVA = ['-Xmx2g', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Why no server can be had, in one sentence; undefined if one can. */
export function whyNoServer(root) {
  if (process.env.MONGODB_URI !== undefined || existsSync(join(root, '.tools/mongo-server/Serve.class'))) return undefined;
  return 'no MongoDB server: `make mongo-server` needs Java 17 and Maven, and MONGODB_URI names none';
}

/**
 * Resolves to `{ name, uri, stop }`: the server that MONGODB_URI names, else one that is started, and ends with this process, whichever way that ends:
 * then nobody holds its input.
 */
export async function startMongoServer(root) {
  const named = process.env.MONGODB_URI;
  if (named !== undefined) return { name: 'the server of MONGODB_URI', uri: named, stop() {} };
  const folder = join(root, '.tools/mongo-server');
  const child = spawn('java', [...JAVA, '-cp', `${folder}:${join(folder, '*')}`, 'Serve', '0'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [port] = await once(createInterface(child.stdout), 'line');
  return { name: 'mongo-java-server', uri: `mongodb://127.0.0.1:${port}/?directConnection=true&${PATIENT}`, stop: () => child.stdin.end() };
}

/** Drops the databases whose names begin so: a server that keeps all in memory would fill up. */
export async function dropDatabases(uri, prefix) {
  const client = new MongoClient(uri);
  try {
    const { databases } = await client.db('admin').command({ listDatabases: 1, nameOnly: true });
    const own = databases.filter(({ name }) => name.startsWith(prefix));
    // One after another: each may take the server for tests a second, and of many at once the last ones would wait for too long.
    for (const { name } of own) await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
}

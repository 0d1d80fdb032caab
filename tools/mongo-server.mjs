// Starts the MongoDB server for tests that `make mongo-server` has put into .tools, on a free port of this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// On a busy machine it starts slowly, and its first answers take long.
const PATIENT = 'serverSelectionTimeoutMS=60000&connectTimeoutMS=60000&socketTimeoutMS=60000&waitQueueTimeoutMS=60000';

/** Resolves to `{ uri, stop }`. It ends with this process, whichever way that ends: then nobody holds its input. */
export async function startMongoServer(root) {
  const folder = join(root, '.tools/mongo-server');
  if (!existsSync(join(folder, 'Serve.class'))) throw new Error('no MongoDB server: `make mongo-server` needs Java 17 and Maven');
  const options = ['-Xmx2g', '-cp', `${folder}:${join(folder, '*')}`, 'Serve', '0'];
  const child = spawn('java', options, { stdio: ['pipe', 'pipe', 'ignore'] });
  const [port] = await once(createInterface(child.stdout), 'line');
  return { uri: `mongodb://127.0.0.1:${port}/?directConnection=true&${PATIENT}`, stop: () => child.stdin.end() };
}

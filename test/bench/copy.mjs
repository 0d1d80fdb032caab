// Copying a store, keeping it in a file, bringing it back; each beside a bare floor of the same bytes, in processes of their own.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startMongoServer } from '../../tools/mongo-server.mjs';
import { writeDataset } from './dataset.mjs';
import { median, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop, track } from './scratch.mjs';
import { importGrants, startGateway } from './servers.mjs';

const script = fileURLToPath(new URL('copy-work.mjs', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 900_000;
const SECRETS = ['person-naming.secret', 'person-sealing.secret'];

async function work(kind, from, to) {
  const running = promisify(execFile)(process.execPath, [script, kind, from, to], { timeout: LIMIT_MS });
  track(running.child);
  return JSON.parse((await running).stdout);
}

/** A data folder with a store of so many grants, one to each document; nothing runs on it. */
async function filled(grants, note) {
  const folder = scratchFolder();
  const file = join(folder, 'grants.jsonl');
  note(`copying: writing and importing ${whole(grants)} grants`);
  await writeDataset(file, grants);
  const gateway = await startGateway(folder);
  await importGrants(gateway, file);
  await stop(gateway.child);
  return gateway.data;
}

function emptyFolder(secretsOf) {
  const data = join(scratchFolder(), 'data');
  mkdirSync(data, { mode: 0o700 });
  for (const name of SECRETS) cpSync(join(secretsOf, name), join(data, name));
  return data;
}

/** One round of each on LMDB. */
async function round(data) {
  const [to, bare, again] = [emptyFolder(data), emptyFolder(data), emptyFolder(data)];
  const file = join(again, '..', 'backup');
  const done = {
    'bare LMDB, the same bytes': await work('raw', data, bare),
    'store copy, LMDB to LMDB': await work('copy', data, to),
    backup: await work('backup', data, file),
    restore: await work('restore', file, again),
  };
  const size = statSync(file).size;
  for (const folder of [to, bare, again]) removeFolder(join(folder, '..'));
  return { done, size };
}

/** The measurements of copying. */
export async function benchCopy({ grants, rounds }, { print, note }) {
  const data = await filled(grants, note);
  const all = [];
  for (let i = 0; i < rounds; i += 1) {
    note(`copying, round ${i + 1}`);
    all.push(await round(data));
  }
  const { events, documents } = all[0].done['store copy, LMDB to LMDB'];
  const at = (name, what) => median(all.map(({ done }) => done[name][what]));
  const rows = Object.keys(all[0].done).map((name) => [
    name,
    whole(documents / at(name, 'seconds')),
    whole(events / at(name, 'seconds')),
    (at(name, 'cpu') / events).toFixed(1),
    median(all.map(({ done }) => done[name].cpu / done['bare LMDB, the same bytes'].cpu)).toFixed(1),
    whole(at(name, 'peak')),
  ]);
  print(`## Copying a store\n\n${whole(documents)} documents, ${whole(events)} events, ${whole(statSync(join(data, 'store/data.mdb')).size / 2 ** 20)} MiB; the backup has ${(all[0].size / 2 ** 20).toFixed(1)} MiB. With verification of the target and comparison with the source at the end.\n
${table(['', 'documents/s', 'events/s', 'CPU µs/event', 'CPU ÷ bare', 'peak RSS MiB (map included)'], rows)}`);
  await benchMongo(note, print);
}

/** The server for tests scans, so what counts is the CPU of this side, beside a bare driver that moves the same. */
async function benchMongo(note, print) {
  let server;
  try {
    server = await startMongoServer(root);
  } catch (error) {
    return print(`Copying to MongoDB was not measured: ${error.message}.`);
  }
  try {
    const data = await filled(2000, note);
    const [one, two, three] = Array.from({ length: 3 }, () => {
      const uri = new URL(server.uri);
      uri.pathname = `/bench-${randomUUID()}`;
      return uri.href;
    });
    note('copying to MongoDB');
    const { documents, events, cpu } = await work('mongodb', data, one);
    const between = await work('mongodb', one, two);
    const bare = await work('driver', one, three);
    const rows = [
      ['bare driver, MongoDB to MongoDB', (bare.cpu / events).toFixed(0), ''],
      ['store copy, LMDB to MongoDB', (cpu / events).toFixed(0), (cpu / bare.cpu).toFixed(1)],
      ['store copy, MongoDB to MongoDB', (between.cpu / events).toFixed(0), (between.cpu / bare.cpu).toFixed(1)],
    ];
    print(
      `${whole(documents)} documents, ${whole(events)} events; CPU of the copying processes, start of the driver included:\n\n${table(['', 'CPU µs/event', '÷ bare'], rows)}`,
    );
  } finally {
    server.stop();
  }
}

// What `make bench` measures of copying: a process of its own: node copy-work.mjs (copy|backup|restore|raw|mongodb|driver) FROM TO; prints JSON.
// FROM and TO are data folders, a file (backup, restore) or a connection string (mongodb, driver).
import { join } from 'node:path';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { loadConfig } from '#config';
import { backupStore, copyBetween, restoreBackup } from '#keeping';
import { cpuMicrosWithEnded } from './proc.mjs';

const [kind, from, to] = process.argv.slice(2);
const over = new AbortController().signal;
const told = () => {};
const of = (data) => loadConfig({ TILGANG_DATA: data });
const TABLES = ['documents', 'graves', 'indexes', 'events', 'concerns', 'expirations'];
const TOGETHER = 2048;

const bare = (data) =>
  open({
    path: join(data, 'store'),
    overlappingSync: false,
    keyEncoding: 'binary',
    encoding: 'binary',
    maxDbs: 16,
    noSubdir: false,
    mapSize: 2 ** 34,
  });

/** The same bytes under the same keys, and nothing done with them. */
async function raw() {
  const [source, target] = [bare(from), bare(to)];
  for (const name of TABLES) {
    const [there, here] = [source, target].map((root) => root.openDB({ name, keyEncoding: 'binary', encoding: 'binary' }));
    let start;
    for (;;) {
      const page = [...there.getRange({ start, limit: TOGETHER })];
      if (page.length === 0) break;
      await target.childTransaction(() => {
        for (const { key, value } of page) here.putSync(key, value);
      });
      start = Buffer.concat([page.at(-1).key, Buffer.of(0)]);
    }
  }
  await Promise.all([source.close(), target.close()]);
  return {};
}

/** The same documents and events by the bare driver, in as many commands, from one database to another. */
async function driver() {
  const [source, target] = [new MongoClient(from), new MongoClient(to)];
  let documents = 0;
  for (const name of ['events', 'documents', 'registry']) {
    const [there, here] = [source, target].map((client) => client.db().collection(name));
    let last;
    for (;;) {
      const page = await there
        .find(last === undefined ? {} : { _id: { $gt: last } }, { sort: { _id: 1 }, limit: 500, batchSize: 501 })
        .toArray();
      if (page.length === 0) break;
      if (name === 'events') await here.insertMany(page, { ordered: true });
      else
        await here.bulkWrite(
          page.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement, upsert: true } })),
          { ordered: false },
        );
      if (name !== 'events') documents += page.length;
      last = page.at(-1)._id;
    }
  }
  await Promise.all([source.close(), target.close()]);
  return { documents };
}

const copy = () => copyBetween(loadConfig({}), () => undefined, [from, to], told);
const works = {
  copy,
  mongodb: copy,
  backup: () => backupStore(of(from), to, { told, over }),
  restore: () => restoreBackup(of(to), from, { told, over }),
  raw,
  driver,
};

const before = cpuMicrosWithEnded(process.pid);
const started = performance.now();
const { events, documents } = await works[kind]();
const seconds = (performance.now() - started) / 1000;
const cpu = cpuMicrosWithEnded(process.pid) - before;
process.stdout.write(JSON.stringify({ seconds, cpu, peak: process.resourceUsage().maxRSS / 1024, events, documents }));

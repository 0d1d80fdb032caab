// What the machine does without the gateway. A process of its own: node bare-work.mjs (put|fsync|parse) WHERE COUNT; prints JSON.
import { closeSync, createReadStream, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { readRows } from '#files';

const [kind, where, count] = process.argv.slice(2);
const WRITERS = 16;
/** About what giving a grant writes: document, event and index entries. */
const VALUE_BYTES = 1300;

/** One durable put at a time from each of 16 writers, the keys as scattered as the names of persons. */
async function put(total) {
  const db = open({ path: join(where, 'bare'), overlappingSync: false, encoding: 'string' });
  const value = 'x'.repeat(VALUE_BYTES);
  let at = 0;
  const writer = async () => {
    while (at < total) {
      at += 1;
      await db.put(`${(Math.imul(at, 2654435761) >>> 0).toString(36).padStart(43, '0')}`, value);
      await db.flushed;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  await db.close();
}

/** A page written and flushed, one after the other: what the disk takes. */
async function fsync(total) {
  const file = openSync(join(where, 'fsync'), 'w', 0o600);
  const page = Buffer.alloc(4096, 1);
  for (let i = 0; i < total; i += 1) {
    writeSync(file, page, 0, page.length, (i % 1024) * page.length);
    fdatasyncSync(file);
  }
  closeSync(file);
}

/** The rows of a CSV file, and nothing done with them. */
async function parse(total) {
  let rows = 0;
  for await (const _ of readRows(createReadStream(where), 'csv')) rows += 1;
  if (rows !== total) throw new Error(`${rows} rows instead of ${total}`);
}

const cpu = process.cpuUsage();
const started = performance.now();
await { put, fsync, parse }[kind](Number(count));
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(JSON.stringify({ seconds, cpu: user + system }));

// The part krr: look-ups of 1 000 persons of the contact register at once, in a small register and in a large one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { personsBeyond } from './dataset.mjs';
import { openConnection, requestBytes } from './exchange.mjs';
import { cpuMicros } from './proc.mjs';
import { median, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop } from './scratch.mjs';
import { importFile, startGateway, tokenFor } from './servers.mjs';

const SMALL = 10_000;
/** Lines of one file: an import of all of them has no end on a slow machine. */
const FILE_LINES = 100_000;
const AT_ONCE = 1000;
const REQUESTS = 30;
const CLIENT = 'oslo-varsling';
/** Of how many persons a request is. */
const COUNTS = [1, 100, AT_ONCE];

const day = (i) => new Date(Date.UTC(2026, 0, 1) - (i % 900) * 86_400_000).toISOString().slice(0, 10);

/** With a channel that is fresh or not, and each tenth with a mailbox, as persons have it. */
function lineOf(person, i) {
  const mailbox = i % 10 === 0 ? `p${i}#BENK,310702641` : ',';
  return `${person},bruker${i}@demo.example,${day(i)},${day(i + 450)},+4799999${String(i % 1000).padStart(3, '0')},${day(i + 300)},${mailbox},nb`;
}

const HEAD =
  'personidentifikator,epostadresse,epostadresse_oppdatert,epostadresse_sist_verifisert,mobiltelefonnummer,mobiltelefonnummer_oppdatert,postkasseadresse,postkasseleverandoeradresse,spraak';

async function fill(gateway, folder, persons, from, note) {
  let seconds = 0;
  for (let at = 0; at < persons.length; at += FILE_LINES) {
    note(`krr: ${whole(from + at)} persons are in the register`);
    const file = join(folder, 'contacts.csv');
    const lines = persons.slice(at, at + FILE_LINES).map((person, i) => lineOf(person, from + at + i));
    writeFileSync(file, `${[HEAD, ...lines].join('\n')}\n`, { mode: 0o600 });
    seconds += (await importFile(gateway, 'krr', file)).seconds;
  }
  return persons.length / seconds;
}

/** From all over the register, each request another part. */
function requestsOf(token, persons, count) {
  const step = Math.max(1, Math.floor(persons.length / (count * REQUESTS)));
  return Array.from({ length: REQUESTS }, (_, turn) => {
    const personidentifikatorer = Array.from({ length: count }, (_, i) => persons[((turn * count + i) * step) % persons.length]);
    return requestBytes('POST', '/rest/v1/personer', token, JSON.stringify({ personidentifikatorer }));
  });
}

async function inTurn({ pid, port }, requests, count) {
  const { ask, close } = await openConnection(port);
  const times = [];
  const before = cpuMicros(pid);
  try {
    for (const bytes of requests) {
      const begun = performance.now();
      const { status, body } = await ask(bytes);
      times.push(performance.now() - begun);
      if (status !== 200) throw new Error(`answered ${status}: ${body}`);
      if (JSON.parse(body).personer.filter((one) => one.status === 'AKTIV').length !== count) throw new Error('not all are registered');
    }
  } finally {
    close();
  }
  return { cpu: (cpuMicros(pid) - before) / requests.length, p50: median(times), least: Math.min(...times), most: Math.max(...times) };
}

async function measured(gateway, token, persons, rounds, note) {
  const rows = [];
  for (const count of COUNTS) {
    const requests = requestsOf(token, persons, count);
    await inTurn(gateway, requests, count);
    const taken = [];
    for (let round = 0; round < rounds; round += 1) taken.push(await inTurn(gateway, requests, count));
    note(`krr: ${whole(persons.length)} persons, ${count} at once: ${median(taken.map(({ p50 }) => p50)).toFixed(1)} ms`);
    rows.push({ count, taken });
  }
  return rows;
}

/** @param chosen `rounds`, and the size of the large register as `million` */
export async function benchKrr({ rounds, million, checkouts }, { print, note }) {
  const folder = scratchFolder();
  let gateway;
  try {
    gateway = await startGateway(folder, {}, checkouts[0]);
    const token = await tokenFor(gateway, CLIENT);
    const all = personsBeyond(0, million);
    const registers = [];
    let there = 0;
    for (const size of [SMALL, million]) {
      const rate = await fill(gateway, folder, all.slice(there, size), there, note);
      there = size;
      registers.push({ size, rate, rows: await measured(gateway, token, all.slice(0, size), rounds, note) });
    }
    const heads = ['persons in the register', 'persons at once', 'p50 ms', 'least–most ms', 'CPU ms', 'CPU ÷ small', 'imported/s'];
    const small = new Map(registers[0].rows.map(({ count, taken }) => [count, median(taken.map(({ cpu }) => cpu))]));
    const rows = registers.flatMap(({ size, rate, rows }) =>
      rows.map(({ count, taken }) => {
        const cpu = median(taken.map((one) => one.cpu));
        return [
          whole(size),
          whole(count),
          median(taken.map(({ p50 }) => p50)).toFixed(2),
          `${Math.min(...taken.map(({ least }) => least)).toFixed(2)}–${Math.max(...taken.map(({ most }) => most)).toFixed(2)}`,
          (cpu / 1000).toFixed(2),
          (cpu / small.get(count)).toFixed(2),
          whole(rate),
        ];
      }),
    );
    print(`The contact register, one connection, median of ${rounds} rounds (must: 1 000 persons under 30 ms):\n\n${table(heads, rows)}`);
  } finally {
    if (gateway !== undefined) await stop(gateway.child);
    removeFolder(folder);
  }
}

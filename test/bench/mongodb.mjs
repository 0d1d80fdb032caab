// The gateway over MongoDB: round trips counted on the wire, and processor time beside the embedded store and a bare `find` of the driver. The server's own
// time says nothing: the tests' server looks at all documents for most questions.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { appId, personsBeyond, writeDataset } from './dataset.mjs';
import { load } from './load.mjs';
import { memory } from './proc.mjs';
import { loadHeads, loadRows, median, table } from './report.mjs';
import { removeFolder, scratchFolder, stop, track } from './scratch.mjs';
import { checkAnswers, importGrants, ownCheckout, startFloor, startGateway, tokenFor } from './servers.mjs';

const GRANTS = 100;
const CONNECTIONS = 16;
const ASKED = 20;
const OSLO = '/konsument-bruker/api/v1/organisasjoner/958935420';
const BRUKERE = `${OSLO}/applikasjoner/${appId}/brukere`;
const tools = fileURLToPath(new URL('../../.tools/mongo-server', import.meta.url));
const NONE = 'NO MONGODB SERVER: NOT MEASURED. `make mongo-server` makes one, MONGODB_URI names another.';

/** A server, and the connection string of a database of its own. */
async function startServer() {
  const named = process.env.MONGODB_URI;
  let child;
  let address = named;
  if (named === undefined) {
    child = track(
      spawn('java', ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-cp', `${tools}:${join(tools, '*')}`, 'Serve', '0'], {
        stdio: ['pipe', 'pipe', 'ignore'],
      }),
    );
    const [port] = await once(child.stdout, 'data');
    address = `mongodb://127.0.0.1:${String(port).trim()}/?directConnection=true&serverSelectionTimeoutMS=60000&connectTimeoutMS=60000&socketTimeoutMS=60000&waitQueueTimeoutMS=60000`;
  }
  const uri = new URL(address);
  uri.pathname = `/bench-${randomUUID()}`;
  return { child, uri: uri.href, name: named === undefined ? 'mongo-java-server' : 'MONGODB_URI' };
}

const OF_THE_DRIVER = new Set(['hello', 'isMaster', 'ismaster', 'ping', 'endSessions', 'buildInfo']);
const OP_MSG = 2013;

/** Passes everything on and counts the commands. */
async function startCounter(uri) {
  const to = new URL(uri);
  const port = Number(to.port);
  const seen = [];
  const server = createServer((client) => {
    const upstream = connect(port, to.hostname);
    let rest = Buffer.alloc(0);
    for (const socket of [client, upstream]) socket.on('error', () => {}).on('close', () => [client, upstream].map((one) => one.destroy()));
    upstream.pipe(client);
    client.on('data', (chunk) => {
      upstream.write(chunk);
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= 4 && rest.length >= rest.readInt32LE(0); rest = rest.subarray(rest.readInt32LE(0))) {
        const name = rest.readInt32LE(12) === OP_MSG ? rest.toString('latin1', 26, rest.indexOf(0, 26)) : 'hello';
        if (!OF_THE_DRIVER.has(name)) seen.push(name);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  to.port = String(server.address().port);
  const taken = () => seen.splice(0);
  return { uri: to.href, taken, close: () => server.close() };
}

/** What each kind of request asks of the database, once it is warm. */
async function countTrips({ port }, counter, { token, konsument, person, fresh }) {
  const send = async (method, path, whose, body) => {
    const headers = { authorization: `Bearer ${whose}`, 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}`);
    await answer.text();
  };
  const works = {
    'a decision': () => send('POST', `/tilgang/api/v1/app/${appId}/tilganger`, token, { brukerIdent: person }),
    'a page of who may use an application': () => send('GET', `${BRUKERE}?antall=100`, konsument),
    'a page of what ends soon': () => send('GET', `${OSLO}/utloper?innenDager=365`, konsument),
    'a grant given': () => send('POST', BRUKERE, konsument, { brukerIdent: fresh.pop() }),
  };
  const rows = [];
  for (const [what, work] of Object.entries(works)) {
    await work();
    const counts = [];
    for (let i = 0; i < ASKED; i += 1) {
      await pause(50);
      counter.taken();
      await work();
      counts.push(counter.taken());
    }
    // The sweeper looks every five seconds: the middle one has not met it.
    const sorted = counts.sort((a, b) => a.length - b.length);
    rows.push([what, median(counts.map(({ length }) => length)), sorted[ASKED >> 1].join(', ')]);
  }
  return rows;
}

/** @param chosen `seconds` and `rounds` */
export async function benchMongo({ seconds, rounds }, { print, note }) {
  if (process.env.MONGODB_URI === undefined && !existsSync(join(tools, 'Serve.class'))) return print(`**${NONE}**`);
  const running = [];
  const folders = [];
  const folder = () => {
    folders.push(scratchFolder());
    return folders.at(-1);
  };
  const started = (one) => {
    running.push(one.child);
    return one;
  };
  let counter;
  try {
    const server = await startServer();
    if (server.child !== undefined) running.push(server.child);
    const file = join(folder(), 'grants.jsonl');
    const asked = await writeDataset(file, GRANTS);
    const gatewayOn = async (name, settings) => {
      const gateway = started(await startGateway(folder(), settings, { ...ownCheckout, name }));
      note(`${name}: importing`);
      await importGrants(gateway, file);
      const token = await tokenFor(gateway);
      const bodies = join(folder(), 'bodies.txt');
      writeFileSync(bodies, asked.map(({ body }) => `${body}\n`).join(''), { mode: 0o600 });
      return { ...gateway, answer: await checkAnswers(gateway, token, asked), questions: { token, bodies } };
    };
    const [embedded, mongo] = [await gatewayOn('embedded store', {}), await gatewayOn('MongoDB', { TILGANG_MONGODB_URI: server.uri })];
    const find = { ...started(await startFloor('find', mongo.answer, server.uri)), questions: mongo.questions };
    const http = { ...started(await startFloor('http', mongo.answer)), questions: mongo.questions };
    const servers = [embedded, mongo, http, find];
    const measured = new Map(servers.map(({ name }) => [name, { rounds: [], rss: 0 }]));
    for (const one of servers) await load(one, one.questions, { connections: CONNECTIONS, seconds: 8 });
    for (let round = 0; round < rounds; round += 1) {
      for (const one of round % 2 === 0 ? servers : servers.toReversed()) {
        const own = measured.get(one.name);
        own.rounds.push(await load(one, one.questions, { connections: CONNECTIONS, seconds }));
        own.rss = memory(one.pid).rss;
      }
    }
    const cpu = (name, round) => measured.get(name).rounds[round].cpu;
    const prices = Array.from({ length: rounds }, (_, i) => {
      const bare = cpu(find.name, i) - cpu(http.name, i);
      return { bare, above: cpu(mongo.name, i) - cpu(embedded.name, i), ratio: (cpu(mongo.name, i) - cpu(embedded.name, i)) / bare };
    });
    const of = (what) => median(prices.map((price) => price[what])).toFixed(what === 'ratio' ? 2 : 1);
    print(
      `Decisions over MongoDB (${server.name}), ${CONNECTIONS} connections; median of ${rounds} rounds of ${seconds} s, interleaved:\n\n${table(loadHeads([]), loadRows(CONNECTIONS, measured, []))}\n\nA bare \`find\` of the same shape by the driver: ${of('bare')} µs. A decision over MongoDB costs ${of('above')} µs more than over the embedded store: ${of('ratio')} × that (must 1.3).`,
    );

    note('counting round trips');
    counter = await startCounter(server.uri);
    const beside = folder();
    // The secrets of persons are not in the store.
    cpSync(mongo.data, join(beside, 'data'), { recursive: true });
    const counted = started(await startGateway(beside, { TILGANG_MONGODB_URI: counter.uri }));
    const whose = { token: await tokenFor(counted), konsument: await tokenFor(counted, 'oslo'), person: asked[0].brukerIdent };
    const trips = await countTrips(counted, counter, { ...whose, fresh: personsBeyond(GRANTS / 2, ASKED + 2) });
    print(
      `Commands until the answer, counted on the wire; the first \`find\` of pages and changes is what leave is judged by:\n\n${table(['', 'commands', 'which'], trips)}`,
    );
  } finally {
    for (const child of running.toReversed()) await stop(child);
    counter?.close();
    for (const path of folders) removeFolder(path);
  }
}

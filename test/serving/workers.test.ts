// Takes about 15 s.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { runCli } from '#cli';
import { loadConfig } from '#config';
import { demoToken } from '#installation';
import { bareConnection } from '../fixtures/bare-connection.js';
import { written } from '../fixtures/command.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';
import { demoConfig, type Holder, parsed, temporaryFolder } from '../fixtures/gateway.js';
import { startGatewayProcess } from '../fixtures/gateway-process.js';
import { pause } from '../fixtures/raw-exchange.js';
import { systemUserOnNodes } from '../fixtures/system-user-nodes.js';

const OSLO = '958935420';
const KONSUMENT = `/konsument-bruker/api/v1/organisasjoner/${OSLO}`;
const LEADER = { person: 'oslo-leder' };
const REVISION = 'aaaaaaaaaaaaaaaa';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire has no type until a test has looked.
  readonly json: any;
}

const { data, world } = await demoFolder(t);
const bundle = join(temporaryFolder(t), 'tilgang.tar.gz');
cpSync(fileURLToPath(new URL('../../bundles/tilgang.tar.gz', import.meta.url)), bundle);
const gateway = await startGatewayProcess(t, data, {
  TILGANG_WORKERS: '2',
  TILGANG_POLICY_BUNDLE: bundle,
  TILGANG_BODY_TIMEOUT_MS: '60000',
  TILGANG_STOP_DELAY_MS: '2000',
});
const { appId } = world.first;
const { running, origin } = gateway;
const persons = newPersons(20, world);
const tokens = new Map<string, Promise<string | undefined>>();
const tokenOf = (holder: Holder): Promise<string | undefined> => {
  const name = JSON.stringify(holder);
  const token = tokens.get(name) ?? demoToken({ ...demoConfig(data), publicUrl: origin }, holder, 3600, Date.now);
  tokens.set(name, token);
  return token;
};

/** The lines logged so far. */
const logged = (): Record<string, unknown>[] =>
  running
    .stdout()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function ask(
  agent: Agent | false,
  holder: Holder | undefined,
  method: string,
  path: string,
  body?: unknown,
  more = {},
): Promise<Answer> {
  const token = holder === undefined ? undefined : await tokenOf(holder);
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const headers = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    // Node says of no DELETE how long its body is: the body was taken for the next request.
    ...(text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
    ...more,
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}${path}`, { agent, method, headers }, (response) => {
      let told = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        told += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, json: parsed(told) }));
    });
    sent.on('error', reject).end(text);
  });
}

/** Connections that stay, by the worker that answers over them. */
async function connected(): Promise<readonly [Agent, Agent]> {
  const found = new Map<unknown, Agent>();
  for (let i = 0; found.size < 2; i += 1) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const id = `connection-${Date.now()}-${i}`;
    await ask(agent, undefined, 'GET', '/health/live', undefined, { 'X-Request-Id': id });
    await written(running, running.stdout, new RegExp(`"requestId":"${id}"`));
    const worker = logged().find(({ requestId }) => requestId === id)?.['worker'];
    if (found.has(worker)) agent.destroy();
    else found.set(worker, agent);
  }
  t.teardown(() => {
    for (const agent of found.values()) agent.destroy();
  });
  t.same([...found.keys()].sort(), [1, 2]);
  return [found.get(1), found.get(2)] as [Agent, Agent];
}

const told = async (agent: Agent, brukerIdent: string): Promise<string[]> => {
  const { json } = await ask(agent, { client: 'fhi' }, 'POST', `/tilgang/api/v1/app/${appId}/tilganger`, { brukerIdent });
  return json.tilganger.map(({ orgnr }: { orgnr: string }) => orgnr);
};
const give = (agent: Agent, brukerIdent: string | undefined): Promise<Answer> =>
  ask(agent, LEADER, 'POST', `${KONSUMENT}/applikasjoner/${appId}/brukere`, { brukerIdent });

t.test('a system user that was approved, stopped or deleted is so in each worker’s next token', async (t) => {
  await systemUserOnNodes(t, [gateway], world, join(data, 'demo-client.pem'));
  const workers = logged().filter(({ route }) => String(route).includes('/token'));
  t.same([...new Set(workers.map(({ worker }) => worker))].sort(), [1, 2], 'both have answered');
});

t.test('what one worker is told the other answers at once (threat 21)', async (t) => {
  const [one, two] = await connected();
  for (const [giving, asked] of [
    [one, two],
    [two, one],
  ] as const) {
    const brukerIdent = persons.pop() as string;
    const given = await give(giving, brukerIdent);
    t.equal(given.status, 201);
    t.same(await told(asked, brukerIdent), [OSLO]);
    const etag = { 'If-Match': given.headers['etag'] };
    const path = String(given.headers['location']);
    t.equal((await ask(asked, LEADER, 'DELETE', path, { begrunnelse: 'Slutt' }, etag)).status, 204);
    t.same(await told(giving, brukerIdent), []);
  }
});

t.test('a search goes on in another worker than it began in, and a list is judged alike in both', async (t) => {
  const agents = await connected();
  const own = persons.splice(0, 5);
  for (const brukerIdent of own) t.equal((await give(agents[0], brukerIdent)).status, 201);
  const search = {
    subject: { type: 'person' },
    action: { name: 'use' },
    resource: { type: 'application', id: appId, properties: { orgnr: OSLO } },
  };
  const found: string[] = [];
  for (let token: string | undefined, turn = 0; token !== ''; turn += 1) {
    const page = { limit: 2, ...(token !== undefined && { token }) };
    const { json } = await ask(agents[turn % 2] as Agent, { client: 'oslo' }, 'POST', '/access/v1/search/subject', { ...search, page });
    found.push(...json.results.map(({ id }: { id: string }) => id));
    token = json.page.next_token;
    if (token === '') break;
    const altered = `${token?.slice(0, -3)}${token?.at(-3) === 'A' ? 'B' : 'A'}${token?.slice(-2)}`;
    const refused = await ask(agents[turn % 2] as Agent, { client: 'oslo' }, 'POST', '/access/v1/search/subject', {
      ...search,
      page: { ...page, token: altered },
    });
    t.equal(refused.status, 400);
  }
  t.equal(new Set(found).size, found.length);
  t.ok(found.length >= own.length);
  const evaluations = [
    ...found.map((id) => ({ type: 'person', id })),
    ...own.map((id) => ({ type: 'person', id })),
    { type: 'person', id: 'x' },
  ].map((subject) => ({ subject }));
  for (const agent of agents) {
    const { json } = await ask(agent, { client: 'fhi' }, 'POST', '/access/v1/evaluations', { ...search, subject: undefined, evaluations });
    t.same(
      json.evaluations.map(({ decision }: { decision: boolean }) => decision),
      evaluations.map((_, i) => i + 1 < evaluations.length),
    );
  }
});

t.test('of 600 refused requests at once exactly 120 are judged, in both workers together (threat 41)', async (t) => {
  const many = new Agent({ keepAlive: true, maxSockets: 32 });
  const stray = () => ask(many, { person: 'person-001' }, 'GET', `${KONSUMENT}/applikasjoner`, undefined, { 'X-Request-Id': 'of-600' });
  const answers = await Promise.all(Array.from({ length: 600 }, stray));
  many.destroy();
  const judged = answers.filter(({ status }) => status === 404).length;
  const refused = answers.filter(({ status, headers }) => status === 429 && Number(headers['retry-after']) > 0).length;
  t.same({ judged, refused }, { judged: 120, refused: 480 });
  const lines = () => logged().filter(({ requestId }) => requestId === 'of-600');
  while (lines().length < 600) await pause(20);
  const workers = new Set(lines().flatMap(({ status, worker }) => (status === 404 ? [worker] : [])));
  t.equal(workers.size, 2);
});

t.test('whoever stays with one worker has the whole limit there', async (t) => {
  const [, two] = await connected();
  const stray = () => ask(two, { person: 'person-002' }, 'GET', `${KONSUMENT}/applikasjoner`);
  const statuses: number[] = [];
  for (let i = 0; i < 122; i += 1) statuses.push((await stray()).status);
  t.same(statuses, [...Array<number>(120).fill(404), 429, 429]);
});

t.test('two imports of an organisation take its places in both workers (fault 5)', async (t) => {
  const [one, two] = await connected();
  const token = await tokenOf(LEADER);
  const head = [`POST ${KONSUMENT}/import HTTP/1.1`, 'Host: x', `Authorization: Bearer ${token}`, 'Content-Type: text/csv'].join('\r\n');
  const line = `app,brukerIdent\n${appId},${persons.pop()}\n`;
  const hanging = [1, 2].map(() => bareConnection(origin));
  // A body is asked for when it is read, and it is read once there is a place.
  for (const { socket } of hanging) socket.write(`${head}\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n`);
  for (const { until } of hanging) t.match(await until(1), [{ status: 100 }]);
  const third = (agent: Agent) => ask(agent, LEADER, 'POST', `${KONSUMENT}/import?proving=true`, line, { 'Content-Type': 'text/csv' });
  const answers = await Promise.all([third(one), third(two)]);
  const refusal = { status: 429, headers: { 'retry-after': '5' } };
  t.match(answers, [refusal, refusal]);
  for (const { socket } of hanging) socket.write(`${Buffer.byteLength(line).toString(16)}\r\n${line}\r\n0\r\n\r\n`);
  for (const { until } of hanging) t.match(await until(2), [{ status: 100 }, { status: 200 }]);
  for (const { socket } of hanging) socket.destroy();
  t.equal((await third(one)).status, 200, 'they are free again');
});

t.test('SIGHUP changes the bundle in all workers, or in none; a successor judges by the one in force', async (t) => {
  const [one, two] = await connected();
  const revisions = async () =>
    Promise.all([one, two].map(async (agent) => (await ask(agent, undefined, 'GET', '/health/ready')).json.parts.policy));
  const tar = gunzipSync(readFileSync(bundle));
  const [before] = await revisions();
  tar.write(REVISION, tar.indexOf(String(before)));
  writeFileSync(bundle, gzipSync(tar));
  running.child.kill('SIGHUP');
  await written(running, running.stdout, new RegExp(`"policyRevision":"${REVISION}","event":"policy loaded again"`));
  t.same(await revisions(), [REVISION, REVISION]);
  writeFileSync(bundle, 'broken');
  running.child.kill('SIGHUP');
  await written(running, running.stdout, /bundle-invalid/);
  t.same(await revisions(), [REVISION, REVISION]);
});

t.test('a worker that is killed is told and replaced; what it has acknowledged is kept, and the other goes on (threat 24)', async (t) => {
  const [one, two] = await connected();
  const brukerIdent = persons.pop() as string;
  t.equal((await give(one, brukerIdent)).status, 201);
  const first = logged().find(({ event, worker }) => event === 'worker ready' && worker === 1);
  process.kill(first?.['pid'] as number, 'SIGKILL');
  t.same(await told(two, brukerIdent), [OSLO]);
  await written(running, running.stdout, /"worker":1,"how":"SIGKILL","event":"worker ended"/);
  t.same(await told(two, brukerIdent), [OSLO]);
  await written(running, running.stdout, /worker ended[\s\S]*"event":"worker ready"/);
  const [again] = await connected();
  t.same(await told(again, brukerIdent), [OSLO]);
  t.equal((await ask(again, undefined, 'GET', '/health/ready')).json.parts.policy, REVISION, 'its file is broken');
});

t.test('SIGTERM turns all red first and resets nobody (threat 43)', async (t) => {
  const statuses: string[] = [];
  let isOver = false;
  const client = async (): Promise<void> => {
    while (!isOver) {
      statuses.push(
        await ask(false, undefined, 'GET', '/health/live').then(
          ({ status, headers }) => `${status} ${headers['connection']}`,
          ({ code }: NodeJS.ErrnoException) => String(code),
        ),
      );
    }
  };
  const clients = Promise.all(Array.from({ length: 12 }, client));
  while (statuses.length < 24) await ask(false, undefined, 'GET', '/health/live');
  running.child.kill('SIGTERM');
  let ready = 200;
  while (ready !== 503) ready = (await ask(false, undefined, 'GET', '/health/ready')).status;
  isOver = true;
  const all = await Promise.all([1, 2, 3, 4].map(() => ask(false, undefined, 'GET', '/health/ready')));
  t.same(
    all.map(({ status }) => status),
    [503, 503, 503, 503],
  );
  await clients;
  t.same(
    statuses.filter((one) => !/^200|^ECONNREFUSED$/.test(one)),
    [],
  );
  const { code, stdout } = await running.ended;
  t.equal(code, 0);
  const events = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).event);
  t.equal(events.at(-1), 'stopped');
  for (const event of ['listening', 'stopping', 'stopped']) t.equal(events.filter((one) => one === event).length, 1, event);
  t.equal(running.stderr().match(/Tilgang listens/g)?.length, 1);
});

t.test('a number of workers that cannot be is told with what can be', async (t) => {
  for (const written of ['0', '-1', 'x', '1000', '2.5', '']) {
    const said = t.capture(process.stderr, 'write', () => true);
    const code = await runCli(['serve', `--workers=${written}`], { version: '0' } as Parameters<typeof runCli>[1]);
    const text = said()
      .map(({ args }) => String(args[0]))
      .join('');
    said.restore();
    t.equal(code, 2, written);
    t.match(text, /--workers.*whole number of processes from 1 to 64, or auto/);
    t.throws(() => loadConfig({ TILGANG_WORKERS: written }), { message: 'TILGANG_WORKERS must be a whole number from 1 to 64, or auto' });
  }
  t.equal(loadConfig({ TILGANG_WORKERS: 'auto' }).workers, 'auto');
  t.equal(loadConfig({}).workers, 1);
});

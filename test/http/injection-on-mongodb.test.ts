// Takes about 25 s.
import { BSONRegExp, Code, MongoClient } from 'mongodb';
import t from 'tap';
import { newPersons } from '../fixtures/demo-folder.js';
import {
  builtDescription,
  type DescribedApi,
  type DescribedOperation,
  describedApis,
  readDescription,
  resolved,
} from '../fixtures/described-apis.js';
import { type Answer, type RunningGateway, runGateway } from '../fixtures/gateway.js';
import { startMongo, whyNoMongo } from '../storage/mongodb-server.js';

/** Stands in all that is sent, and by itself in nothing that the gateway writes. */
const MARK = 'q7xWfremmed';
/** Texts that could become more than texts. */
const TEXTS = [`{"$gt":"${MARK}"}`, `$where ${MARK}`, `${MARK}.b`, `$${MARK}`, `__proto__${MARK}`, `/${MARK}.*/`, `${MARK}'||'1'=='1`];
const named = (name: string, value: unknown): object => Object.fromEntries([[name, value]]);
/** What a body could bring where a text is expected. */
const OBJECTS = [
  { $gt: '' },
  { $ne: MARK },
  { $regex: MARK, $options: 'i' },
  { $where: `return '${MARK}'` },
  { $in: [MARK] },
  named('a.b', MARK),
  named(`$${MARK}`, 1),
  named('__proto__', { $ne: MARK }),
];
/** Every place gets so many of a list, in turn: the operations have more places than a list has members. `make fuzz` gives each place two. */
const EACH = process.env['FUZZ_WHOLE'] === undefined ? 1 : 2;
const turns = new Map<readonly unknown[], number>();
function some<T>(all: readonly T[], count = EACH): readonly T[] {
  const turn = turns.get(all) ?? 0;
  turns.set(all, turn + count);
  return Array.from({ length: count }, (_, i) => all[(turn + i) % all.length] as T);
}
/** What any operation reads of its headers is read alike by all, before the operation: what goes on to it goes with every request, the rest comes once. */
const TO_ALL = ['X-Request-Id', 'Accept-Language'];
const ENDING = ['Accept', 'Content-Type', 'Authorization'];

/** Of a query or a command, none of ours. */
const FOREIGN = [
  '$where',
  '$regex',
  '$options',
  '$function',
  '$accumulator',
  '$expr',
  '$ne',
  '$jsonSchema',
  '__proto__',
  'constructor',
  'a.b',
];
const REFUSALS = [400, 404, 422];
/** Before the body is looked at, or because of what it asks for. */
const OTHER_REFUSALS = [403, 409, 412, 413, 415, 428];

/** Where in a command stands what came from outside as something else than a text. */
function foreignIn(value: unknown, path = ''): readonly string[] {
  if (value instanceof RegExp || value instanceof BSONRegExp || value instanceof Code) return [`${path}: a pattern or code`];
  if (Array.isArray(value)) return value.flatMap((one, i) => foreignIn(one, `${path}.${i}`));
  if (typeof value === 'string') {
    // A whole text of the caller's right under an operator: ours stand behind the name of their entity.
    const isBare = /\.\$[^.]*$/.test(path) && (value === MARK || TEXTS.includes(value));
    return isBare ? [`${path}: a text from outside by itself`] : [];
  }
  if (value === null || typeof value !== 'object' || value.constructor !== Object) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(FOREIGN.includes(name) || name.includes(MARK) ? [`${path}.${name}`] : []),
    ...foreignIn(inner, `${path}.${name}`),
  ]);
}

/** All commands that this process sends to MongoDB from now on, as the driver tells of them. */
function watchCommands(): unknown[] {
  const commands: unknown[] = [];
  const { connect } = MongoClient.prototype;
  MongoClient.prototype.connect = function watched(this: MongoClient) {
    this.on('commandStarted', ({ command }) => commands.push(command));
    return connect.call(this);
  };
  t.teardown(() => {
    MongoClient.prototype.connect = connect;
  });
  return commands;
}

type Schema = Readonly<Record<string, unknown>>;
type Place = readonly (string | number)[];

/** Every place of a schema, at any depth. */
function placesOf(document: unknown, schema: unknown, at: Place = []): readonly Place[] {
  const { properties = {}, items, additionalProperties, ...rest } = (resolved(document, schema) ?? {}) as Schema;
  const inner: [string | number, unknown][] = Object.entries(properties as object);
  if (items !== undefined) inner.push([0, items]);
  if (typeof additionalProperties === 'object') inner.push(['nb', additionalProperties]);
  const alternatives = ['allOf', 'anyOf', 'oneOf'].flatMap((name) => (rest[name] ?? []) as unknown[]);
  const found = [
    ...inner.flatMap(([name, one]) => [[...at, name], ...placesOf(document, one, [...at, name])]),
    ...alternatives.flatMap((one) => placesOf(document, one, at)),
  ];
  return [...new Map(found.map((place) => [place.join('/'), place])).values()];
}

/** The value with another one at a place; what is not there is made. */
function withAt(value: unknown, [first, ...rest]: Place, put: unknown): unknown {
  if (first === undefined) return put;
  if (typeof first === 'number') return [withAt(Array.isArray(value) ? value[0] : undefined, rest, put)];
  const object = (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}) as Record<string, unknown>;
  return { ...object, [first]: withAt(object[first], rest, put) };
}

/** A request, and whether what it brings can only be refused. */
interface Hostile {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isRefused: boolean;
}

function hostilesOf(document: Schema, { ids, queries }: DescribedApi, operation: DescribedOperation): readonly Hostile[] {
  const { path: template, method, body, operationId } = operation;
  const item = (document['paths'] as Record<string, Record<string, Schema>>)[template] ?? {};
  const described = item[method.toLowerCase()] ?? {};
  const parameters = [...((item['parameters'] ?? []) as unknown[]), ...((described['parameters'] ?? []) as unknown[])].map(
    (one) => resolved(document, one) as { readonly in: string; readonly name: string },
  );
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_, id: string) => ids[id]?.own ?? '');
  const path = filled(template + (queries[operationId] ?? ''));
  const and = path.includes('?') ? '&' : '?';
  const type = { 'Content-Type': body?.type ?? 'application/json' };
  const common = body === undefined ? { path } : { path, headers: type, body: body.text };
  const namesIn = (place: string): string[] => parameters.filter((one) => one.in === place).map(({ name }) => name);

  const inPaths = [...template.matchAll(/\{(\w+)\}/g)].flatMap(([whole]) =>
    some(TEXTS).map((text) => ({
      ...common,
      path: filled(template.replace(whole, encodeURIComponent(text))),
      // Of nobody there is nothing to remove; and what could be a name, or any text, may be one by now: an operation before has sent it.
      isRefused: method !== 'DELETE' && !/Ref}$/.test(whole) && !/^[\w.-]+$/.test(text),
    })),
  );
  const inQueries = namesIn('query').flatMap((name) => [
    ...some(TEXTS).map((text) => ({ ...common, path: `${path}${and}${name}=${encodeURIComponent(text)}`, isRefused: false })),
    ...some([`${name}[$ne]=${MARK}`, `${name}.$where=${MARK}`, `${name}[]=${MARK}`], 1).map((text) => ({
      ...common,
      path: `${path}${and}${text}`,
      isRefused: false,
    })),
  ]);
  const withHeaders = (names: readonly string[]): readonly Hostile[] =>
    some(TEXTS).map((text) => ({
      ...common,
      headers: { ...type, ...Object.fromEntries(names.map((name) => [name, text])) },
      isRefused: false,
    }));
  const inHeaders = [...namesIn('header').map((name) => [name]), TO_ALL, ...some(ENDING, 1).map((name) => [name])].flatMap(withHeaders);
  if (body === undefined || !/json$/.test(body.type)) return [...inPaths, ...inQueries, ...inHeaders];
  const request = resolved(document, described['requestBody']) as {
    readonly content: Readonly<Record<string, { readonly schema: unknown }>>;
  };
  const example: unknown = JSON.parse(body.text);
  const schema = resolved(document, request.content[body.type]?.schema) as Schema;
  const places = placesOf(document, schema);
  const isClosed = schema['additionalProperties'] === false;
  const sent = (value: unknown, isRefused: boolean): Hostile => ({ path, headers: type, body: JSON.stringify(value), isRefused });
  const inBodies = places.flatMap((place) => [
    ...some(OBJECTS).map((object) => sent(withAt(example, place, object), true)),
    ...some(TEXTS).map((text) => sent(withAt(example, place, text), false)),
  ]);
  const beside = some(OBJECTS).map((object) => sent({ ...(example as object), ...object, ...named('a.b', MARK) }, isClosed));
  return [...inPaths, ...inQueries, ...inHeaders, ...inBodies, ...beside, ...some(OBJECTS).map((object) => sent(object, true))];
}

/** Whose questions may hold whatever the asker knows: an object there is no mistake. */
const OF_ANY_OBJECT: ReadonlySet<string> = new Set([
  'evaluation',
  'evaluations',
  'searchResource',
  'searchAction',
  'searchSubject',
  'getData',
  'postData',
  'postBatch',
  'postDefault',
]);

/** What is wrong with the answers, some of them asked for at once. */
async function faultsOf(
  gateway: RunningGateway,
  api: DescribedApi,
  base: string,
  { method, operationId }: DescribedOperation,
  hostiles: readonly Hostile[],
) {
  const faults: string[] = [];
  // What is removed is not there for the next.
  const condition = { 'If-Match': method === 'DELETE' ? '"999"' : '*' };
  const ask = async ({ path, headers, body, isRefused }: Hostile): Promise<void> => {
    const { status, json }: Answer = await gateway.send(api.holder, method, base + path, body, { ...condition, ...headers });
    const isWell =
      isRefused && !OF_ANY_OBJECT.has(operationId)
        ? [...REFUSALS, ...OTHER_REFUSALS].includes(status)
        : status < 500 || json?.responses !== undefined;
    if (!isWell) faults.push(`${status} ${operationId} ${path} ${JSON.stringify(headers)} ${body ?? ''}`);
  };
  for (let i = 0; i < hostiles.length; i += 16) await Promise.all(hostiles.slice(i, i + 16).map(ask));
  return faults;
}

t.setTimeout(300_000);
const missing = whyNoMongo();
void t.test(
  'no operator, dotted name or pattern that is sent reaches MongoDB, from whichever place of any operation (threat 26)',
  { skip: missing ?? false },
  async (t) => {
    const server = await startMongo();
    t.teardown(() => server.stop());
    const commands = watchCommands();
    const { SUITE_MONGODB_URI: before } = process.env;
    t.teardown(() => {
      // For the files behind this one in its process.
      if (before === undefined) delete process.env['SUITE_MONGODB_URI'];
      else process.env['SUITE_MONGODB_URI'] = before;
    });
    process.env['SUITE_MONGODB_URI'] = `${server.freshUri()}&monitorCommands=true`;
    const gateway = await runGateway(t, { refusalsPerMinute: 1e6, lookUpsPerMinute: 1e6 });
    t.ok(commands.length > 0, 'commands are watched');
    for (const [name, value] of [
      ['$where', ''],
      ['filter', { i: { $gt: MARK } }],
      ['filter', { $or: [{ [`a${MARK}`]: 1 }] }],
      ['q', /./],
    ] as const) {
      t.not(foreignIn({ find: 'documents', [name]: value }).length, 0, 'and what is foreign is seen');
    }

    for (const [name, make] of Object.entries(describedApis)) {
      // The same description, asked by somebody else.
      if (name.includes(', by')) continue;
      const api = await make(gateway);
      const document = builtDescription(api.description) as Schema;
      const { base, operations } = readDescription(api);
      commands.length = 0;
      for (const operation of operations) {
        const hostiles = hostilesOf(document, api, operation);
        t.same(await faultsOf(gateway, api, base, operation, hostiles), [], `${operation.operationId}, ${hostiles.length} requests`);
        t.same([...new Set(commands.flatMap((command) => foreignIn(command)))], [], `${operation.operationId}, on the wire`);
        commands.length = 0;
      }
    }

    await t.test('nor from a line of a file', async (t) => {
      const [person = ''] = newPersons(1, gateway.world);
      const { appId } = gateway.world.first;
      const fields = { app: appId, brukerIdent: person, orgnr: '958935420', roles: 'use', from: '', until: '', reason: '' };
      const send = (body: string, type: string): Promise<Answer> =>
        gateway.send({ person: 'oslo-leder' }, 'POST', '/konsument-bruker/api/v1/organisasjoner/958935420/import', body, {
          'Content-Type': type,
        });
      const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      const names = Object.keys(fields);
      const cells = names.flatMap((name) =>
        TEXTS.map((text) =>
          Object.values({ ...fields, [name]: text })
            .map(quoted)
            .join(','),
        ),
      );
      const csv = await send([names.join(','), ...cells].join('\n'), 'text/csv');
      t.match(csv, { status: 200, json: { linjer: cells.length } });
      t.match((await send([names.map((name) => `$${name}.b`).join(','), ...cells].join('\n'), 'text/csv')).status, 200);
      const objects = names.flatMap((name) => OBJECTS.map((object) => JSON.stringify({ ...fields, [name]: object })));
      t.match(await send(objects.join('\n'), 'application/jsonl'), { status: 200, json: { linjer: objects.length, feil: objects.length } });
      t.ok(commands.length > 0);
      t.same([...new Set(commands.flatMap((command) => foreignIn(command)))], []);
    });
  },
);

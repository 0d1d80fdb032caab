import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { parse } from 'yaml';
import { isFault, parsePersonNumber } from '#domain';
import { type Answer, runGateway } from '../fixtures/gateway.js';

interface Described {
  readonly schema: object;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface DescribedAnswer {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, Described>>;
}
interface Description {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string;
            readonly parameters?: readonly { readonly name: string; readonly example?: string }[];
            readonly requestBody: { readonly content: Readonly<Record<string, Described>> };
            readonly responses: Readonly<Record<string, DescribedAnswer>>;
          }
        >
      >
    >
  >;
  readonly components: { readonly responses: Readonly<Record<string, DescribedAnswer>> };
}

const description = parse(readFileSync('src/http/tilgang/openapi.yaml', 'utf8')) as Description;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ajv = new Ajv2020({ allErrors: true, strict: false, formats: { uuid: UUID } });
ajv.addSchema(description, 'openapi');
const pointer = (steps: readonly string[]): string =>
  steps.map((step) => `/${encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
const faultsOf = (steps: readonly string[], value: unknown): string => {
  const validate = ajv.compile({ $ref: `openapi#${pointer(steps)}` });
  return validate(value) ? '' : ajv.errorsText(validate.errors);
};

const gateway = await runGateway(t, { bodyTimeoutMs: 500 });
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const asked = operations.find(({ operation }) => operation.operationId === 'finnTilganger');
if (asked === undefined) throw new TypeError('the operation is gone');

/** What is wrong with an answer by the description of its operation; empty if nothing. */
function faultsOfAnswer({ status, headers, json }: Answer): string {
  const where = ['paths', asked?.path ?? '', asked?.method ?? ''];
  const described = asked?.operation.responses[String(status)];
  if (described === undefined) return `${status} is not described`;
  const named = described.$ref?.split('/').at(-1);
  const answer = named === undefined ? described : description.components.responses[named];
  const steps = named === undefined ? [...where, 'responses', String(status)] : ['components', 'responses', named];
  const type = (headers.get('content-type') ?? '').split(';')[0] as string;
  if (answer?.content?.[type] === undefined) return `${type} is not described for ${status}`;
  for (const header of Object.keys(answer.headers ?? {})) if (!headers.has(header)) return `${header} is missing`;
  return faultsOf([...steps, 'content', type, 'schema'], json);
}

t.test('openapi.json is the committed description', async (t) => {
  const { status, json, headers } = await gateway.get(`${description.servers[0]?.url}/openapi.json`);
  t.equal(status, 200);
  t.match(headers.get('content-type'), /^application\/json/);
  t.same(json, description);
});

t.test('each example fits the schema it stands under', async (t) => {
  let count = 0;
  for (const { path, method, operation } of operations) {
    const bodies: [string[], Readonly<Record<string, Described>>][] = [[['requestBody', 'content'], operation.requestBody.content]];
    for (const [status, { content }] of Object.entries(operation.responses)) {
      if (content !== undefined) bodies.push([['responses', status, 'content'], content]);
    }
    for (const [steps, content] of bodies) {
      for (const [type, { examples = {} }] of Object.entries(content)) {
        for (const [name, { value }] of Object.entries(examples)) {
          count += 1;
          t.equal(faultsOf(['paths', path, method, ...steps, type, 'schema'], value), '', `${operation.operationId} ${steps[1]} ${name}`);
        }
      }
    }
  }
  t.ok(count >= 3, `${count} examples`);
});

t.test('each example of a request is answered as described, by 200 for an own application', async (t) => {
  for (const [name, { value }] of Object.entries(asked.operation.requestBody.content['application/json']?.examples ?? {})) {
    const answer = await gateway.ask(gateway.world.first.appId, value);
    t.equal(answer.status, 200, name);
    t.equal(faultsOfAnswer(answer), '', name);
    t.notOk(isFault(parsePersonNumber((value as { brukerIdent: string }).brukerIdent)), 'the person number is valid');
    t.ok(Number((value as { brukerIdent: string }).brukerIdent.slice(2, 4)) > 80, 'and synthetic');
    const described = asked.operation.parameters?.find(({ name: parameter }) => parameter === 'appId')?.example ?? '';
    const elsewhere = await gateway.ask(described, value);
    t.equal(elsewhere.status, 404, 'the example of an App-ID is nobody’s');
    t.equal(faultsOfAnswer(elsewhere), '');
  }
});

t.test('what is answered about persons of the demo world is as described', async (t) => {
  for (const { brukerIdent } of gateway.world.persons.slice(0, 100)) {
    t.equal(faultsOfAnswer(await gateway.ask(gateway.world.first.appId, { brukerIdent })), '');
  }
});

t.test('each problem that can be provoked is as described', async (t) => {
  const { appId, brukerIdent } = gateway.world.first;
  const body = { brukerIdent };
  const down = await runGateway(t, {
    issuers: [{ issuer: 'http://127.0.0.1:1/', kind: 'maskinporten', audience: 'a', algorithms: ['RS256'] }],
  });
  const ofNobody = `${[{ alg: 'RS256', kid: 'k' }, { iss: 'http://127.0.0.1:1/' }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.AAAA`;
  const provoked: readonly [status: number, answer: Promise<Answer>][] = [
    [400, gateway.ask(appId, '{')],
    [400, gateway.ask(appId, [])],
    [400, gateway.ask(appId, { brukerIdent: '12345678901' })],
    [400, gateway.ask(appId, '['.repeat(100))],
    [401, gateway.ask(appId, body, { token: null })],
    [401, gateway.ask(appId, body, { token: 'x' })],
    [401, gateway.ask(appId, body, { token: await gateway.tokenOf({ client: 'fhi' }, -60) })],
    [403, gateway.ask(appId, body, { token: await gateway.tokenOf({ person: 'person-001' }) })],
    [404, gateway.ask(appId, body, { token: await gateway.tokenOf({ client: 'fremmed' }) })],
    [413, gateway.ask(appId, ' '.repeat(70_000))],
    [415, gateway.ask(appId, body, { headers: { 'Content-Type': 'text/plain' } })],
    [503, down.ask(appId, body, { token: ofNobody })],
  ];
  for (const [status, answer] of provoked) {
    t.equal((await answer).status, status);
    t.equal(faultsOfAnswer(await answer), '', (await answer).json?.type);
    const told = await gateway.get((await answer).json?.type);
    t.match(told.json, { status, title: (await answer).json?.title }, 'its type leads to what to do');
  }
});

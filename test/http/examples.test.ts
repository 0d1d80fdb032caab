// Takes about 12 s.
import t from 'tap';
import { isFault, parsePersonNumber } from '#domain';
import { readAnswerDescription } from '../fixtures/described-answers.js';
import { bodyText, describedApis, readDescription } from '../fixtures/described-apis.js';
import { type Answer, runGateway } from '../fixtures/gateway.js';

t.setTimeout(300_000);

/** Examples (`operationId name`) that are refused when all are sent one after another, and why. */
const REFUSED: Readonly<Record<string, { readonly status: number; readonly reason: string }>> = {
  'giTilgang tilDato': { status: 409, reason: 'the example before has given the same person access on other terms' },
  'lastOppRegelpakke ingenPakke': { status: 422, reason: 'bytes of a bundle do not stand in a description' },
  'hentToken ukjentKlient': { status: 400, reason: 'what is signed does not stand in a description' },
  forward: { status: 400, reason: 'a proxy asks with two tokens: test/http/authzen/forward.test.ts' },
  'godkjenn godkjent': { status: 409, reason: 'the moment of a comparison does not stand in a description' },
  rejectRequest: { status: 409, reason: 'it has been approved' },
  rejectAgentRequest: { status: 409, reason: 'it has been approved' },
  rejectChange: { status: 409, reason: 'it has been approved' },
  'addOwnScopes mva': { status: 400, reason: 'the system is a vendor’s, who keeps its client: test/http/systembruker/own.test.ts' },
  bekreftInnstillinger: { status: 409, reason: 'nothing waits for a second person' },
};
const described = readAnswerDescription('src/http/tilgang/openapi.yaml');

/** By APIs whose examples end what others ask about: each has a gateway of its own. */
const ENDING = ['tilbyder', 'tilbyder, by a person', 'konsument', 'users'];
const shared = await runGateway(t, { lookUpsPerMinute: 1e6, refusalsPerMinute: 1e6 });

for (const [name, describe] of Object.entries(describedApis)) {
  t.test(`${name}: the description and its examples hold`, async (t) => {
    const gateway = ENDING.includes(name) ? await runGateway(t, { lookUpsPerMinute: 1e6, refusalsPerMinute: 1e6 }) : shared;
    const api = await describe(gateway);
    const { document, examples, requestExamples, faultsOf } = readAnswerDescription(api.description);
    const { base, servedAt, operations } = readDescription(api);

    await t.test('openapi.json is the committed description', async (t) => {
      const { status, json, headers } = await gateway.get(`${base}${servedAt}`);
      t.equal(status, 200);
      t.match(headers.get('content-type'), /^application\/json/);
      t.same(json, document);
    });

    await t.test('each example fits the schema it stands under, and names nobody', async (t) => {
      for (const { at, value, faults } of examples) {
        t.equal(faults, '', at);
        for (const [number] of JSON.stringify(value).matchAll(/(?<![0-9A-Za-z-])[0-9]{11}(?![0-9A-Za-z-])/g)) {
          t.notOk(isFault(parsePersonNumber(number)), `${at}: the person number is valid`);
          t.ok(Number(number.slice(2, 4)) > 80, 'and synthetic');
        }
      }
      t.ok(examples.length >= 3, `${examples.length} examples`);
      t.same(
        operations.filter(({ isBodyNeeded, body }) => isBodyNeeded && body === undefined).map(({ operationId }) => operationId),
        [],
        'every body that is needed has an example',
      );
    });

    await t.test('each operation, with each example of its request, is answered as described', async (t) => {
      const filled = (template: string): string => template.replace(/\{([^}]+)\}/g, (_, id: string) => api.ids[id]?.own ?? '');
      const { send } = gateway;
      // The deepest first, since what is above may change or delete it; and all that deletes comes last.
      const rank = ({ method, path }: (typeof operations)[number]): number =>
        (method === 'DELETE' ? 1000 : 0) - path.length - (method === 'PUT' ? 0.5 : 0);
      const byRank = [...operations].sort((a, b) => rank(a) - rank(b));
      let count = 0;
      for (const operation of byRank) {
        const { operationId, method, path, isOpen } = operation;
        const sent = requestExamples.filter((one) => one.operationId === operationId);
        for (const example of sent.length > 0 ? sent : [undefined]) {
          const what = example === undefined ? operationId : `${operationId} ${example.name}`;
          const answer = await send(
            isOpen ? null : api.holder,
            method,
            filled(`${base}${path}${api.queries[operationId] ?? ''}`),
            example === undefined ? undefined : bodyText(example.type, example.value),
            {
              ...(example === undefined ? {} : { 'Content-Type': example.type }),
              'If-Match': '*',
            },
          );
          count += 1;
          const status = api.neverForHolder.includes(operationId) ? 403 : REFUSED[what]?.status;
          if (status === undefined) t.ok(answer.status >= 200 && answer.status < 300, `${what} as ${example?.type}: ${answer.status}`);
          else t.equal(answer.status, status, `${what}: ${REFUSED[what]?.reason ?? 'not for this holder'}`);
          t.equal(faultsOf(operationId, answer), '', what);
        }
      }
      t.comment(`${name}: ${count} requests`);
    });
  });
}

t.test('the example of an App-ID is nobody’s', async (t) => {
  const gateway = await runGateway(t);
  const exampleAppId = described.examples.find(({ at }) => /parameters/.test(at))?.value as string;
  for (const { value } of described.requestExamples) {
    const elsewhere = await gateway.ask(exampleAppId, value);
    t.equal(elsewhere.status, 404);
    t.equal(described.faultsOf('finnTilganger', elsewhere), '');
  }
});

t.test('what is answered about persons of the demo world is as described', async (t) => {
  const gateway = await runGateway(t);
  for (const { brukerIdent } of gateway.world.persons.slice(0, 100)) {
    t.equal(described.faultsOf('finnTilganger', await gateway.ask(gateway.world.first.appId, { brukerIdent })), '');
  }
});

t.test('each problem that can be provoked is as described', async (t) => {
  const gateway = await runGateway(t, { bodyTimeoutMs: 500 });
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
    t.equal(described.faultsOf('finnTilganger', await answer), '', (await answer).json?.type);
    const told = await gateway.get((await answer).json?.type);
    t.match(told.json, { status, title: (await answer).json?.title }, 'its type leads to what to do');
  }
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runCommand } from '../fixtures/command.js';
import { describedApis } from '../fixtures/described-apis.js';
import { runGateway, temporaryFolder } from '../fixtures/gateway.js';
import { readDescription } from '../fixtures/described-apis.js';

/** What every object has, sent as a name or as one of the words of a list. */
const WORDS = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
const gateway = await runGateway(t, { refusalsPerMinute: 1_000_000, lookUpsPerMinute: 1_000_000 });

for (const [name, make] of Object.entries(describedApis)) {
  t.test(`${name}: a word that every object has is a word like others, wherever it is sent (threat 54, fault 16)`, async (t) => {
    const api = await make(gateway);
    const { base, operations } = readDescription(api.description);
    const faults: string[] = [];
    const ask = async (method: string, path: string, body: unknown, headers: Record<string, string>): Promise<void> => {
      const { status } = await gateway.send(api.holder, method, base + path, body, { 'If-Match': '"999"', ...headers });
      if (status >= 500) faults.push(`${status} ${method} ${path} ${JSON.stringify(body)} ${JSON.stringify(headers)}`);
    };
    for (const { method, path, query, fields } of operations) {
      const own = path.replace(/\{(\w+)\}/g, (_, id: string) => api.ids[id]?.own ?? 'x');
      for (const word of WORDS) {
        const body = method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify(Object.fromEntries(fields.map((field) => [field, word])));
        await ask(method, path.replace(/\{\w+\}/g, word), body, { 'Content-Type': 'application/json' });
        await ask(method, `${own}?${word}=${word}`, body, { 'Content-Type': 'application/json' });
        for (const one of query) await ask(method, `${own}?${one}=${word}`, body, { 'Content-Type': 'application/json' });
        if (body === undefined) continue;
        for (const type of ['application/json', 'text/csv', 'image/png', 'application/jsonl']) await ask(method, own, body, { 'Content-Type': `${type}; charset=${word}` });
        await ask(method, own, body, { 'Content-Type': `${word}/${word}`, 'Content-Encoding': word });
        await ask(method, own, body, { 'Content-Type': 'application/json', 'Idempotency-Key': `${word}-${word}`, 'If-Match': word });
        await ask(method, own, `{"${word}":"${word}"}`, { 'Content-Type': 'application/json' });
        await ask(method, own, `{"${word}":{"${word}":{}}}`, { 'Content-Type': 'application/merge-patch+json' });
      }
    }
    t.same(faults, []);
    t.notOk(Object.hasOwn(Object.prototype, 'constructor-of-a-body'));
  });
}

t.test('such a word is no column, no value and no claim that means something (threat 54, fault 16)', async (t) => {
  const path = '/konsument-bruker/api/v1/organisasjoner/958935420/import?proving=true';
  for (const word of WORDS) {
    const columns = await gateway.send({ client: 'oslo' }, 'POST', path, `app,${word}\n${word},${word}\n`, { 'Content-Type': 'text/csv' });
    t.match(columns, { status: 200, json: { linjer: 1, feil: 1 } }, word);
    const names = 'app,brukerIdent,kommune,orgnr,roles,from,until,reason';
    const values = await gateway.send({ client: 'oslo' }, 'POST', path, `${names}\n${names.replace(/\w+/g, word)}\n`, { 'Content-Type': 'text/csv' });
    t.match(values, { status: 200, json: { linjer: 1, feil: 1 } }, word);
    const lines = await gateway.send({ client: 'oslo' }, 'POST', path, `{"${word}":"${word}","app":"${word}"}\n`, { 'Content-Type': 'application/jsonl' });
    t.match(lines, { status: 200, json: { linjer: 1, feil: 1 } }, word);

    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const tokens = [
      `${part({ alg: word, kid: word })}.${part({ iss: word })}.AAAA`,
      `${part({ alg: 'RS256', kid: word })}.${part({ iss: `${gateway.origin}/maskinporten/` })}.AAAA`,
      await gateway.keys.sign({ iss: `${gateway.origin}/maskinporten/`, aud: gateway.origin, client_id: word, scope: word, consumer: word }, { expiresInSeconds: 60, now: Date.now() }),
    ];
    for (const token of tokens) t.equal((await gateway.ask(gateway.world.first.appId, {}, { token })).status, 401, word);
  }
});

t.test('such a word is no command, no format and no line of a file (threat 54, fault 16)', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'orgs.csv');
  writeFileSync(file, 'orgnr,name,kommunenummer,fiksOrgId,roles\n991825827,constructor,__proto__,toString,constructor\n');
  const env = { TILGANG_DATA: join(folder, 'data') };
  for (const args of [['constructor'], ['grants', '__proto__'], ['orgs', 'import', file, '--format', 'constructor']]) {
    t.equal((await runCommand(args, env)).code, 2, args.join(' '));
  }
  t.match(await runCommand(['orgs', 'import', file], env), { code: 1, stderr: /line 2: kommunenummer/ });
});

// Takes about 11 s.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runInside } from '../fixtures/command-inside.js';
import { builtDescription, describedApis, readDescription, resolved } from '../fixtures/described-apis.js';
import { runGateway, temporaryFolder } from '../fixtures/gateway.js';

/** What every object has, sent as a name or as one of the words of a list. */
const WORDS = ['constructor', '__proto__'];
const gateway = await runGateway(t, { refusalsPerMinute: 1_000_000, lookUpsPerMinute: 1_000_000 });

for (const [name, make] of Object.entries(describedApis)) {
  // The same description, asked by somebody else.
  if (name.includes('machine')) continue;
  t.test(`${name}: a word that every object has is a word like others, wherever it is sent (threat 54, fault 16)`, async (t) => {
    const api = await make(gateway);
    const { base, operations } = readDescription(api);
    const document = builtDescription(api.description) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters?: readonly unknown[] }>>>>;
    };
    const queriesOf = (path: string, method: string): string[] => {
      const { [method.toLowerCase()]: operation, parameters } = document.paths[path] ?? {};
      return [...((parameters as readonly unknown[] | undefined) ?? []), ...(operation?.parameters ?? [])]
        .map((one) => resolved(document, one) as { readonly in: string; readonly name: string })
        .flatMap((one) => (one.in === 'query' ? [one.name] : []));
    };
    const broken: string[] = [];
    const ask = async (method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<void> => {
      const { status, json } = await gateway.send(api.holder, method, base + path, body, { 'If-Match': '"999"', ...headers });
      // A batch in which every question has failed is answered so, question by question.
      const isBatch = status === 500 && Object.values(json?.responses ?? {}).length > 0;
      if (status >= 500 && !isBatch) broken.push(`${status} ${method} ${path} ${body} ${JSON.stringify(headers)}`);
    };
    for (const [at, { method, path, body }] of operations.entries()) {
      const own = path.replace(/\{(\w+)\}/g, (_, id: string) => api.ids[id]?.own ?? 'x');
      const type = { 'Content-Type': body?.type ?? 'application/json' };
      const example = /json$/.test(type['Content-Type']) ? (JSON.parse(body?.text ?? '{}') as object) : {};
      // In turn: each word is sent in every way to half of the operations.
      const word = WORDS[at % WORDS.length] as string;
      await ask(method, path.replace(/\{\w+\}/g, word), body?.text, type);
      await ask(method, `${own}?${word}=${word}`, body?.text, type);
      for (const query of queriesOf(path, method)) await ask(method, `${own}?${query}=${word}`, body?.text, type);
      if (body === undefined) continue;
      for (const sent of [body.type, 'application/json', 'text/csv', 'image/png']) {
        await ask(method, own, body.text, { 'Content-Type': `${sent}; charset=${word}` });
      }
      await ask(method, own, body.text, { 'Content-Type': `${word}/${word}`, 'Content-Encoding': word });
      await ask(method, own, body.text, { ...type, 'Idempotency-Key': `${word}-${word}`, 'If-Match': word });
      for (const field of Object.keys(example)) {
        for (const value of [word, { [word]: word }]) await ask(method, own, JSON.stringify({ ...example, [field]: value }), type);
      }
      await ask(method, own, `{"${word}":{"${word}":"${word}"}}`, type);
    }
    t.same(broken, []);
  });
}

t.test('such a word is no column, no value and no claim that means something (threat 54, fault 16)', async (t) => {
  const path = '/konsument-bruker/api/v1/organisasjoner/958935420/import?proving=true';
  for (const word of WORDS) {
    const columns = await gateway.send({ client: 'oslo' }, 'POST', path, `app,${word}\n${word},${word}\n`, { 'Content-Type': 'text/csv' });
    t.match(columns, { status: 200, json: { linjer: 1, feil: 1 } }, word);
    const names = 'app,brukerIdent,kommune,orgnr,roles,from,until,reason';
    const values = await gateway.send({ client: 'oslo' }, 'POST', path, `${names}\n${names.replace(/\w+/g, word)}\n`, {
      'Content-Type': 'text/csv',
    });
    t.match(values, { status: 200, json: { linjer: 1, feil: 1 } }, word);
    const lines = await gateway.send({ client: 'oslo' }, 'POST', path, `{"${word}":"${word}","app":"${word}"}\n`, {
      'Content-Type': 'application/jsonl',
    });
    t.match(lines, { status: 200, json: { linjer: 1, feil: 1 } }, word);

    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const tokens = [
      `${part({ alg: word, kid: word })}.${part({ iss: word })}.AAAA`,
      `${part({ alg: 'RS256', kid: word })}.${part({ iss: `${gateway.origin}/maskinporten/` })}.AAAA`,
      await gateway.keys.sign(
        { iss: `${gateway.origin}/maskinporten/`, aud: gateway.origin, client_id: word, scope: word, consumer: word },
        { expiresInSeconds: 60, now: Date.now() },
      ),
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
    t.equal((await runInside(args, env)).code, 2, args.join(' '));
  }
  t.match(await runInside(['orgs', 'import', file], env), { code: 1, stderr: /line 2: kommunenummer/ });
});

import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { BuiltinError, type Evaluation, loadBuiltins, loadOutside, readRego, type Term, writeJson } from '#policy';

const { ownBuiltins } = await loadBuiltins();

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** A server in a thread of its own: the caller of http.send is blocked while it waits. */
const SERVER = `
const { parentPort } = require('node:worker_threads');
let count = 0;
const server = require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    count += 1;
    response.writeHead(201, { 'content-type': 'application/json', 'x-n': ['1', '2'] });
    response.end(JSON.stringify({ count, body, method: request.method, a: request.headers['x-a'] }));
  });
}).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

t.test('http.send answers as OPA does, once in an evaluation, from a thread that may wait', async (t) => {
  const worker = new Worker(SERVER, { eval: true });
  t.teardown(() => worker.terminate());
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const { openOutside } = await loadOutside();
  const outside = openOutside({ hosts: ['127.0.0.1', '127.0.0.2'], networks: LOOPBACK });
  t.teardown(() => outside.close());
  const made = new Map<string, unknown>();
  const evaluation: Evaluation = {
    nowNs: 0n,
    once(key, make) {
      if (!made.has(key)) made.set(key, make());
      return made.get(key) as ReturnType<typeof make>;
    },
  };
  const call = (name: string, args: string): string | undefined => {
    try {
      return writeJson(outside.builtins[name]?.(readRego(`[${args}]`) as readonly Term[], evaluation) as Term);
    } catch (cause) {
      if (cause instanceof BuiltinError) return undefined;
      throw cause;
    }
  };
  const post = `"method": "post", "url": "http://127.0.0.1:${port}/", "headers": {"X-A": "b"}`;
  const answer = call('http.send', `{${post}, "body": {"b": {1}, "a": 1.50}}`) ?? '';
  t.match(answer, '"body":{"a":"b","body":"{\\"a\\":1.50,\\"b\\":[1]}","count":1,"method":"POST"}');
  t.match(answer, '"status":"201 Created","status_code":201');
  t.match(answer, '"x-n":["1","2"]');
  t.equal(call('http.send', `{${post}, "body": {"b": {1}, "a": 1.50}}`), answer, 'the same request');
  t.match(call('http.send', `{${post}, "raw_body": "x", "cache": true}`), '"count":2');
  t.match(
    call('http.send', `{"method": "get", "url": "http://127.0.0.1:1/", "raise_error": false}`),
    '{"error":{"code":"eval_http_send_network_error"',
  );
  t.equal(call('http.send', `{"method": "get", "url": "http://127.0.0.1:1/"}`), undefined);
  t.equal(call('http.send', `{"method": "get"}`), undefined);
  for (const odd of [
    '"tls_ca_cert_file": "/etc/passwd"',
    '"tls_client_key_env_variable": "HOME"',
    '"tls_insecure_skip_verify": true',
    '"headers": {"Host": "x"}',
    '"headers": {"a": 1}',
    '"timeout": "x"',
    '"q": 1',
  ]) {
    t.equal(call('http.send', `{"method": "get", "url": "http://127.0.0.1:${port}/", ${odd}}`), undefined, odd);
  }
  t.equal(call('net.lookup_ip_addr', '"127.0.0.2"'), '["127.0.0.2"]');
  t.equal(call('net.lookup_ip_addr', '"127.0.0.3"'), undefined, 'not allowed');
});

t.test('inline, a bundle has neither', async (t) => {
  t.same(
    ['http.send', 'net.lookup_ip_addr'].filter((name) => Object.hasOwn(ownBuiltins, name)),
    [],
  );
});

t.test('what reaches out, and the sixty files of built-ins, are no part of what a gateway loads at its start', (t) => {
  const seen = new Set<string>();
  const follow = (file: URL): void => {
    if (seen.has(file.pathname)) return;
    seen.add(file.pathname);
    for (const [, to] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) [^;]*?from '(\.[^']+)'/gm))
      follow(new URL(to as string, file));
  };
  follow(new URL('../../dist/policy/index.js', import.meta.url));
  const names = [...seen].map((path) => path.replace(/^.*\/dist\/policy\//, ''));
  t.ok(names.includes('sources/http-source.js'), 'the files are found');
  t.same(
    names.filter((name) => /open-outside|^builtins\/(index|jwt|graphql)/.test(name)),
    [],
  );
  t.end();
});

import { present } from '#domain';
import type { OutsideRequest } from '#fetching';
import { RegoNumber, RegoObject, type Term } from '../terms/index.js';
import { BuiltinError } from './builtin.js';
import { parseDuration } from './go-duration.js';
import { writeGoJson } from './go-json.js';

/** What a request of `http.send` may have; the rest is refused, as OPA refuses it. */
const REQUEST_FIELDS: readonly string[] = [
  'method',
  'url',
  'body',
  'enable_redirect',
  'force_json_decode',
  'force_yaml_decode',
  'headers',
  'raw_body',
  'tls_use_system_certs',
  'tls_ca_cert',
  'tls_ca_cert_file',
  'tls_ca_cert_env_variable',
  'tls_client_cert',
  'tls_client_cert_file',
  'tls_client_cert_env_variable',
  'tls_client_key',
  'tls_client_key_file',
  'tls_client_key_env_variable',
  'tls_insecure_skip_verify',
  'tls_server_name',
  'timeout',
  'cache',
  'force_cache',
  'force_cache_duration_seconds',
  'raise_error',
  'caching_mode',
  'max_retry_attempts',
  'cache_ignored_headers',
];

/** Looks at the names of the fields. @throws BuiltinError for a request with a field that is none, or without a method or a URL */
export function checkRequest(request: RegoObject): void {
  const odd = request.keys().find((name) => typeof name !== 'string' || !REQUEST_FIELDS.includes(name));
  if (odd !== undefined) throw new BuiltinError('invalid request parameter');
  if (!request.has('method') || !request.has('url')) throw new BuiltinError('missing required request parameters: method and url');
}

const MAX_BODY = 2 ** 20;
const TIMEOUT_MS = 5000;

/**
 * The request that goes out. Retries and caches beyond the evaluation are asked for in vain: that is allowed, since they change no answer.
 * @throws BuiltinError for fields of other kinds, and for what would read files or the environment, or verify nobody
 */
export function requestOf(request: RegoObject): OutsideRequest {
  const barred =
    BARRED.find((name) => request.has(name)) ?? (request.get('tls_insecure_skip_verify') === true ? 'tls_insecure_skip_verify' : undefined);
  if (barred !== undefined) throw new BuiltinError(`http.send: ${barred} is not served here`);
  const text = (name: string): string | undefined => {
    const value = request.get(name);
    if (value !== undefined && typeof value !== 'string') throw new BuiltinError(`"${name}" must be a string`);
    return value;
  };
  const flag = (name: string): boolean => {
    const value = request.get(name) ?? false;
    if (typeof value !== 'boolean') throw new BuiltinError(`invalid value for ${name} field`);
    return value;
  };
  for (const name of ['force_json_decode', 'force_yaml_decode', 'tls_use_system_certs', 'tls_insecure_skip_verify']) flag(name);
  const body = text('raw_body') ?? (request.has('body') ? writeGoJson(request.get('body') as Term) : '');
  if (body.length > MAX_BODY) throw new BuiltinError('http.send: the body is too large');
  return {
    method: (text('method') as string).toUpperCase(),
    url: text('url') as string,
    headers: headersOf(request.get('headers')),
    body,
    followsRedirects: flag('enable_redirect'),
    timeoutMs: timeoutOf(request.get('timeout')),
    tls: present({
      ca: text('tls_ca_cert')?.replaceAll('\\n', '\n'),
      cert: text('tls_client_cert'),
      key: text('tls_client_key'),
      servername: text('tls_server_name'),
    }),
  };
}

const BARRED = ['ca_cert', 'client_cert', 'client_key'].flatMap((name) => [`tls_${name}_file`, `tls_${name}_env_variable`]);

/** Those that say whom is asked, or where a request ends. */
const BARRED_HEADERS = [
  'host',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

function headersOf(term: Term | undefined): Record<string, string> {
  if (term === undefined) return {};
  if (!(term instanceof RegoObject)) throw new BuiltinError('invalid type for headers key');
  return Object.fromEntries(
    Array.from(term, ([name, value]) => {
      if (typeof name !== 'string' || typeof value !== 'string') throw new BuiltinError('invalid type for headers value');
      if (BARRED_HEADERS.includes(name.toLowerCase()))
        throw new BuiltinError(`http.send: the header ${name.toLowerCase()} is not a policy's to write`);
      return [name, value] as const;
    }),
  );
}

/** In ms; OPA counts in ns where no unit is told. */
function timeoutOf(term: Term | undefined): number {
  if (term === undefined) return TIMEOUT_MS;
  const written = term instanceof RegoNumber ? term.text : term;
  if (typeof written !== 'string') throw new BuiltinError("'timeout' must be one of {string, number}");
  const ns = /^-?[0-9]+$/.test(written) ? BigInt(written) : parseDuration(written);
  // No time at all is, in Go, all of it.
  return ns <= 0n ? TIMEOUT_MS : Math.max(1, Number(ns / 1_000_000n));
}

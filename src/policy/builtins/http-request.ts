import type { RegoObject } from '../terms/index.js';
import { BuiltinError } from './builtin.js';

/** What a request of `http.send` may have; the rest is refused, as OPA refuses it. */
export const REQUEST_FIELDS: readonly string[] = [
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

/** @throws BuiltinError for a request with a field that is none, or without a method or a URL */
export function checkRequest(request: RegoObject): void {
  const odd = request.keys().find((name) => typeof name !== 'string' || !REQUEST_FIELDS.includes(name));
  if (odd !== undefined) throw new BuiltinError('invalid request parameter');
  if (!request.has('method') || !request.has('url')) throw new BuiltinError('missing required request parameters: method and url');
}

import { createHash, createHmac } from 'node:crypto';
import { compareTexts, RegoObject, type Term } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { writeGoJson } from './go-json.js';
import { escapedPath, parseUrl } from './go-url.js';
import { checkRequest } from './http-request.js';
import { int64At, objectAt } from './operands.js';

/** `providers.aws.sign_req`: AWS Signature Version 4 over a request of `http.send`. */
export const awsBuiltins: Builtins = {
  'providers.aws.sign_req': (args) => {
    const [request, config] = [objectAt(args, 0), objectAt(args, 1)];
    const credentials = credentialsOf(config);
    return signed(request, credentials, int64At(args, 2));
  },
};

interface Credentials {
  readonly service: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  readonly sessionToken: string;
  readonly isBodySigned: boolean;
}

function credentialsOf(config: RegoObject): Credentials {
  const needed = (name: string): string => {
    const value = config.get(name);
    if (typeof value !== 'string') throw new BuiltinError(`the AWS config needs the text ${name}`);
    return value;
  };
  const [service, accessKey, secretKey, region] = ['service', 'access_key', 'secret_access_key', 'region'].map((name) =>
    needed(`aws_${name}`),
  );
  const disabled = config.get('disable_payload_signing') ?? false;
  if (typeof disabled !== 'boolean') throw new BuiltinError("invalid value for 'disable_payload_signing' in the AWS config");
  const sessionToken = textOr(config.get('aws_session_token'));
  return { service, accessKey, secretKey, region, sessionToken, isBodySigned: !disabled } as Credentials;
}

function textOr(term: Term | undefined): string {
  return typeof term === 'string' ? term : '';
}

/** Headers that may change on their way. */
const IGNORED = ['authorization', 'user-agent', 'x-amzn-trace-id'];

function signed(request: RegoObject, credentials: Credentials, timeNs: bigint): Term {
  checkRequest(request);
  const headers = request.get('headers') ?? RegoObject.of([]);
  const [url, method] = [request.get('url'), request.get('method')];
  if (!(headers instanceof RegoObject) || typeof url !== 'string' || typeof method !== 'string')
    throw new BuiltinError('url and method are texts, headers an object');
  const { host, rawQuery, ...path } = parseUrl(url);
  const given = Array.from(headers, ([name, value]): [string, string] => [textOr(name), textOr(value)]);
  const payload = credentials.isBodySigned ? sha256(bodyOf(request)) : 'UNSIGNED-PAYLOAD';
  const time = timestamp(timeNs);
  const own = ownHeaders(host, time, payload, credentials);
  const kept = given
    .filter(([name]) => !IGNORED.includes(name.toLowerCase()))
    .map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const canonical = [...new Map([...own, ...kept])].sort(([a], [b]) => compareTexts(a, b));
  const names = canonical.map(([name]) => name).join(';');
  const lines = [method, escapedPath(path), rawQuery, ...canonical.map(([name, value]) => `${name}:${value}`), '', names, payload];
  const authorization = authorizationOf(lines.join('\n'), names, time, credentials);
  return request.with('headers', RegoObject.of([...given, ['Authorization', authorization], ...own]));
}

function ownHeaders(host: string, time: string, payload: string, { service, sessionToken }: Credentials): [string, string][] {
  const headers: [string, string][] = [
    ['host', host],
    ['x-amz-date', time],
  ];
  if (service === 's3' || service === 'glacier') headers.push(['x-amz-content-sha256', payload]);
  if (sessionToken !== '') headers.push(['x-amz-security-token', sessionToken]);
  return headers;
}

function authorizationOf(request: string, names: string, time: string, { service, accessKey, secretKey, region }: Credentials): string {
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>((mac, part) => hmac(mac, part), Buffer.from(`AWS4${secretKey}`));
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope},SignedHeaders=${names},Signature=${signature}`;
}

function bodyOf(request: RegoObject): string {
  const [raw, body] = [request.get('raw_body'), request.get('body')];
  if (raw !== undefined) return textOr(raw);
  return body === undefined ? '' : writeGoJson(body);
}

/** `20060102T150405Z`, in the years that a Date has all of. */
function timestamp(timeNs: bigint): string {
  const seconds = timeNs / 1_000_000_000n - (timeNs % 1_000_000_000n < 0n ? 1n : 0n);
  return new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+|[-:]/g, '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

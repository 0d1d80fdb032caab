import { integer, optional, origin, section, setting, text, type ValuesOf } from '#settings';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Where the gateway listens, and how much it takes from whoever calls. */
export const httpSettings = section('HTTP', {
  host: setting(text, { fallback: '127.0.0.1', about: 'Address to listen on.' }),
  port: setting(integer(0, 65_535), { fallback: 8080, about: 'Port to listen on; 0 takes a free one.' }),
  publicUrl: optional(origin, {
    otherwise: 'http://<host>:<port>',
    about: 'The origin that callers see; the demo issuers’ names and the default audience are made from it.',
  }),
  loginClientId: optional(text, {
    otherwise: 'demo: the demo’s own; else people name one (`--client-id`)',
    about:
      'The client by which people log in on the command line (`tilgang login`) at the trusted issuer of kind `idporten`: native, public, with http://127.0.0.1 as redirect URI.',
  }),
  opaDefaultDecision: setting(text, {
    fallback: 'tilgang/decision',
    about: 'The document that OPA’s clients are answered by who name none (`POST /`), such as `authz/allow` (docs/authzen.md).',
  }),
  maxBodyBytes: setting(integer(256, 64 * MIB), { fallback: 64 * KIB, about: 'Largest request body, in bytes.' }),
  maxBodyDepth: setting(integer(1, 256), { fallback: 16, about: 'Deepest nesting of a JSON body.' }),
  maxImportBytes: setting(integer(KIB, 1024 * MIB), {
    fallback: 32 * MIB,
    about: 'Largest file of an import over the API, in bytes: half a million lines or so.',
  }),
  maxBundleBytes: setting(integer(KIB, 16 * MIB), {
    fallback: 4 * MIB,
    about: 'Largest policy bundle that is pushed over the API, in bytes.',
  }),
  bodyTimeoutMs: setting(integer(100, 300_000), {
    fallback: 10_000,
    about: 'Time for a request’s head and then its body to arrive, or for the next part of an import’s file, in milliseconds.',
  }),
  lookUpsPerMinute: setting(integer(1, 1_000_000), {
    fallback: 600,
    about: 'How often one caller may look up persons in a minute, in all workers of a node together; then 429.',
  }),
  refusalsPerMinute: setting(integer(1, 1_000_000), {
    fallback: 120,
    about:
      'How many requests of one caller may be refused in a minute, in all workers of a node together; then 429 to all of that caller’s.',
  }),
  loginsPerMinute: setting(integer(1, 1_000_000), {
    fallback: 3000,
    about:
      'How many logins may begin from one address in a minute, in all workers of a node together; then the client is told `temporarily_unavailable`. Each is remembered for half an hour, before anybody has shown who they are. Behind a proxy all come from one address.',
  }),
  stopDelayMs: setting(integer(0, 300_000), {
    fallback: 0,
    about:
      'How long the service, when it is stopped, goes on taking connections while readiness is red, in milliseconds: behind a proxy at least two of its probe intervals and a second.',
  }),
  stopTimeoutMs: setting(integer(0, 300_000), {
    fallback: 10_000,
    about: 'Time that requests in flight get after that, in milliseconds; then they are cut.',
  }),
});

/** The values of the HTTP section. */
export type HttpSettings = ValuesOf<(typeof httpSettings)['settings']>;

/** The origin that callers see. @param port the port that is listened on, which port 0 leaves to the system */
export function publicOrigin({ publicUrl, host }: Pick<HttpSettings, 'publicUrl' | 'host'>, port: number): string {
  return publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

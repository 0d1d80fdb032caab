/** How an entry of the catalogue answers; see docs/problems.md, which is generated from this table. */
export interface ProblemEntry {
  /** HTTP status. */
  readonly status: number;
  /** One short sentence that is the same for every occurrence (RFC 9457 §3.1.3). */
  readonly title: string;
  /** How loudly the boundary logs it. A caller's mistake is `info`, ours is `error`. */
  readonly level: 'info' | 'warn' | 'error';
  /** What whoever meets it should do. */
  readonly remedy: string;
  /** Error code sent in WWW-Authenticate: RFC 6750 §3.1, and RFC 9470 §3 for a log-in that is too weak. */
  readonly oauth?: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication';
  /** Seconds for Retry-After (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds?: number;
}

const entries = {
  'malformed-json': {
    status: 400,
    title: 'The body is not valid JSON.',
    level: 'info',
    remedy: 'Send one JSON value in UTF-8 without a byte order mark.',
  },
  'nesting-too-deep': {
    status: 400,
    title: 'The body is nested too deeply.',
    level: 'info',
    remedy: 'Send the shape that the OpenAPI description shows; no request needs deep nesting.',
  },
  'invalid-request': {
    status: 400,
    title: 'The request does not have the described shape.',
    level: 'info',
    remedy:
      'Read `errors`: each names the field (`pointer`, RFC 6901) or the query parameter or header (`parameter`), and what is allowed there.',
  },
  'proxy-not-accepted': {
    status: 400,
    title: 'The proxy may not ask.',
    level: 'info',
    remedy:
      'The proxy, not the person, is to blame: have it send `Tilgang-Authorization: Bearer <token>` once, with a fresh Maskinporten token of the application’s tilbyder and the scope `ks:fiks`.',
  },
  'malformed-http': {
    status: 400,
    title: 'The request is not well-formed HTTP.',
    level: 'info',
    remedy: 'Send HTTP/1.1 (RFC 9112) with a Host header and a percent-encoded path.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are larger than allowed.',
    level: 'info',
    remedy: 'Send a request line and headers of at most 32 KiB together.',
  },
  'expectation-failed': {
    status: 417,
    title: 'The Expect header asks for something that is not known here.',
    level: 'info',
    remedy: 'Leave the header Expect out, or send `Expect: 100-continue` (RFC 9110 §10.1.1).',
  },
  'token-missing': {
    status: 401,
    title: 'An access token is needed.',
    level: 'info',
    remedy: 'Send `Authorization: Bearer <token>` once, with an access token from a trusted issuer (RFC 6750 §2.1).',
  },
  'token-invalid': {
    status: 401,
    title: 'The access token is not accepted.',
    level: 'info',
    oauth: 'invalid_token',
    remedy: 'Fetch a new token from a trusted issuer with the audience of this service; `detail` says what is wrong with this one.',
  },
  'token-expired': {
    status: 401,
    title: 'The access token has expired.',
    level: 'info',
    oauth: 'invalid_token',
    remedy: 'Fetch a new token and send the request again.',
  },
  'security-level-too-low': {
    status: 401,
    title: 'The person must log in at a higher level.',
    level: 'info',
    oauth: 'insufficient_user_authentication',
    remedy:
      'Send the person to ID-porten again with the `acr_values` of the WWW-Authenticate header (RFC 9470), then call with the new token.',
  },
  'token-refused': {
    status: 400,
    title: 'No token is issued.',
    level: 'info',
    remedy: 'Read `error_description`, and what stands at `error_uri`.',
  },
  'scope-missing': {
    status: 403,
    title: 'The token lacks the scope that this operation needs.',
    level: 'info',
    oauth: 'insufficient_scope',
    remedy: 'Ask the owner of the API for the scope, register it on the client, and fetch a new token.',
  },
  'caller-not-a-machine': {
    status: 403,
    title: 'This operation is for machines only.',
    level: 'info',
    remedy: 'Call with a Maskinporten access token; a token of a person does not name a consumer.',
  },
  'client-not-allowed': {
    status: 403,
    title: 'The application does not let this client ask.',
    level: 'info',
    remedy: 'The tilbyder adds the client id or the supplier to the application, or takes the restriction away.',
  },
  'form-not-accepted': {
    status: 403,
    title: 'The form was not shown to this browser, or too long ago.',
    level: 'info',
    remedy: 'Load the page again and send its form from there, with the cookies of this service.',
  },
  'action-not-allowed': {
    status: 403,
    title: 'The caller may not do this for the organisation.',
    level: 'info',
    remedy: 'Ask somebody who holds the role that is needed (`detail` says what stands in the way), or to be given it.',
  },
  'application-not-found': {
    status: 404,
    title: 'There is no such application for this caller.',
    level: 'info',
    remedy: 'Check the App-ID. A tilbyder asks about its own applications only; a konsument sees an application once it is no draft.',
  },
  'organisation-not-found': {
    status: 404,
    title: 'There is no such organisation for this caller.',
    level: 'info',
    remedy: 'Check the organisation number, and that the caller is that organisation or holds a role in it.',
  },
  'grant-not-found': {
    status: 404,
    title: 'The person has no such access here.',
    level: 'info',
    remedy: 'List the brukere of the application, or look the person up.',
  },
  'administrator-not-found': {
    status: 404,
    title: 'The person is no administrator of the organisation.',
    level: 'info',
    remedy: 'List the administrators of the organisation.',
  },
  'person-not-found': {
    status: 404,
    title: 'There is no such person here.',
    level: 'info',
    remedy: 'Check the person number. Only who has logged in, or stands in the contact register, is known.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing at this path.',
    level: 'info',
    remedy: 'List what there is; over HTTP, the paths are in the OpenAPI description of the API.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The path does not know this method.',
    level: 'info',
    remedy: 'Use one of the methods in the Allow header.',
  },
  'not-offered': {
    status: 403,
    title: 'This service does not do that for anybody.',
    level: 'info',
    remedy: '`detail` says why, and what there is instead.',
  },
  'body-too-slow': {
    status: 408,
    title: 'The body did not arrive in time.',
    level: 'info',
    remedy: 'Send the whole body within the time limit.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is larger than allowed.',
    level: 'info',
    remedy: 'Send less; `detail` names the limit.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The content type is not supported.',
    level: 'info',
    remedy: 'Send the body with a Content-Type that `errors` names, not compressed.',
  },
  conflict: {
    status: 409,
    title: 'Somebody else changed it first.',
    level: 'info',
    remedy: 'Read it again and repeat the change on the new revision.',
  },
  'grant-exists': {
    status: 409,
    title: 'The person has this access already, on other terms.',
    level: 'info',
    remedy: 'Read the grant and change it with PATCH, or withdraw it first.',
  },
  'administrator-exists': {
    status: 409,
    title: 'The person is an administrator already, on other terms.',
    level: 'info',
    remedy: 'Read the administrator and change that with PATCH.',
  },
  'application-not-active': {
    status: 409,
    title: 'The application is not in use.',
    level: 'info',
    remedy: 'Wait until its tilbyder makes it active; a retired application cannot be used any more.',
  },
  'application-not-activated': {
    status: 409,
    title: 'The organisation has not switched the application on.',
    level: 'info',
    remedy: 'Activate the application for the organisation first.',
  },
  'transition-not-allowed': {
    status: 409,
    title: 'The application cannot go from its state to that one.',
    level: 'info',
    remedy: 'An application goes from draft (utkast) to active (aktiv) to retired (avviklet), and a retired one stays as it is.',
  },
  'last-administrator': {
    status: 409,
    title: 'The organisation would be left without an administrator.',
    level: 'info',
    remedy: 'Appoint another organisasjonsadministrator first.',
  },
  'quota-reached': {
    status: 409,
    title: 'The organisation has as many of these as it may have.',
    level: 'info',
    remedy:
      'End one that is no longer needed; `detail` says which and how many there may be. The operator can allow more (settings, Quotas).',
  },
  'scope-exists': {
    status: 409,
    title: 'There is a scope of this name already.',
    level: 'info',
    remedy:
      'Read the scope (a deactivated one too: `inactive=true`) and change it with PUT, which also revives it; or choose another name.',
  },
  'scope-not-active': {
    status: 409,
    title: 'The scope is deactivated.',
    level: 'info',
    remedy: 'Its owner revives it first (PUT with `active: true`): nothing is granted or delegated meanwhile.',
  },
  'prefix-in-use': {
    status: 409,
    title: 'The prefix is in use.',
    level: 'info',
    remedy: '`detail` says by what. Deactivate the scopes under it first, or take another prefix.',
  },
  'bundle-revision-refused': {
    status: 409,
    title: 'This revision of the bundle cannot be taken.',
    level: 'info',
    remedy:
      'A revision names one content for ever, and what is pushed or activated is later than all that was active: build it again with a later revision (`opa build -r`, `tilgang policy build`), or roll back to an earlier one by name. `detail` says which it is.',
  },
  'client-exists': {
    status: 409,
    title: 'The client id is taken.',
    level: 'info',
    remedy:
      'A client id names one client for ever, also one that is deactivated: choose another one, or leave `client_id` out to be given one.',
  },
  'client-without-secret': {
    status: 409,
    title: 'The client shows who it is otherwise than by a secret.',
    level: 'info',
    remedy:
      'A client whose `token_endpoint_auth_method` is private_key_jwt signs by a key (…/jwks), one of none has nothing. Only client_secret_basic and client_secret_post have secrets.',
  },
  'onbehalfof-exists': {
    status: 409,
    title: 'The client has an onbehalfof of this value already.',
    level: 'info',
    remedy: 'Change that one with PUT, or choose another value.',
  },
  'systembruker-refused': {
    status: 400,
    title: 'The systembruker side does not do this.',
    level: 'info',
    remedy:
      'Read `code`, by which Altinn knows it too (each code has its own status), `detail`, and `validationErrors` if there are any: each names a field.',
  },
  'nothing-pending': {
    status: 409,
    title: 'No change waits for a second person.',
    level: 'info',
    remedy: 'Read the settings. What waited has been confirmed, rejected or overtaken by another change, or has lapsed: ask for it again.',
  },
  'second-person-missing': {
    status: 409,
    title: 'Nobody else could confirm the change.',
    level: 'info',
    remedy:
      'Appoint another organisasjonsadministrator without limits, who may confirm what is asked for 14 days later. One whom the operator appoints (`tilgang admin appoint`) may confirm at once.',
  },
  'request-in-progress': {
    status: 409,
    title: 'A request with this Idempotency-Key is still being answered.',
    level: 'info',
    retryAfterSeconds: 2,
    remedy: 'Wait, then send the same request with the same key again.',
  },
  'precondition-failed': {
    status: 412,
    title: 'It has been changed since it was read.',
    level: 'info',
    remedy: 'Read it again, and repeat the change with the ETag of that answer in If-Match. A weak tag (`W/"3"`) never matches.',
  },
  'comparison-needed': {
    status: 409,
    title: 'What the bundle would change has to be seen before it is activated.',
    level: 'info',
    remedy:
      '`tilgang policy diff REVISION --grants` (or …/regelpakke/sammenligning) compares it; then approve it, if that is what is asked.',
  },
  'bundle-refused': {
    status: 422,
    title: 'The bundle is not fit to judge. Whatever judges now goes on.',
    level: 'info',
    remedy:
      '`detail` says what is wrong with it: mend it, build it (`tilgang policy build`), sign it (`tilgang policy sign`) by a key that is registered and has not ended (`tilgang policy keys add`), and push it once more.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another request.',
    level: 'info',
    remedy: 'Use a new key for a new request; repeat a request byte for byte with its own key.',
  },
  'import-faulty': {
    status: 422,
    title: 'The import has faulty lines, so nothing was written.',
    level: 'info',
    remedy: 'Mend the lines in `errors`, or send it without `altEllerIngenting`, which writes the good lines.',
  },
  'import-too-faulty': {
    status: 422,
    title: 'More than 10 000 lines of the import are faulty, so it was not read on.',
    level: 'info',
    remedy:
      'Mend what the lines in `errors` have in common, and send the file again. The good lines before the last of them have been given, unless `altEllerIngenting` or `proving` was asked for.',
  },
  'terms-unsigned': {
    status: 428,
    title: 'The organisation has not signed the terms of use.',
    level: 'info',
    remedy:
      'An organisasjonsadministrator of the organisation signs them (`POST /maskinporten/api/v1/terms`, ID-porten at level high), or the operator does (`tilgang terms sign`). Then send the request again.',
  },
  'precondition-required': {
    status: 428,
    title: 'The change must say what it is made from.',
    level: 'info',
    remedy:
      'Read it first, and send the ETag of that answer with its quotes (`If-Match: "3"`), `"0"` for what is not there yet, or `*` for whatever is there (RFC 6585 §3).',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests of this kind.',
    level: 'info',
    retryAfterSeconds: 60,
    remedy:
      'Wait as long as Retry-After says. Look-ups of persons and refused attempts are limited per caller, imports at once per organisation and caller.',
  },
  'config-invalid': {
    status: 500,
    title: 'The configuration is not usable.',
    level: 'error',
    remedy: 'Mend every fault that is listed; docs/configuration.md describes each key.',
  },
  'bundle-invalid': {
    status: 500,
    title: 'The policy bundle is refused.',
    level: 'error',
    remedy:
      '`detail` says what is wrong. Build it again with the pinned OPA: `tilgang policy build`, or `make policies` for the standard rules.',
  },
  'store-unavailable': {
    status: 503,
    title: 'The store cannot be used.',
    level: 'error',
    retryAfterSeconds: 5,
    remedy: 'Run `tilgang doctor` on the installation; callers may try again.',
  },
  'store-full': {
    status: 507,
    title: 'There is no room for changes.',
    level: 'error',
    retryAfterSeconds: 60,
    remedy:
      'The operator makes room on the disk of the data folder, or raises storeMapBytes; decisions go on meanwhile. Send the change again then: nothing of it was written.',
  },
  'copy-refused': {
    status: 500,
    title: 'The store is not copied, kept or brought back.',
    level: 'error',
    remedy: 'Mend what is named, and call the command again. A store that was begun cannot be opened before it is whole.',
  },
  'authoring-refused': {
    status: 500,
    title: 'The policy folder cannot be worked on.',
    level: 'error',
    remedy: 'Mend what is named; docs/policies.md says what a policy folder holds and which version of OPA it needs.',
  },
  'token-not-fetched': {
    status: 502,
    title: 'The issuer could not be asked for a token.',
    level: 'error',
    remedy: 'Mend what is named; an issuer is named by https:// (http:// only on this machine) and publishes RFC 8414 metadata.',
  },
  'login-failed': {
    status: 502,
    title: 'Nobody was logged in.',
    level: 'error',
    remedy: 'Mend what is named, and run `tilgang login` again; `tilgang login --help` says what it needs.',
  },
  'login-over': {
    status: 401,
    title: 'The login has ended.',
    level: 'info',
    remedy: 'Run `tilgang login` again.',
  },
  'keyring-unusable': {
    status: 500,
    title: 'The file of the logins cannot be used.',
    level: 'error',
    remedy: 'Mend what is named; without the file nobody is logged in.',
  },
  'gateway-refused': {
    status: 502,
    title: 'The gateway that the command works on did not do it.',
    level: 'error',
    remedy: 'Mend what is named; with --url the command does what the token may do there.',
  },
  'evaluation-failed': {
    status: 503,
    title: 'The policy gave no usable answer.',
    level: 'error',
    retryAfterSeconds: 5,
    remedy: 'This is neither a yes nor a no: try again, and do not let anybody in meanwhile.',
  },
  'decision-log-unavailable': {
    status: 503,
    title: 'The decision cannot be logged, and is not given without that.',
    level: 'error',
    retryAfterSeconds: 5,
    remedy:
      'This is neither a yes nor a no, and leaves open whether a change was made: try again. Operators: make room on the disk of `decisions` in the data folder, or bring the collector back (`tilgang decisions status`).',
  },
  'eid-unavailable': {
    status: 503,
    title: 'The provider at which persons show who they are does not answer as it should.',
    level: 'warn',
    retryAfterSeconds: 30,
    remedy: 'Try again; if it goes on, the operator looks at `eidIssuer` and the settings beside it. The log tells what came.',
  },
  'issuer-unavailable': {
    status: 503,
    title: 'The keys of the token’s issuer could not be fetched.',
    level: 'warn',
    retryAfterSeconds: 10,
    remedy: 'Try again; the operator checks that the issuer can be reached from the gateway.',
  },
  'no-signing-key': {
    status: 503,
    title: 'There is no key to sign tokens with yet.',
    level: 'error',
    retryAfterSeconds: 5,
    remedy: 'Try again; the operator looks into the log for what keeps the gateway from making one.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong in the service.',
    level: 'error',
    remedy: 'Report the request id; the cause is in the log under it.',
  },
} as const satisfies Record<string, ProblemEntry>;

/** The stable name of a problem; the last part of its `type` URI. */
export type ProblemSlug = keyof typeof entries;

/** Every problem that the product can answer with. */
export const catalogue: Readonly<Record<ProblemSlug, ProblemEntry>> = entries;

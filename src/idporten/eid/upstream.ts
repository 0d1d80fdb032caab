import { readFile } from 'node:fs/promises';
import type { JWTVerifyGetKey } from 'jose';
import type { ClientAuth, Configuration, ServerMetadata } from 'openid-client';
import { isFault, type PersonNumber, parsePersonNumber, present } from '#domain';
import { boundedText, within } from '#fetching';
import { ProblemError } from '#problem';
import { privateClientKey } from '#tokens';
import { ACR_VALUES, strengthOf } from '../provider/levels.js';
import { keepLast, keepOnce, keptOnce, type OnceParts, takeOnce } from './once.js';
import type { EidSettings } from './settings.js';

type Library = typeof import('openid-client');

/** How long somebody may take at the provider upstream. */
const UNDER_WAY_MS = 15 * 60_000;
/** How long its metadata counts. */
const KNOWN_MS = 60 * 60_000;
const MAX_ANSWER_BYTES = 256 * 1024;
/** For how long its keys count for messages of logouts, and how soon they are asked for again for one that is not there. */
const KEYS_KNOWN_MS = 60_000;
const KEYS_COOL_MS = 2000;
/** By how much its clock may differ. */
const SKEW_SECONDS = 30;
/** A message that somebody has logged out is told within so many seconds, or not at all. */
const NOTICE_SECONDS = 150;
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
/** No session of ours lasts longer (`ssoMaxMinutes`). */
const LONGEST_SESSION_MS = 24 * 60 * 60_000;
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Of a login that begins. */
export interface BegunLogin {
  /** Of the request that is under way here. */
  readonly uid: string;
  /** Where the answer is taken. */
  readonly path: string;
  readonly leastAcr?: string | undefined;
  readonly prompt: readonly string[];
  readonly uiLocales?: string | undefined;
}

/** Whom the provider upstream has recognised, and how. */
export interface UpstreamLogin {
  readonly person: PersonNumber;
  readonly acr: string;
  readonly amr: readonly string[];
  /** Seconds since the epoch. */
  readonly authTime?: number;
}

/** What is remembered while somebody is away. */
interface UnderWay {
  readonly uid: string;
  readonly path: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** What it is asked with. */
export interface UpstreamParts extends OnceParts {
  readonly settings: EidSettings;
  /** Where it sends people back to, as it knows it. */
  readonly redirectUri: string;
}

/** Another OpenID provider, at which persons show who they are (code flow with PKCE, state and nonce). */
export class UpstreamEid {
  readonly #parts: UpstreamParts;
  #known: { readonly at: number; readonly metadata: Promise<ServerMetadata> } | undefined;
  #authentication: Promise<ClientAuth> | undefined;
  #noticeKeys: { readonly address: string; readonly found: JWTVerifyGetKey } | undefined;

  constructor(parts: UpstreamParts) {
    this.#parts = parts;
  }

  /** No redirect is followed, no answer is larger than a document of a provider may be, and none is waited for longer. */
  readonly #fetch = (url: string | URL, options: object): Promise<Response> =>
    within(this.#parts.settings.eidTimeoutMs, async (signal) => {
      const response = await fetch(url, { ...options, redirect: 'manual', signal });
      const { status, headers, body } = response;
      const text = body === null ? null : await boundedText(response, { from: String(url), maxBytes: MAX_ANSWER_BYTES, signal });
      return new Response(status === 204 || status === 304 ? null : text, { status: Math.max(200, status), headers });
    });

  /** Where to send the person. @throws ProblemError `eid-unavailable` */
  async begin({ uid, path, leastAcr, prompt, uiLocales }: BegunLogin): Promise<URL> {
    const { settings, redirectUri } = this.#parts;
    const { library, config } = await this.#opened();
    const [state, nonce, verifier] = [library.randomState(), library.randomNonce(), library.randomPKCECodeVerifier()];
    const underWay: UnderWay = { uid, path, nonce, verifier };
    await keepOnce(this.#parts, nameOf(state), underWay, UNDER_WAY_MS);
    const parameters = present({
      redirect_uri: redirectUri,
      scope: settings.eidScopes.join(' '),
      state,
      nonce,
      code_challenge: await library.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      acr_values: leastAcr && this.#namesOf(leastAcr, config),
      prompt: prompt.includes('login') ? 'login' : undefined,
      ui_locales: uiLocales,
    });
    return library.buildAuthorizationUrl(config, parameters as Record<string, string>);
  }

  /** Where the answer with this state is taken; absent: none is under way. */
  async pathOf(state: string): Promise<string | undefined> {
    return (await keptOnce<UnderWay>(this.#parts, nameOf(state)))?.path;
  }

  /**
   * What came of it, once.
   * @returns undefined if there is no such login under way for that request: it was over, or is somebody else's
   * @throws ProblemError `eid-unavailable` for whatever is no sound answer
   */
  async finish(uid: string, answer: URLSearchParams): Promise<UpstreamLogin | { readonly cancelled: true } | undefined> {
    const state = answer.get('state') ?? '';
    const underWay = await takeOnce<UnderWay>(this.#parts, nameOf(state));
    if (underWay === undefined || underWay.uid !== uid) return undefined;
    if (answer.get('error') === 'access_denied') return { cancelled: true };
    const { library, config } = await this.#opened();
    const url = new URL(this.#parts.redirectUri);
    url.search = String(answer);
    const checks = { expectedState: state, expectedNonce: underWay.nonce, pkceCodeVerifier: underWay.verifier, idTokenExpected: true };
    const tokens = await this.#asked(() => library.authorizationCodeGrant(config, url, checks));
    const claims = tokens.claims() ?? {};
    const login = this.#loginOf(claims);
    await this.#rememberWhose(login.person, claims);
    return login;
  }

  /**
   * Whose login has ended there, of a message that says so (OpenID Connect Back-Channel Logout 1.0 §2.6).
   * @returns 'refused' for what is none of its messages, or has come before; undefined: of nobody whom we know
   */
  async loggedOut(token: string): Promise<PersonNumber | 'refused' | undefined> {
    const { clock, settings } = this.#parts;
    const { config } = await this.#opened();
    const { issuer, jwks_uri: keys = '' } = config.serverMetadata();
    const found = await this.#noticeKeysAt(keys);
    const terms = { issuer, found, audience: `${settings.eidClientId}`, now: clock() };
    const payload = await verifiedNotice(token, terms);
    if (payload === undefined) return 'refused';
    const isNew = await keepOnce(this.#parts, `logout ${payload['jti']}`, {}, (NOTICE_SECONDS + SKEW_SECONDS) * 1000);
    if (!isNew) return 'refused';
    const { sub, sid } = payload;
    const name = typeof sid === 'string' ? loginName('sid', sid) : loginName('sub', sub);
    return (await keptOnce<{ person: PersonNumber }>(this.#parts, name))?.person;
  }

  /** Anybody may send such a message: its keys are not fetched for each, nor for each key that it names (threat 34). */
  async #noticeKeysAt(address: string): Promise<JWTVerifyGetKey> {
    const { createRemoteJWKSet, customFetch } = await import('jose');
    if (this.#noticeKeys?.address !== address) {
      const terms = { [customFetch]: this.#fetch, cooldownDuration: KEYS_COOL_MS, cacheMaxAge: KEYS_KNOWN_MS };
      this.#noticeKeys = { address, found: createRemoteJWKSet(new URL(address), terms) };
    }
    return this.#noticeKeys.found;
  }

  /** Its names of all levels that will do, those that it says it has if it says that. */
  #namesOf(leastAcr: string, config: Configuration): string {
    const { acr_values_supported: had } = config.serverMetadata();
    const names = this.#parts.settings.eidLevels.flatMap(([name, acr]) => (strengthOf(acr) >= strengthOf(leastAcr) ? [name] : []));
    return names.filter((name) => !Array.isArray(had) || had.includes(name)).join(' ');
  }

  #loginOf(claims: Readonly<Record<string, unknown>>): UpstreamLogin {
    const { eidLevels, eidMethods, eidPersonClaim } = this.#parts.settings;
    const person = parsePersonNumber(`${claims[eidPersonClaim]}`);
    if (isFault(person)) throw unavailable(new Error(`the ID token holds no person number as ${eidPersonClaim}`));
    const level = eidLevels.find(([name]) => name === claims['acr'])?.[1];
    if (level === undefined) throw unavailable(new Error('the ID token holds no acr that eidLevels lists'));
    const said = Array.isArray(claims['amr']) ? claims['amr'].filter((one): one is string => typeof one === 'string') : [];
    const { auth_time: authTime } = claims;
    return {
      person,
      acr: ACR_VALUES[strengthOf(level) - 1] as string,
      amr: said.map((method) => eidMethods.find(([name]) => name === method)?.[1] ?? method),
      ...present({ authTime: typeof authTime === 'number' ? authTime : undefined }),
    };
  }

  /** By what the provider will name the login, or the person, when it says that it has ended. */
  async #rememberWhose(person: PersonNumber, { sub, sid }: Readonly<Record<string, unknown>>): Promise<void> {
    const names = [loginName('sub', sub), ...(typeof sid === 'string' ? [loginName('sid', sid)] : [])];
    await Promise.all(names.map((name) => keepLast(this.#parts, name, { person }, LONGEST_SESSION_MS)));
  }

  /**
   * The library, and what is known of the provider; loaded and asked when the first person is sent there. Its keys are asked for each time, so one
   * that it has withdrawn counts no more, and a new one at once.
   */
  async #opened(): Promise<{ readonly library: Library; readonly config: Configuration }> {
    const library = await import('openid-client');
    const { settings, clock } = this.#parts;
    const now = clock();
    if (this.#known === undefined || now - this.#known.at > KNOWN_MS) this.#known = { at: now, metadata: this.#discovered(library) };
    const { metadata } = this.#known;
    this.#authentication ??= clientAuthentication(library, settings);
    const [server, authentication] = await this.#asked(() => Promise.all([metadata, this.#authentication]));
    const terms = { [library.clockTolerance]: SKEW_SECONDS, [library.clockSkew]: Math.round((now - Date.now()) / 1000) };
    const config = new library.Configuration(server, settings.eidClientId ?? '', terms, authentication);
    config[library.customFetch] = this.#fetch;
    // ID tokens are held to their signature, though they come by a connection of ours.
    library.enableNonRepudiationChecks(config);
    if (this.#isInsecure) library.allowInsecureRequests(config);
    return { library, config };
  }

  async #discovered(library: Library): Promise<ServerMetadata> {
    const { eidIssuer = '', eidClientId = '' } = this.#parts.settings;
    const found = await library.discovery(new URL(eidIssuer), eidClientId, undefined, library.None(), {
      [library.customFetch]: this.#fetch,
      execute: this.#isInsecure ? [library.allowInsecureRequests] : [],
    });
    return found.serverMetadata();
  }

  /** On loopback alone; see eidFaults. */
  get #isInsecure(): boolean {
    return this.#parts.settings.eidIssuer?.startsWith('http:') === true;
  }

  /** What fails is asked anew next time, keys too. @throws ProblemError `eid-unavailable` */
  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      this.#known = undefined;
      this.#authentication = undefined;
      throw error instanceof ProblemError ? error : unavailable(error);
    }
  }
}

/** How such a message is held to be genuine, for us and of now. */
interface NoticeTerms {
  readonly issuer: string;
  /** Its keys. */
  readonly found: JWTVerifyGetKey;
  readonly audience: string;
  readonly now: number;
}

/** What a message that somebody has logged out says, if it is one. */
async function verifiedNotice(
  token: string,
  { issuer, found, audience, now }: NoticeTerms,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { errors, jwtVerify } = await import('jose');
  const terms = { issuer, audience, currentDate: new Date(now), clockTolerance: SKEW_SECONDS, maxTokenAge: NOTICE_SECONDS };
  try {
    const { payload } = await jwtVerify(token, found, { ...terms, algorithms: ALGORITHMS, requiredClaims: ['iat', 'jti', 'events'] });
    const { sub, sid, nonce, events } = payload as Record<string, unknown>;
    const isLogout = typeof (events as Record<string, unknown>)[LOGOUT_EVENT] === 'object' && nonce === undefined;
    return isLogout && (typeof sub === 'string' || typeof sid === 'string') ? payload : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) return undefined;
    throw unavailable(error);
  }
}

function loginName(kind: 'sub' | 'sid', value: unknown): string {
  return `login ${kind} ${value}`;
}

function nameOf(state: string): string {
  return `state ${state}`;
}

function unavailable(cause: unknown): ProblemError {
  return new ProblemError('eid-unavailable', { cause });
}

/** @throws ProblemError `config-invalid` for a file that cannot be used */
async function clientAuthentication(library: Library, settings: EidSettings): Promise<ClientAuth> {
  const { eidClientKeyFile, eidClientSecretFile } = settings;
  if (eidClientSecretFile !== undefined)
    return library.ClientSecretBasic((await textOf('eidClientSecretFile', eidClientSecretFile)).trim());
  const key = await privateClientKey(await textOf('eidClientKeyFile', eidClientKeyFile ?? ''));
  if (isFault(key)) throw new ProblemError('config-invalid', { detail: `eidClientKeyFile ${key.detail}` });
  const { importPKCS8 } = await import('jose');
  const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return library.PrivateKeyJwt({ key: await importPKCS8(pem, key.jwk.alg), kid: key.kid });
}

function textOf(setting: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ProblemError('config-invalid', { detail: `${setting} names a file that cannot be read`, cause });
  });
}

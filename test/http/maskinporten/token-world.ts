import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { join } from 'node:path';
import { NotedUses } from '#access';
import type { Config } from '#config';
import { syntheticOrgnr } from '#demo';
import { type Orgnr, toInstant } from '#domain';
import { gatewayApis, openServer } from '#http';
import { fitBundle, installOn, presenceIn } from '#installation';
import {
  type Client,
  type ClientKey,
  type Delegation,
  maskinportenIssuer,
  type OnBehalfOf,
  type Scope,
  type ScopeAccess,
  type ScopeName,
  type TokenEndpoint,
  tokenCertificates,
} from '#maskinporten';
import { clients, delegations, onBehalfOfs, scopeAccesses, scopes, usedAssertions } from '#maskinporten/entities';
import type { Store } from '#storage';
import { openStore } from '#stores';
import { SYSTEM_USER_DETAILS, systemUserDetails, systemUserKinds } from '#systembruker';
import { systemUserUseKind } from '#systembruker/entities';
import { createLog } from '#telemetry';
import { createTokenVerifier } from '#tokens';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { demoConfig } from '../../fixtures/filled-folder.js';
import { temporaryFolder } from '../../fixtures/gateway.js';
import { C, clientOf as clientAsKept, JWT_BEARER, P, scopeOf } from '../../fixtures/maskinporten-documents.js';
import { newKey as newSigner, type SigningKey } from '../../fixtures/signing-key.js';

export { C, JWT_BEARER, P, scopeOf } from '../../fixtures/maskinporten-documents.js';

interface Ending {
  teardown(end: () => unknown): void;
}

export const L = syntheticOrgnr('Leverandør');
/** Whatever the port is, which is another after a restart. */
export const AUDIENCE = 'https://tilgang.test';
export const ISSUER = `${AUDIENCE}/maskinporten/`;
export const NOON = Date.parse('2026-11-21T12:00:00.000Z');
const YEAR_MS = 365 * 86_400_000;
const AT = toInstant(NOON);
const facts = { action: 'test', at: AT, actor: 'operator' };

/** Two keys for all tests: making one takes a tenth of a second. */
export const [first, second] = [newKey('first'), newKey('second')] as const;

export interface TestKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

function newKey(kid: string): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, privateKey, publicJwk: publicKey.export({ format: 'jwk' }) as Record<string, unknown> };
}

export function clientKey({ kid, publicJwk }: TestKey, more: Partial<ClientKey> = {}): ClientKey {
  return { kid, alg: 'RS256', jwk: { ...publicJwk, kid, use: 'sig', alg: 'RS256' }, added: AT, until: toInstant(NOON + YEAR_MS), ...more };
}

/** As it is kept, with the key `first`. */
export const clientOf = (id: string, more: Partial<Client> = {}): Client => clientAsKept(id, { keys: [clientKey(first)], ...more });

export interface TokenReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire has no type until a test has looked.
  readonly json: any;
}

/** What of an assertion is other than usual; `undefined` leaves a claim or a part of the header out. */
export interface Assertion {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: TestKey;
}

/** One or several nodes over one store, with a token endpoint each, and a clock that stands where it is put. */
export interface TokenWorld {
  readonly issuer: string;
  readonly origin: string;
  readonly lines: string[];
  readonly config: Config;
  /** What the issuer signs with. */
  readonly signer: SigningKey;
  readonly origins: readonly string[];
  /** Of the first node. */
  readonly store: Store;
  /** What each node notes of uses; nothing is written unless it is told to. */
  readonly uses: readonly NotedUses[];
  now: number;
  put: {
    scope(name: string, more?: Partial<Scope>): Promise<void>;
    client(id: string, more?: Partial<Client>): Promise<void>;
    access(scope: string, consumer?: Orgnr, more?: Partial<ScopeAccess>): Promise<void>;
    delegation(scope: string, more?: Partial<Delegation>): Promise<void>;
    onBehalfOf(clientId: string, value: string, orgnr: Orgnr): Promise<void>;
  };
  /** How many assertions have been used up. */
  used(): Promise<number>;
  assertion(options?: Assertion): string;
  /** Posts a new assertion, or this one. @param node which one is asked */
  ask(options?: Assertion | string, node?: number): Promise<TokenReply>;
  post(body: string, init?: RequestInit, node?: number): Promise<TokenReply>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<TokenReply>;
  claimsOf(reply: TokenReply): Record<string, unknown>;
  /** Ends all nodes and begins anew over the same store. */
  restart(): Promise<void>;
}

export interface WorldOptions {
  readonly nodes?: number;
  readonly more?: Partial<Config>;
  /** Whether there is a systembruker side, too; its APIs take tokens of the issuer. */
  readonly systembruker?: true;
  /** None by default. */
  readonly ownScopes?: TokenEndpoint['ownScopes'];
}

const shared = { bundle: undefined as ReturnType<typeof fitBundle> | undefined };

/** Opens it with scope `t:s` of P, granted to C, and client `c` of C with the key `first`. */
export async function tokenWorld(
  t: Ending,
  { nodes = 1, more = {}, ownScopes = new Map(), systembruker }: WorldOptions = {},
): Promise<TokenWorld> {
  const config = demoConfig(join(temporaryFolder(t), 'data'), { mode: 'production', refusalsPerMinute: 10_000, ...more });
  const lines: string[] = [];
  const log = createLog('debug', { write: (line: string) => lines.push(line) });
  const signer = await newSigner();
  const certificates = await tokenCertificates({ ...config, tell: (event, facts) => log.event('warn', event, facts) });
  shared.bundle ??= fitBundle(config);
  const bundle = await shared.bundle;
  let world: TokenWorld;
  const clock = (): number => world.now;
  let origins: string[] = [];
  let stores: Store[] = [];
  let uses: NotedUses[] = [];
  let ends: (() => Promise<unknown>)[] = [];
  const begin = async (): Promise<void> => {
    // LMDB has one writer in a process: its nodes share the store.
    const count = config.mongodbUri === undefined ? 1 : nodes;
    stores = await Promise.all(Array.from({ length: count }, () => openStore(config, clock)));
    for (let node = 0; node < nodes; node += 1) {
      const store = stores[node % count] as Store;
      const opened = await installOn(store, config, { bundle, clock, isSeen: false, presence: presenceIn(store, clock) });
      const noted = new NotedUses(store, clock, undefined, [systemUserUseKind]);
      uses.push(noted);
      const installation = systembruker ? { ...opened.installation, uses: noted, rooms: [systemUserKinds] } : opened.installation;
      const server = await openServer({ host: '127.0.0.1', port: 0, bodyTimeoutMs: 2000 }, (port) => {
        origins.push(`http://127.0.0.1:${port}`);
        const issuer = { name: ISSUER, signer };
        const tokenEndpoint: TokenEndpoint = {
          issuer,
          limits: config,
          certificates,
          authorizationDetails: new Map(systembruker && [[SYSTEM_USER_DETAILS, systemUserDetails(noted)]]),
          origin: 'https://tilgang.example',
          ownScopes,
        };
        const keys = { jwks: () => ({ keys: [signer.jwk] }), look: async () => {} };
        const own = systembruker ? [maskinportenIssuer(AUDIENCE, keys)] : [];
        const verifier = createTokenVerifier({ issuers: [], own, clock });
        const readiness = () => Promise.reject(new Error('not asked for'));
        const opa = { defaultDecision: config.opaDefaultDecision, version: '0' };
        const side = systembruker && {
          systembruker: { origin: AUDIENCE, requestDays: config.systemRequestDays, receivers: { networks: [], isTrial: true } },
        };
        return {
          log,
          apis: gatewayApis({ installation, verifier, limits: config, opa, rates: config, readiness, tokenEndpoint, ...side }),
        };
      });
      ends.push(() => server.stop({ stopDelayMs: 0, stopTimeoutMs: 1000 }));
      ends.push(() => opened.close());
    }
  };
  const end = async (): Promise<void> => {
    for (const one of ends) await one();
    for (const store of stores) await store.close();
    [ends, origins, uses] = [[], [], []];
  };
  world = worldOver({ config, lines, signer, origins: () => origins, uses: () => uses, store: () => stores[0] as Store });
  world.restart = async () => {
    await end();
    await begin();
  };
  await begin();
  t.teardown(end);
  await world.put.scope('t:s');
  await world.put.access('t:s');
  await world.put.client('c');
  return world;
}

interface Over {
  readonly config: Config;
  readonly lines: string[];
  readonly signer: SigningKey;
  origins(): readonly string[];
  uses(): readonly NotedUses[];
  store(): Store;
}

function worldOver({ config, lines, signer, origins, uses, store }: Over): TokenWorld {
  const any = { expect: 'any', facts } as const;
  const world: TokenWorld = {
    issuer: ISSUER,
    get origin() {
      return origins()[0] as string;
    },
    get origins() {
      return origins();
    },
    get store() {
      return store();
    },
    get uses() {
      return uses();
    },
    signer,
    lines,
    config,
    now: NOON,
    put: {
      async scope(name, more) {
        await store().collection(scopes).put(scopeOf(name, more), any);
      },
      async client(id, more) {
        await store().collection(clients).put(clientOf(id, more), any);
      },
      async access(scope, consumer = C, more = {}) {
        const access: ScopeAccess = {
          scope: scope as ScopeName,
          owner: P,
          consumer,
          state: 'APPROVED',
          created: AT,
          updated: AT,
          ...more,
        };
        await store().collection(scopeAccesses).put(access, any);
      },
      async delegation(scope, more = {}) {
        const delegation: Delegation = {
          consumer: C,
          supplier: L,
          scope: scope as ScopeName,
          source: 'https://source.example/',
          by: 'operator',
          created: AT,
          updated: AT,
          ...more,
        };
        await store().collection(delegations).put(delegation, any);
      },
      async onBehalfOf(clientId, value, orgnr) {
        const one: OnBehalfOf = { clientId, supplier: orgnr, value, name: value, orgnr, seat: 1, created: AT, updated: AT };
        await store().collection(onBehalfOfs).put(one, any);
      },
    },
    used: () => store().collection(usedAssertions).count({}),
    assertion({ claims = {}, header = {}, key = first } = {}) {
      const iat = Math.floor(world.now / 1000);
      const payload = { iss: 'c', aud: world.issuer, scope: 't:s', iat, exp: iat + 100, jti: randomUUID(), ...claims };
      return signed({ alg: 'RS256', kid: key.kid, ...header }, payload, key.privateKey);
    },
    ask(options = {}, node = 0) {
      const assertion = typeof options === 'string' ? options : world.assertion(options);
      return world.post(new URLSearchParams({ grant_type: JWT_BEARER, assertion }).toString(), {}, node);
    },
    async post(body, init = {}, node = 0) {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...init.headers };
      return described(
        'hentToken',
        await replyOf(await fetch(`${origins()[node]}/maskinporten/token`, { method: 'POST', body, ...init, headers })),
      );
    },
    get: async (path, headers = {}) => replyOf(await fetch(`${origins()[0]}${path}`, { headers })),
    claimsOf: ({ json, text }) => {
      if (typeof json?.access_token !== 'string') throw new TypeError(`no token: ${text}`);
      return JSON.parse(Buffer.from(json.access_token.split('.')[1], 'base64url').toString());
    },
    restart: () => Promise.reject(new Error('not yet')),
  };
  return world;
}

const { faultsOf } = readAnswerDescription('src/http/maskinporten/token/openapi.yaml');

/** The answer, which is as the description says. */
export function described(operationId: string, reply: TokenReply): TokenReply {
  const faults = faultsOf(operationId, reply);
  if (faults !== '') throw new TypeError(`${operationId}: ${faults}: ${reply.text}`);
  return reply;
}

async function replyOf(response: Response): Promise<TokenReply> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {}
  return { status: response.status, headers: response.headers, text, json };
}

/** A compact JWS over texts or objects, as they are. */
export function signed(header: unknown, payload: unknown, key: KeyObject | undefined, hash = 'sha256'): string {
  const part = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${key === undefined ? '' : sign(hash, Buffer.from(input), key).toString('base64url')}`;
}

/** What an error says, in short: status, code of OAuth, and the end of `error_uri`. */
export function said({ status, json }: TokenReply): string {
  return status === 200 ? '200' : `${status} ${json?.error} ${String(json?.error_uri).split('/').at(-1)}`;
}

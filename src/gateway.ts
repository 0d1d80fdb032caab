// The composition root: the only file that names the store's adapter and puts the parts together. Wiring, no rules.
import { constants } from 'node:fs';
import { access as fileAccess, readFile, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { entities, type Installation, partsFor } from '#access';
import type { Check, OpenAccess } from '#cli';
import type { Config } from '#config';
import { createDecisions } from '#decisions';
import { demoWorld, fillDemoWorld, filling, isFilled } from '#demo';
import { toInstant } from '#domain';
import { type DemoIssuer, gatewayApis, keyedRequests, openServer, publicOrigin, type Readiness } from '#http';
import { openPersonVault, type PersonVault } from '#persons';
import { type Bundle, loadBundle } from '#policy';
import { ProblemError } from '#problem';
import type { Entity, Store } from '#storage';
import { openLmdbStore } from '#storage/lmdb';
import type { Log } from '#telemetry';
import { createTokenVerifier, issuerMetadata, machineClaims, openSigningKeys, personClaims, type TrustedIssuer } from '#tokens';

const STORE = 'store';
const SIGNING_KEYS = 'demo-signing-keys';
/** Milliseconds since the epoch. */
type Clock = () => number;

/** A gateway that answers. */
export interface Gateway {
  /** Where callers reach it, such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** Refuses new work, answers what is in flight, closes the store. */
  stop(): Promise<void>;
}

/** The demo issuers of an origin: Maskinporten's name ends in a slash, ID-porten's does not. */
function demoIssuers(origin: string): readonly TrustedIssuer[] {
  const shared = { audience: origin, algorithms: ['RS256'] } as const;
  return [
    { issuer: `${origin}/maskinporten/`, kind: 'maskinporten', ...shared },
    { issuer: `${origin}/idporten`, kind: 'idporten', ...shared },
  ];
}

/** Opens the installation's store with what works on it. */
export async function openAccess(config: Config, clock: Clock = Date.now): Promise<OpenAccess> {
  const { installation, close } = await openInstallation(config, clock);
  return { access: partsFor(installation), close };
}

async function openInstallation(
  config: Config,
  clock: Clock,
): Promise<{ readonly installation: Installation; readonly close: () => Promise<void> }> {
  const bundle = await readBundle(config);
  const store = await openLmdbStore({ path: join(config.data, STORE), entities: kept, mapSizeBytes: config.storeMapBytes, clock });
  try {
    const vault = await openVaultOf(store, config, clock);
    const decisions = createDecisions(() => bundle);
    return { installation: { store, vault, decisions, clock }, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Under which secrets the store's persons are named and sealed. */
const personSecrets: Entity<{ readonly name: 'person-secrets'; readonly fingerprint: string }> = {
  name: 'person-secrets',
  key: ({ name }) => name,
  indexes: {},
};

/** All that an installation keeps, whichever room declares it. */
const kept = [...entities, personSecrets, filling, keyedRequests];

/** The vault under the secrets that the store was made under: under others nobody would be found, and each answer would be a silent no. */
async function openVaultOf(store: Store, { data, namingSecretFile, sealingSecretFile }: Config, clock: Clock): Promise<PersonVault> {
  const collection = store.collection(personSecrets);
  let recorded = await collection.get('person-secrets');
  const vault = await openPersonVault(data, {
    mayMake: recorded === undefined,
    ...(namingSecretFile === undefined ? {} : { namingSecretFile }),
    ...(sealingSecretFile === undefined ? {} : { sealingSecretFile }),
  });
  const { fingerprint } = vault;
  if (recorded === undefined) {
    const facts = { action: 'person-secrets.record', at: toInstant(clock()), actor: 'operator' };
    recorded = await collection.put({ name: 'person-secrets', fingerprint }, { expect: 'absent', facts }).catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
      return collection.get('person-secrets'); // Another process was first.
    });
  }
  if (recorded?.value.fingerprint === fingerprint) return vault;
  throw new ProblemError('store-unavailable', {
    detail: 'The store was made under other person secrets. Put back person-naming.secret and person-sealing.secret from the backup.',
  });
}

async function readBundle({ policyBundle }: Config): Promise<Bundle> {
  let tarball: Buffer;
  try {
    tarball = await readFile(policyBundle);
  } catch (cause) {
    throw new ProblemError('bundle-invalid', { detail: `The bundle ${policyBundle} cannot be read.`, cause });
  }
  return loadBundle(tarball);
}

/**
 * Starts the gateway and resolves once it listens and is ready.
 * @param clock what the whole gateway takes the time from; handed in by tests
 * @throws ProblemError `config-invalid`, `bundle-invalid`, `store-unavailable`; Error of the system if the address is taken
 */
export async function startGateway(config: Config, log: Log, clock: Clock = Date.now): Promise<Gateway> {
  const isDemo = config.mode === 'demo';
  if (!isDemo && config.issuers.length === 0) {
    const detail = 'issuers (TILGANG_ISSUERS): in production mode at least one trusted issuer is needed, or nobody could ask';
    throw new ProblemError('config-invalid', { detail, at: [{ pointer: '/issuers', detail }] });
  }
  const { installation, close } = await openInstallation(config, clock);
  let stopping = false;
  try {
    if (isDemo && !(await isFilled(installation.store))) {
      await fillDemoWorld(partsFor(installation), demoWorld(toInstant(clock())));
      log.event('info', 'demo world filled');
    }
    const keys = isDemo ? await openSigningKeys(join(config.data, SIGNING_KEYS)) : undefined;
    const { host, port, bodyTimeoutMs, maxBodyBytes, maxBodyDepth, maxImportBytes, lookUpsPerMinute, refusalsPerMinute } = config;
    let origin = '';
    const server = await openServer({ host, port, bodyTimeoutMs }, (bound) => {
      origin = publicOrigin(config, bound);
      const own = isDemo ? demoIssuers(origin) : [];
      const verifier = createTokenVerifier({
        issuers: [...own, ...config.issuers],
        clock,
        onFetchFailed: (issuer, cause) => log.fault(new ProblemError('issuer-unavailable', { detail: `Keys of ${issuer}.`, cause })),
      });
      const published = own.map(
        ({ issuer, kind }): DemoIssuer => ({
          path: new URL(issuer).pathname,
          metadata: { ...issuerMetadata({ issuer, kind }) },
          jwks: () => keys?.jwks() ?? { keys: [] },
        }),
      );
      const apis = gatewayApis({
        installation,
        verifier,
        limits: { maxBodyBytes, maxBodyDepth, maxImportBytes, bodyTimeoutMs },
        rates: { lookUpsPerMinute, refusalsPerMinute },
        readiness: () => readiness(installation, stopping),
        ...(isDemo ? { demoIssuers: published } : {}),
      });
      return { log, apis };
    });
    log.event('info', 'listening', { origin, mode: config.mode, policyRevision: installation.decisions.pinned().revision });
    let stopped: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      stopping = true;
      await drain(server, config.stopTimeoutMs);
      await close();
      log.event('info', 'stopped');
      log.flush();
    };
    return {
      origin,
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ready only when the store reads and a policy is loaded, and not when stopping. */
async function readiness({ store, decisions }: Installation, stopping: boolean): Promise<Readiness> {
  const storeState = await store.check().then(
    () => 'ok',
    () => 'unavailable',
  );
  const parts = { store: storeState, policy: decisions.pinned().revision, ...(stopping ? { service: 'stopping' } : {}) };
  return { ready: storeState === 'ok' && !stopping, parts };
}

/** No new connection, the idle ones closed, the busy ones answered; whoever is not done in time is cut. */
async function drain(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

/** A token for a client or a person of the demo world; `undefined` if the world has no such one. */
export async function demoToken(
  config: Config,
  holder: { readonly client: string } | { readonly person: string },
  lifetimeSeconds: number,
  clock: Clock = Date.now,
): Promise<string | undefined> {
  const world = demoWorld(toInstant(clock()));
  const origin = publicOrigin(config, config.port);
  const [maskinporten, idporten] = demoIssuers(origin).map(({ issuer }) => issuer) as [string, string];
  let claims: object;
  if ('client' in holder) {
    const client = world.clients.find(({ id }) => id === holder.client);
    if (client === undefined) return undefined;
    claims = machineClaims({ issuer: maskinporten, audience: origin, client, scopes: client.scopes });
  } else {
    const holders = [...world.persons, ...world.administrators];
    const person = holders.find(({ id, brukerIdent }) => id === holder.person || brukerIdent === holder.person);
    if (person === undefined) return undefined;
    claims = personClaims({
      issuer: idporten,
      audience: origin,
      pid: person.brukerIdent,
      clientId: 'demo-innlogging',
      acr: 'idporten-loa-high',
    });
  }
  const keys = await openSigningKeys(join(config.data, SIGNING_KEYS));
  return keys.sign(claims, { expiresInSeconds: lifetimeSeconds, now: clock() });
}

/** What is wrong with an installation, check by check; each goes on after the one before it failed. */
export async function* examine(load: () => Config): AsyncGenerator<Check> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  yield major > 20 || (major === 20 && minor >= 19)
    ? { name: 'Node.js', state: 'ok', found: process.versions.node }
    : { name: 'Node.js', state: 'fault', found: process.versions.node, remedy: 'Install Node.js 20.19 or newer.' };
  let config: Config;
  try {
    config = load();
    yield { name: 'configuration', state: 'ok', found: `${config.mode} mode, data in ${config.data}` };
  } catch (error) {
    yield faultOf('configuration', error);
    return;
  }
  if (config.mode === 'production' && config.issuers.length === 0) {
    yield {
      name: 'issuers',
      state: 'fault',
      found: 'no trusted issuer',
      remedy:
        'Name one in TILGANG_ISSUERS or the file of TILGANG_CONFIG (`tilgang serve --help` shows the form); or use TILGANG_MODE=demo.',
    };
  }
  yield* examineFolder(config.data);
  try {
    const bundle = await readBundle(config);
    yield { name: 'policy', state: 'ok', found: `revision ${bundle.revision}, ${bundle.entrypoints.length} entrypoints` };
  } catch (error) {
    yield faultOf('policy', error);
  }
  const isThere = await stat(join(config.data, STORE)).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    yield { name: 'store', state: 'warning', found: 'none yet', remedy: 'The first start makes it (`make run` for a demo).' };
  } else {
    try {
      const { access, close } = await openAccess(config);
      const filled = await isFilled(access.store);
      await access.store.check();
      await close();
      yield { name: 'store', state: 'ok', found: filled ? 'opens and reads; holds the demo world' : 'opens and reads' };
    } catch (error) {
      yield faultOf('store', error);
    }
  }
  yield await examineAddress(publicOrigin({ ...config, publicUrl: undefined }, config.port));
}

async function* examineFolder(folder: string): AsyncGenerator<Check> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) {
    yield { name: 'data folder', state: 'warning', found: `${folder} is not there yet`, remedy: 'The first start makes it.' };
    return;
  }
  const mayUse = await fileAccess(folder, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!mayUse) {
    yield {
      name: 'data folder',
      state: 'fault',
      found: `${folder} cannot be written`,
      remedy: 'Give it to the user that runs the gateway.',
    };
  } else if ((found.mode & 0o077) !== 0) {
    yield { name: 'data folder', state: 'fault', found: `others may look into ${folder}`, remedy: `chmod 700 ${folder}` };
  } else yield { name: 'data folder', state: 'ok', found: folder };
  for (const name of ['person-naming.secret', 'person-sealing.secret']) {
    const path = join(folder, name);
    const secret = await stat(path).catch(() => undefined);
    if (secret !== undefined && (secret.mode & 0o077) !== 0) {
      yield {
        name,
        state: 'fault',
        found: 'others may read it',
        remedy: `chmod 600 ${path}; whoever has read it can recompute names of persons`,
      };
    }
  }
}

async function examineAddress(origin: string): Promise<Check> {
  try {
    const answer = await fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(2000) });
    return answer.ok
      ? { name: 'gateway', state: 'ok', found: `answers at ${origin} and is ready` }
      : { name: 'gateway', state: 'fault', found: `${origin} answers ${answer.status}`, remedy: 'See /health/ready and the log.' };
  } catch {
    return { name: 'gateway', state: 'warning', found: `nothing answers at ${origin}`, remedy: 'Start it: make run, or tilgang serve.' };
  }
}

function faultOf(name: string, error: unknown): Check {
  if (!(error instanceof ProblemError)) return { name, state: 'fault', found: (error as Error).message };
  return { name, state: 'fault', found: error.message, remedy: error.entry.remedy };
}

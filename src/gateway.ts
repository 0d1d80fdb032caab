// The composition root: the only file that names the store's adapter and puts the parts together. Wiring, no rules.
import { join } from 'node:path';
import { entities, type Installation, openVaultOf, partsFor, personSecrets } from '#access';
import type { ExaminedSettings, OpenAccess } from '#cli';
import { assertCallersPossible, type Config } from '#config';
import { createDecisions } from '#decisions';
import { type DemoHolder, demoIssuers, demoTokenFor, demoWorld, fillDemoWorld, filling, isFilled, openDemoKeys } from '#demo';
import { toInstant } from '#domain';
import { drain, gatewayApis, keyedRequests, openServer, publicOrigin, readinessOf } from '#http';
import { loadBundleFile } from '#policy';
import { ProblemError } from '#problem';
import { openLmdbStore } from '#storage/lmdb';
import type { Log } from '#telemetry';
import { createTokenVerifier, type SigningKeys } from '#tokens';

/** Milliseconds since the epoch. */
type Clock = () => number;

/** A gateway that answers. */
export interface Gateway {
  /** Where callers reach it, such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** Refuses new work, answers what is in flight, closes the store. */
  stop(): Promise<void>;
}

interface OpenInstallation {
  readonly installation: Installation;
  close(): Promise<void>;
}

const storeFolder = ({ data }: Config): string => join(data, 'store');

/** All that an installation keeps, whichever room declares it. */
const kept = [...entities, personSecrets, filling, keyedRequests];

async function openInstallation(config: Config, clock: Clock): Promise<OpenInstallation> {
  const bundle = await loadBundleFile(config.policyBundle);
  const store = await openLmdbStore({ path: storeFolder(config), entities: kept, mapSizeBytes: config.storeMapBytes, clock });
  try {
    const vault = await openVaultOf(store, config.data, config, clock);
    const decisions = createDecisions(() => bundle);
    return { installation: { store, vault, decisions, clock }, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The installation's store with what works on it, for one command. @throws ProblemError `bundle-invalid`, `store-unavailable` */
export async function openAccess(config: Config, clock: Clock = Date.now): Promise<OpenAccess> {
  const { installation, close } = await openInstallation(config, clock);
  return { access: partsFor(installation), close };
}

/**
 * Starts the gateway and resolves once it listens and is ready.
 * @param clock what the whole gateway takes the time from; handed in by tests
 * @throws ProblemError `config-invalid`, `bundle-invalid`, `store-unavailable`; Error of the system if the address is taken
 */
export async function startGateway(config: Config, log: Log, clock: Clock = Date.now): Promise<Gateway> {
  assertCallersPossible(config);
  const opened = await openInstallation(config, clock);
  try {
    const keys = config.mode === 'demo' ? await openDemo(config, opened.installation, log) : undefined;
    return await listen(config, opened, keys, log);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openDemo({ data }: Config, installation: Installation, log: Log): Promise<SigningKeys> {
  if (!(await isFilled(installation.store))) {
    await fillDemoWorld(partsFor(installation), demoWorld(toInstant(installation.clock())));
    log.event('info', 'demo world filled');
  }
  return openDemoKeys(data);
}

/** @param keys what the demo issuers sign with; only in demo mode */
async function listen(config: Config, opened: OpenInstallation, keys: SigningKeys | undefined, log: Log): Promise<Gateway> {
  const { installation, close } = opened;
  let origin = '';
  let isStopping = false;
  const server = await openServer(config, (port) => {
    origin = publicOrigin(config, port);
    const own = keys === undefined ? [] : demoIssuers(origin, keys);
    const verifier = createTokenVerifier({
      issuers: [...own.map(({ trusted }) => trusted), ...config.issuers],
      clock: installation.clock,
      onFetchFailed: (issuer, cause) => log.fault(new ProblemError('issuer-unavailable', { detail: `Keys of ${issuer}.`, cause })),
    });
    const readiness = () => readinessOf(installation, isStopping);
    return { log, apis: gatewayApis({ installation, verifier, limits: config, rates: config, readiness, demoIssuers: own }) };
  });
  log.event('info', 'listening', { origin, mode: config.mode, policyRevision: installation.decisions.pinned().revision });
  const stop = async (): Promise<void> => {
    isStopping = true;
    await drain(server, config.stopTimeoutMs);
    await close();
    log.event('info', 'stopped');
    log.flush();
  };
  let stopped: Promise<void> | undefined;
  return {
    origin,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** A token for a client or a person of the demo world; `undefined` if the world has no such one. */
export async function demoToken(
  config: Config,
  holder: DemoHolder,
  lifetimeSeconds: number,
  clock: Clock = Date.now,
): Promise<string | undefined> {
  const now = clock();
  const options = { data: config.data, origin: publicOrigin(config, config.port), lifetimeSeconds, now };
  return demoTokenFor(demoWorld(toInstant(now)), holder, options);
}

/** What `tilgang doctor` looks at: the address is the one that is listened on here, whatever callers see. */
export function examinedSettings(config: Config): ExaminedSettings {
  return { ...config, storeFolder: storeFolder(config), origin: publicOrigin({ ...config, publicUrl: undefined }, config.port) };
}

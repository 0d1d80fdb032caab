// A server in front of an opened installation: puts verifier, APIs and issuers together. Wiring, no rules.

import { createServer } from 'node:net';
import { type Installation, partsFor } from '#access';
import { assertCallersPossible, type Config, modeOf } from '#config';
import { demoIssuers, demoWorld, fillDemoWorld, isFilled, openDemoKeys, rememberOrigin } from '#demo';
import { toInstant } from '#domain';
import { gatewayApis, openServer, readinessOf } from '#http';
import { publicOrigin } from '#http/settings';
import { revisionOfSources } from '#policy';
import { ProblemError } from '#problem';
import type { Log } from '#telemetry';
import { createTokenVerifier, type SigningKeys } from '#tokens';
import { type Clock, type OpenInstallation, openInstallation } from './installation.js';

/** A gateway that answers. */
export interface Gateway {
  /** Where callers reach it, such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** Reads the policy bundle again, and what a rotation of the sealing secret asks for; an unfit one is logged, and the one that judges goes on. Never rejects. */
  reload(): Promise<void>;
  /** Turns readiness red, answers what has arrived and what still does for a moment, closes the store. */
  stop(): Promise<void>;
}

/**
 * Starts the gateway and resolves once it listens and is ready.
 * @param clock what the whole gateway takes the time from; handed in by tests
 * @throws ProblemError `config-invalid`, `bundle-invalid`, `store-unavailable`; Error of the system if the address is taken
 */
export async function startGateway(config: Config, log: Log, clock: Clock = Date.now): Promise<Gateway> {
  assertCallersPossible(config);
  await assertAddressFree(config);
  const mode = modeOf(config);
  const opened = await openInstallation({ ...config, mode }, clock);
  try {
    const keys = mode === 'demo' ? await openDemo(config, opened.installation, log) : undefined;
    return await listen(config, opened, keys, log);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/**
 * Holds that the address can be had, before anything is written.
 * @throws ProblemError `config-invalid` that says what to do
 */
async function assertAddressFree({ host, port }: Config): Promise<void> {
  const trial = createServer();
  const fault = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    trial.once('error', resolve).listen(port, host, () => trial.close(() => resolve(undefined)));
  });
  if (fault === undefined) return;
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `the port ${port} is taken: stop what listens there, or give another TILGANG_PORT`,
    EACCES: `the port ${port} may not be listened on by this user: give a TILGANG_PORT from 1024`,
  };
  const detail = why[fault.code ?? ''] ?? `${host} is no address of this machine (${fault.code}): give another TILGANG_HOST`;
  throw new ProblemError('config-invalid', { detail, at: [{ pointer: '/port', detail }] });
}

/** In a checkout: what the bundle was not built from. */
function staleBundle({ policyBundle }: Config, { decisions }: Installation): { sources: string; remedy: string } | undefined {
  const sources = revisionOfSources(policyBundle);
  if (sources === undefined || sources === decisions.pinned().revision) return undefined;
  return { sources, remedy: 'the answers are those of the bundle, not of policies/: make policies' };
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
    const readiness = () => readinessOf(installation, verifier, isStopping);
    return { log, apis: gatewayApis({ installation, verifier, limits: config, rates: config, readiness, demoIssuers: own }) };
  });
  if (keys !== undefined) await rememberOrigin(config.data, origin);
  log.event('info', 'listening', { origin, mode: modeOf(config), policyRevision: installation.decisions.pinned().revision });
  const stale = staleBundle(config, installation);
  if (stale !== undefined) log.event('warn', 'policies differ from the bundle', stale);
  const reload = async (): Promise<void> => {
    await opened.reloadSecrets().catch((error: unknown) => log.fault(error));
    try {
      log.event('info', 'policy loaded again', { policyRevision: await opened.reloadPolicy() });
    } catch (error) {
      log.fault(error);
    }
    log.flush();
  };
  const stop = async (): Promise<void> => {
    isStopping = true;
    log.event('info', 'stopping');
    await server.stop(config);
    await close();
    log.event('info', 'stopped');
    log.flush();
  };
  let stopped: Promise<void> | undefined;
  // One after another: of two at once the older bundle could be the last that is read.
  let reloaded: Promise<void> = Promise.resolve();
  return {
    origin,
    reload() {
      reloaded = reloaded.then(reload);
      return reloaded;
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

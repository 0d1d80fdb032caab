// A server in front of an opened installation: puts verifier, APIs and issuers together. Wiring, no rules.
import { type Installation, partsFor } from '#access';
import { assertCallersPossible, type Config } from '#config';
import { demoIssuers, demoWorld, fillDemoWorld, isFilled, openDemoKeys } from '#demo';
import { toInstant } from '#domain';
import { gatewayApis, openServer, readinessOf } from '#http';
import { publicOrigin } from '#http/settings';
import { ProblemError } from '#problem';
import type { Log } from '#telemetry';
import { createTokenVerifier, type SigningKeys } from '#tokens';
import { type Clock, type OpenInstallation, openInstallation } from './installation.js';

/** A gateway that answers. */
export interface Gateway {
  /** Where callers reach it, such as `http://127.0.0.1:8080`. */
  readonly origin: string;
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
    log.event('info', 'stopping');
    await server.stop(config);
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

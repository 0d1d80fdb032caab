// A server in front of an opened installation: puts verifier, APIs and issuers together. Wiring, no rules.

import { createServer } from 'node:net';
import { followSources, type Installation, partsFor, reportBundles, standardContent } from '#access';
import { assertCallersPossible, type Config, isIdporten, isMaskinporten, isSystembruker, modeOf, version } from '#config';
import { DEMO_COMMAND_LINE, demoFaces, demoWorld, fillDemoWorld, isFilled, openDemoClientKey, rememberOrigin } from '#demo';
import { present, toInstant } from '#domain';
import {
  type ApisParts,
  consentStep,
  demoEidStep,
  gatewayApis,
  handedServer,
  openPages,
  openServer,
  type Pages,
  type ProtectedResource,
  readinessOf,
  type ServerParts,
  showProviderPage,
  type UpstreamParts,
  upstreamEidStep,
} from '#http';
import { publicOrigin } from '#http/settings';
import {
  describeAsk,
  type IdportenEndpoint,
  idportenIssuer,
  idportenName,
  recordLogin,
  refusingBlocked,
  TestPersons,
  UpstreamEid,
} from '#idporten';
import {
  type CertificateJudge,
  KeyEndings,
  maskinportenIssuer,
  maskinportenName,
  ownScopes,
  type Side,
  SigningRing,
  type TokenEndpoint,
  tokenCertificates,
} from '#maskinporten';
import { ProblemError } from '#problem';
import { addressProblem, announce, type Bounds, type Order, ownBounds, type WorkerGateway } from '#serving';
import { Deliveries, type Receivers, RequestEndings, SYSTEM_USER_DETAILS, systemUserDetails, systemUserKinds } from '#systembruker';
import type { Log } from '#telemetry';
import { createTokenVerifier, type PublishedIssuer } from '#tokens';
import { hasStandardSource, keyTermsOf, type OpenInstallation, openInstallation, type PreparedPolicy, sideOf } from './installation.js';
import type { Clock } from './stores.js';

/** A gateway that answers. */
export interface Gateway {
  /** Where callers reach it, such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** Looks for what a rotation of the sealing secret asks for, and reads the policy bundle again; if that is unfit the one that judges goes on. @returns its revision @throws ProblemError `bundle-invalid` */
  reload(): Promise<string>;
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
  const opened = await openWithKeys(config, log, clock);
  try {
    return await listen(config, opened, log);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/**
 * Opens the gateway of a worker, which answers what the entrance of its parent lets in.
 * @throws as startGateway
 */
export async function openWorkerGateway(config: Config, log: Log, order: Order, bounds: Bounds): Promise<WorkerGateway> {
  const { port, bundle, number } = order;
  const opened = await openWithKeys(config, log, Date.now, bundle);
  try {
    const origin = publicOrigin(config, port);
    const state = { isStopping: false };
    const server = handedServer(config.bodyTimeoutMs, serverParts(config, opened, { origin, log, state, bounds }));
    opened.tellVendors(origin);
    // Once: whoever reads it meanwhile may find it empty.
    if (opened.kind === 'demo' && number === 1 && !order.isSuccessor) await rememberOrigin(config.data, origin);
    return {
      origin,
      policyRevision: opened.installation.decisions.pinned().revision,
      take: (socket) => server.take(socket),
      preparePolicy: (tarball) => prepareReload(config, opened, log, tarball),
      beginStop() {
        state.isStopping = true;
        return server.beginStop();
      },
      holdBack: () => server.holdBack(),
      async finish(withinMs) {
        await server.finish(withinMs);
        await opened.close();
        log.flush();
      },
    };
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
  if (fault !== undefined) throw addressProblem(fault, { host, port });
}

interface OpenedGateway extends OpenInstallation {
  /** What our own issuers sign with, if there are any. */
  readonly keys: SigningRing | undefined;
  readonly certificates: CertificateJudge;
  /** Tells vendors what becomes of what they have asked for, from now on. */
  readonly tellVendors: (origin: string) => void;
  /** Makes the OpenID provider of an issuer; absent: nobody logs in here. */
  readonly openIdporten: ((origin: string) => OpenedIdporten) | undefined;
}

async function openWithKeys(config: Config, log: Log, clock: Clock, bundle?: Uint8Array): Promise<OpenedGateway> {
  const mode = modeOf(config);
  const serves = (event: string, facts: Readonly<Record<string, string | number>>): void => log.event('warn', event, facts);
  const opened = await openInstallation({ ...config, mode }, clock, { tarball: bundle, serves });
  try {
    const keys = isMaskinporten(config) || isIdporten(config) ? await openKeys(config, opened, log) : undefined;
    if (mode === 'demo') await Promise.all([fillDemo(config, opened.installation, log), keys?.ready()]);
    const roots = isMaskinporten(config) ? config.certificateRoots : undefined;
    const tell = (event: string, facts: Readonly<Record<string, string>>): void => log.event('warn', event, facts);
    const certificates = await tokenCertificates({ ...config, certificateRoots: roots, tell });
    const openIdporten = keys && isIdporten(config) ? await idportenOf(config, opened, keys, log) : undefined;
    return await atWork(config, { ...opened, keys, certificates, openIdporten }, log);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The issuers' keys, which are seen to from now on. In production the first one may still be in the making: the first token waits for it. */
async function openKeys(config: Config, { installation, kind }: OpenInstallation, log: Log): Promise<SigningRing> {
  const keys = new SigningRing(installation);
  await keys.begin({ ...keyTermsOf(config, kind), keyDays: config.issuerKeyDays }, (fault) => log.fault(fault as Error));
  return keys;
}

/** What answers persons who log in: the OpenID provider, and where another one speaks to us at which they show who they are. */
interface OpenedIdporten {
  readonly pages: Pages;
  readonly provider: IdportenEndpoint;
  readonly upstream?: UpstreamParts;
}

/** How the OpenID provider is made. Its library is loaded here alone: no command waits for it. */
async function idportenOf(config: Config, opened: OpenInstallation, keys: SigningRing, log: Log) {
  const { IdportenProvider } = await import('#idporten/provider');
  const { store, vault, clock } = opened.installation;
  const onFault = (fault: unknown): void => log.fault(fault as Error);
  return (origin: string): OpenedIdporten => {
    const issuer = idportenName(origin);
    const pages = openPages(origin);
    const redirectUri = `${issuer}/eid/callback`;
    const upstream = config.eidIssuer === undefined ? undefined : new UpstreamEid({ store, vault, clock, settings: config, redirectUri });
    const provider = new IdportenProvider({
      store,
      vault,
      clock,
      keys,
      issuer,
      times: config,
      authorizations: () => ({ ...partsFor(opened.installation), side: sideOf(config, opened.kind, origin) }),
      eid: upstream === undefined ? demoEidStep(pages, testPersons(opened)) : upstreamEidStep(pages, upstream, onFault),
      consent: consentStep(pages, (client, ask) => describeAsk({ store, side: sideOf(config, opened.kind, origin) }, client, ask)),
      recordLogin: ({ client, person, acr, amr }) => {
        const service = { clientId: client.id, orgnr: client.orgnr, name: client.name };
        return recordLogin(opened.installation, config, { person, acr, amr, service });
      },
      show: showProviderPage(pages),
      onFault,
      onUnheard: (clientId) => log.event('warn', 'client did not hear of a logout', { client: clientId }),
    });
    return { provider, pages, ...present({ upstream: upstream && { pages, upstream } }) };
  };
}

/** Whom anybody may log in as. In production there is nobody. @throws ProblemError `config-invalid` if nobody could log in at all */
function testPersons({ kind }: Pick<OpenInstallation, 'kind'>): TestPersons {
  // Who they are does not depend on the moment.
  if (kind === 'demo') return new TestPersons(demoFaces(demoWorld(toInstant(0))));
  throw new ProblemError('config-invalid', { detail: 'eidIssuer (TILGANG_EID_ISSUER) is missing: nobody could show who they are' });
}

async function fillDemo(config: Config, installation: Installation, log: Log): Promise<void> {
  if (await isFilled(installation.store)) return;
  const side = sideOf(config, 'demo', publicOrigin(config, config.port));
  await fillDemoWorld(partsFor(installation), demoWorld(toInstant(installation.clock())), { side, key: openDemoClientKey(config.data) });
  log.event('info', 'demo world filled');
}

/** The issuers that the gateway is and trusts, by the origin that callers see. */
function ownIssuers(config: Config, { keys }: OpenedGateway, origin: string): readonly PublishedIssuer[] {
  if (keys === undefined) return [];
  return [
    ...(isMaskinporten(config) ? [maskinportenIssuer(origin, keys, isSystembruker(config) ? [SYSTEM_USER_DETAILS] : [])] : []),
    ...(isIdporten(config) ? [idportenIssuer(origin, keys)] : []),
  ];
}

/** What a server answers with. */
function serverParts(
  config: Config,
  opened: OpenedGateway,
  { origin, log, state, bounds }: { origin: string; log: Log; state: { readonly isStopping: boolean }; bounds: Bounds },
): ServerParts {
  const { keys, logState } = opened;
  const installation = isSystembruker(config) ? { ...opened.installation, rooms: [systemUserKinds] } : opened.installation;
  const own = ownIssuers(config, opened, origin);
  const verifying = createTokenVerifier({
    issuers: config.issuers,
    own,
    clock: installation.clock,
    onFetchFailed: (issuer, cause) => log.fault(new ProblemError('issuer-unavailable', { detail: `Keys of ${issuer}.`, cause })),
  });
  const { store, vault } = installation;
  const verifier = isIdporten(config) ? refusingBlocked(verifying, { issuer: idportenName(origin), store, vault }) : verifying;
  const readiness = () => readinessOf(installation, verifier, { isStopping: state.isStopping, log: logState() });
  const side = keys === undefined || !isMaskinporten(config) ? undefined : sideOf(config, opened.kind, origin);
  const apis = gatewayApis({
    installation,
    verifier,
    limits: config,
    opa: { defaultDecision: config.opaDefaultDecision, version },
    rates: config,
    bounds,
    readiness,
    discovery: present({ origin, clock: installation.clock, signed: side && keys && { issuer: maskinportenName(origin), signer: keys } }),
    resource: resourceOf(config, own, origin),
    issuers: own,
    ...present({
      maskinporten: side,
      systembruker: isSystembruker(config) ? { origin, requestDays: config.systemRequestDays, receivers: receiversOf(config) } : undefined,
      idporten: idportenParts(config, opened, origin),
      tokenEndpoint: side && keys && tokenEndpointOf(config, side, keys, opened),
    }),
  });
  return { log, apis };
}

/** Where vendors can be told. */
function receiversOf(config: Config): Receivers {
  const isTrial = modeOf(config) === 'demo';
  return { networks: isTrial ? [...config.webhookNetworks, ...OWN_MACHINE] : config.webhookNetworks, isTrial };
}

const OWN_MACHINE = ['127.0.0.0/8', '::1/128'];

/** Whose tokens the gateway believes, and where people log in for it. */
function resourceOf({ issuers, loginClientId, mode }: Config, own: readonly PublishedIssuer[], origin: string): ProtectedResource {
  const trusted = [...own.map(({ trusted }) => trusted), ...issuers];
  const ofPersons = trusted.find(({ kind }) => kind === 'idporten');
  const clientId = loginClientId ?? (mode === 'demo' ? DEMO_COMMAND_LINE : undefined);
  const login = ofPersons && clientId !== undefined ? { issuer: ofPersons.issuer, clientId } : undefined;
  return present({ origin, issuers: trusted.map(({ issuer }) => issuer), login });
}

/** What our ID-porten answers with, if it is one. */
function idportenParts(config: Config, { keys, kind, openIdporten }: OpenedGateway, origin: string): ApisParts['idporten'] {
  if (keys === undefined || openIdporten === undefined) return undefined;
  return { signer: keys, side: sideOf(config, kind, origin), ...openIdporten(origin) };
}

/** The token endpoint of our Maskinporten. */
function tokenEndpointOf(limits: Config, side: Side, signer: SigningRing, { certificates, installation }: OpenedGateway): TokenEndpoint {
  return {
    issuer: { name: maskinportenName(side.origin), signer },
    limits,
    certificates,
    authorizationDetails: new Map(isSystembruker(limits) ? [[SYSTEM_USER_DETAILS, systemUserDetails(installation.uses)]] : []),
    origin: side.origin,
    ownScopes: ownScopes(side),
  };
}

/** Whoever changes a bundle or the secrets says so by the same signal. @throws ProblemError `bundle-invalid` */
async function prepareReload(config: Config, opened: OpenInstallation, log: Log, tarball?: Uint8Array): Promise<PreparedPolicy> {
  await opened.reloadSecrets().catch((error: unknown) => log.fault(error));
  // What a source has given stands before what the file holds.
  const taken = hasStandardSource(config) ? await standardContent(opened.installation) : undefined;
  return opened.preparePolicy(taken ?? tarball);
}

/** With what is done beside requests until it is closed: takes bundles from where the configuration says, tells how those of applications do, and when keys of clients and requests for system users end, and vendors what becomes of theirs. */
async function atWork(config: Config, opened: Omit<OpenedGateway, 'tellVendors'>, log: Log): Promise<OpenedGateway> {
  const { policySources: sources } = config;
  const { installation, preparePolicy } = opened;
  const onFault = (fault: unknown): void => log.fault(fault as Error);
  const unfollow = await followSources(installation, { sources, standard: { prepare: preparePolicy }, onFault });
  const endReports = reportBundles(installation);
  const endings = new KeyEndings(installation.store, installation.clock, ({ client, kid, until, days }) =>
    log.event('warn', 'client key ends soon', { client: client.id, orgnr: client.orgnr, kid, until, days }),
  );
  if (isMaskinporten(config)) endings.begin(onFault);
  const { keys } = opened;
  const { networks } = receiversOf(config);
  const deliveries = keys && isSystembruker(config) ? new Deliveries({ ...installation, signer: keys, networks }) : undefined;
  const requestEndings = new RequestEndings(installation);
  if (isSystembruker(config)) requestEndings.begin(onFault);
  const close = async (): Promise<void> => {
    await Promise.all([unfollow(), endReports(), endings.end(), requestEndings.end(), deliveries?.end()]);
    await keys?.end();
    await opened.close();
  };
  return { ...opened, close, tellVendors: (origin) => deliveries?.begin(maskinportenName(origin), onFault) };
}

async function listen(config: Config, opened: OpenedGateway, log: Log): Promise<Gateway> {
  let origin = '';
  const state = { isStopping: false };
  const server = await openServer(config, (port) => {
    origin = publicOrigin(config, port);
    return serverParts(config, opened, { origin, log, state, bounds: ownBounds() });
  });
  if (opened.kind === 'demo') await rememberOrigin(config.data, origin);
  opened.tellVendors(origin);
  announce(log, { origin, mode: modeOf(config), policyRevision: opened.installation.decisions.pinned().revision }, config.policyBundle);
  const stop = async (): Promise<void> => {
    state.isStopping = true;
    log.event('info', 'stopping');
    await server.stop(config);
    await opened.close();
    log.event('info', 'stopped');
    log.flush();
  };
  let stopped: Promise<void> | undefined;
  return {
    origin,
    async reload() {
      const { revision, activate } = await prepareReload(config, opened, log);
      activate();
      return revision;
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

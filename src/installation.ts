// The installation of a configuration: its store, secrets and policies, opened. No server is loaded for it, so that commands begin at once. Where its store is
// stands in stores.ts; gateway.ts puts a server in front; main hands both to the command line.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  assertAlike,
  assertKnownAnswers,
  assertSchema,
  type BundleLoader,
  conditionsOf,
  declarationsOf,
  type Installation,
  type JudgedKinds,
  judgedKinds,
  LoadedBundles,
  migrations,
  NotedUses,
  openVaultOf,
  type PersonSecrets,
  Presence,
  partsFor,
  recordedSecrets,
  Shadows,
  type StoreKind,
  schemaOf,
  sealedPlaces,
  settleSchema,
  settleStoreKind,
  storeKindOf,
} from '#access';
import type { ExaminedSettings, OpenAccess } from '#cli';
import { type Config, isIdporten, isMaskinporten, version } from '#config';
import { createDecisions, DecisionLog, type LogState } from '#decisions';
import type { DemoHolder } from '#demo';
import { DEMO_OPERATOR, isFilled } from '#demo/entities';
import { present, toInstant } from '#domain';
import { sealedAnswers } from '#http/entities';
import { httpSettings, publicOrigin } from '#http/settings';
import { sealedInIdporten } from '#idporten/entities';
import type { NewKeyTerms, Side } from '#maskinporten';
import { sealedIssuerSecrets } from '#maskinporten/entities';
import type { PersonVault } from '#persons';
import { type Bundle, type Isolation, type IsolationOptions, loadBundle, openIsolation, readBundleFile } from '#policy';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import { systemUserUseKind } from '#systembruker/entities';
import { assertStore, type Clock, hasStore, kept, namedStore, openStore } from './stores.js';

/** A bundle that is fit to judge. */
export interface PreparedPolicy {
  readonly revision: string;
  /** Judges by it from the next request on. */
  activate(): void;
}

/** What a process works with, opened. */
export interface OpenInstallation {
  readonly installation: Installation;
  readonly kind: StoreKind;
  /** Loads and checks a bundle, that of the file by default; all stays as it is. @throws ProblemError `bundle-invalid` */
  preparePolicy(tarball?: Uint8Array): Promise<PreparedPolicy>;
  /** Looks at once for what a rotation of the sealing secret asks for, as is done every few seconds. @throws ProblemError `store-unavailable` */
  reloadSecrets(): Promise<void>;
  /** How the decision log stands; `undefined`: there is none. */
  logState(): LogState | undefined;
  /** Waits for the changes in flight. */
  close(): Promise<void>;
}

/** Tells of what goes wrong beside requests, and when it is over. */
export type TellFault = (event: string, facts: Readonly<Record<string, string | number>>) => void;

/** How an installation is opened. */
interface Seen {
  /** For a gateway: its log; it sees to the decision log and notes uses. A command writes its decisions, and no more. */
  readonly serves?: TellFault | undefined;
  /** Whether other processes are told that this one is at work. Default true. */
  readonly isSeen?: boolean;
  /** The bundle that judges, instead of the file's. */
  readonly tarball?: Uint8Array | undefined;
}

/** Opens all of it. @throws ProblemError `bundle-invalid`, `store-unavailable` */
export async function openInstallation(
  config: Config,
  clock: Clock,
  { isSeen = true, tarball, serves }: Seen = {},
): Promise<OpenInstallation> {
  const bundle = await fitBundle(config, tarball);
  const kinds = await loadKinds(config);
  let presence: Presence | undefined;
  const store = await openStore(config, clock, {
    async beforeBuild(found) {
      presence = presenceIn(found, clock);
      if (isSeen) await presence.tell();
      // Of two that differ and start together at least one sees the other.
      await assertAlike(found, OWN).catch(async (error: unknown) => {
        await presence?.end();
        throw error;
      });
    },
  });
  return installOn(store, config, { bundle, kinds, clock, isSeen, serves, presence: presence ?? presenceIn(store, clock) });
}

/** What is said of a process of this version. */
const OWN = { version, schema: schemaOf({ migrations }), keeps: declarationsOf(kept) };

/** That this process is at work on a store; nobody is told yet. */
export function presenceIn(store: Store, clock: Clock): Presence {
  return new Presence(store, clock, OWN);
}

/** What an installation is put together from, beside its store and its configuration. */
interface Opening {
  readonly bundle: Bundle;
  /** Absent: nobody asks about kinds of bundles' own. */
  readonly kinds?: readonly LoadedKinds[];
  readonly clock: Clock;
  /** Whether other processes are told. */
  readonly isSeen: boolean;
  readonly presence: Presence;
  readonly serves?: Seen['serves'];
}

/** The same over a store that is open already; it is closed with the installation, or if it cannot be used. */
export async function installOn(store: Store, config: Config, opening: Opening): Promise<OpenInstallation> {
  const { clock, isSeen, presence, serves } = opening;
  let { bundle } = opening;
  const program = { version, migrations, clock };
  const log = decisionLogOf(config, clock, serves);
  const uses = serves === undefined ? undefined : new NotedUses(store, clock, log, [systemUserUseKind]);
  const isolation = isolationOf(config, clock, serves);
  let shadows: Shadows | undefined;
  const close = async (): Promise<void> => {
    await shadows?.tell();
    await uses?.end();
    await log?.close();
    await isolation.close();
    await presence.end();
    await store.close();
  };
  try {
    await settleSchema(store, program, async () => (await storeKindOf(store, () => isFilled(store))) === undefined);
    const kind = await settleStoreKind(store, config.mode, () => isFilled(store), clock);
    const announce = async (vault: Installation['vault']): Promise<void> => {
      if (isSeen) await presence.begin(vault);
    };
    const vault = await openVaultOf(store, { folder: config.data, files: config, clock, announce });
    await assertSchema(store, program);
    const decisions = createDecisions(() => bundle, { log, clock });
    const judged = (bundles: readonly LoadedKinds[]): readonly JudgedKinds[] =>
      judgedKinds(bundles.map(({ name, loaded }) => ({ name, judge: decisions.over(loaded), metadata: loaded.metadata })));
    let kinds = judged(opening.kinds ?? []);
    const preparePolicy = async (next?: Uint8Array): Promise<PreparedPolicy> => {
      // Unpacked in another thread: requests are answered meanwhile.
      const prepared = await fitBundle(config, next, isolation.loadInline);
      const preparedKinds = judged(await loadKinds(config));
      const activate = (): void => {
        bundle = prepared;
        kinds = preparedKinds;
      };
      return { revision: prepared.revision, activate };
    };
    const ownBundles = new LoadedBundles({ store, decisions, clock, ...ownLoader(isolation) });
    shadows = new Shadows({ store, ownBundles, clock });
    if (serves !== undefined) await log?.serve();
    uses?.begin();
    const installation = { store, vault, decisions, ownBundles, shadows, quotas: config, clock, uses, kinds: () => kinds };
    return { installation, kind, preparePolicy, reloadSecrets: () => presence.look(), logState: () => log?.state(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The decision log of this process. @param tell of a gateway; a command says it to whoever has typed it */
function decisionLogOf(config: Config, clock: Clock, tell: TellFault = sayFault): DecisionLog | undefined {
  if (config.decisionLog === 'off') return undefined;
  return new DecisionLog({ folder: decisionsFolder(config), settings: config, version, clock, tell });
}

/** Where the decision log of a data folder lies. */
export function decisionsFolder({ data }: Pick<Config, 'data'>): string {
  return join(data, 'decisions');
}

const sayFault: TellFault = (event, facts) => {
  process.stderr.write(
    `tilgang: ${event}${Object.entries(facts)
      .map(([name, value]) => `, ${name}: ${value}`)
      .join('')}\n`,
  );
};

/** Where applications' own bundles run; that one had to be ended is told. */
function isolationOf(config: Config, clock: Clock, tell: TellFault = sayFault): Isolation {
  const { bundleDeadlineMs: deadlineMs, bundleMemoryMib, policyHosts: hosts, policyNetworks: networks } = config;
  const outside = hosts.length === 0 ? undefined : { hosts, networks };
  const onEnded: IsolationOptions['onEnded'] = ({ name, revision }, { kind, entrypoint }) =>
    tell('policy bundle ended', { bundle: name, policyRevision: revision, fault: kind, entrypoint });
  return openIsolation({ clock, deadlineMs, maxMemoryBytes: bundleMemoryMib * 2 ** 20, onEnded, ...present({ outside }) });
}

/** What the operator trusts runs in this thread, all else in others. */
function ownLoader(isolation: Isolation): BundleLoader {
  return {
    load: (bytes, { isTrusted, ...how }) => (isTrusted ? isolation.loadInline(bytes) : isolation.load(bytes, how)),
    inspect: isolation.inspect,
  };
}

/** Whether the standard rules come from a source. */
export function hasStandardSource({ policySources }: Pick<Config, 'policySources'>): boolean {
  return policySources.some(({ application }) => application === undefined);
}

/** The bundle, if it gives the answers that are known. @throws ProblemError `bundle-invalid` */
export async function fitBundle(
  { policyBundle }: Config,
  tarball?: Uint8Array,
  load: (tarball: Uint8Array) => Promise<Bundle> = loadBundle,
): Promise<Bundle> {
  const bundle = await load(tarball ?? (await readBundleFile(policyBundle)));
  await assertKnownAnswers(createDecisions(() => bundle).pinned());
  return bundle;
}

/** A bundle that judges kinds of its own, by its file's name. */
interface LoadedKinds {
  readonly name: string;
  readonly loaded: Awaited<ReturnType<typeof loadBundle>>;
}

/** @throws ProblemError `bundle-invalid` */
function loadKinds({ accessBundles }: Config): Promise<readonly LoadedKinds[]> {
  return Promise.all(
    accessBundles.map(async (file) => ({ name: basename(file, '.tar.gz'), loaded: await loadBundle(await readBundleFile(file)) })),
  );
}

/** The revision of the bundle on disk. @throws as fitBundle */
export async function policyRevision(config: Config): Promise<string> {
  return (await fitBundle(config)).revision;
}

/** The installation's store as it is found, for what is done with it as a whole. */
export interface FoundInstallation {
  readonly store: Store;
  readonly kind: StoreKind;
  readonly vault: PersonVault;
  /** What the store keeps of its secrets. */
  readonly secrets: PersonSecrets;
  close(): Promise<void>;
}

/**
 * Opens the store with its vault; nobody is told of it.
 * @throws ProblemError `config-invalid` if there is none, `store-unavailable` if it is newer than the program, or if its secrets are missing or others
 */
export async function openFound(config: Config, clock: Clock): Promise<FoundInstallation> {
  await assertStore(config);
  const store = await openStore(config, clock, { asFound: true });
  try {
    await assertSchema(store, { version, migrations, clock });
    const kind = (await storeKindOf(store, () => isFilled(store))) ?? 'production';
    const vault = await openVaultOf(store, { folder: config.data, files: config, clock });
    return { store, kind, vault, secrets: (await recordedSecrets(store))?.value as PersonSecrets, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * What the store that is there was made for; nothing that it keeps is changed.
 * @returns `undefined` if there is none, or if that is open
 */
async function kindOfStore(config: Config): Promise<StoreKind | undefined> {
  if (!(await hasStore(config))) return undefined;
  const store = await openStore(config, Date.now, { asFound: true });
  return storeKindOf(store, () => isFilled(store)).finally(() => store.close());
}

/**
 * Holds that demo commands may be used here: they are no use to a production installation.
 * @param needsStore whether the store must be there
 * @throws ProblemError `config-invalid` in production, and without the store of a demo if it is needed
 */
export async function assertDemo(config: Config, needsStore: boolean): Promise<void> {
  const kind = config.mode === 'production' ? 'production' : await kindOfStore(config);
  if (kind === 'demo' || (kind === undefined && !needsStore)) return;
  const { where, what, by, pointer } = await namedStore(config);
  const detail =
    kind === 'production'
      ? `demo commands are not for a production installation: name ${what} of a demo (${by}, TILGANG_MODE=demo)`
      : `there is no demo in ${where}: start one there (make run), or name ${what} (${by}) as its gateway does`;
  throw new ProblemError('config-invalid', { detail, at: [{ pointer, detail }] });
}

/** openAccess for a command that needs what others have written: it makes no store. @param isSeen as openInstallation @throws ProblemError `config-invalid` if there is none */
export async function openExistingAccess(config: Config, isSeen = true): Promise<OpenAccess> {
  await assertStore(config);
  return openAccess(config, Date.now, isSeen);
}

/** openAccess for a command that looks on: nothing is made, migrated or told. @throws ProblemError `bundle-invalid`, and as openFound */
export async function openFoundAccess(config: Config, clock: Clock = Date.now): Promise<OpenAccess> {
  const bundle = await fitBundle(config);
  const { store, kind, vault, close: closeStore } = await openFound(config, clock);
  const decisions = createDecisions(() => bundle);
  const isolation = isolationOf(config, clock);
  const ownBundles = new LoadedBundles({ store, decisions, clock, ...ownLoader(isolation) });
  const shadows = new Shadows({ store, ownBundles, clock });
  const close = async (): Promise<void> => {
    await isolation.close();
    await closeStore();
  };
  return accessTo({ store, vault, decisions, ownBundles, shadows, quotas: config, clock }, config, kind, close);
}

/** openAccess for a trial that changes nothing: where there is no store it is made in a folder that goes again. */
export async function openTrialAccess(config: Config): Promise<OpenAccess> {
  if (await hasStore(config)) return openAccess(config);
  const data = await mkdtemp(join(tmpdir(), 'tilgang-trial-'));
  const { mongodbUri: _, namingSecretFile: __, sealingSecretFile: ___, ...rest } = config;
  const remove = (): Promise<void> => rm(data, { recursive: true, force: true });
  try {
    const { close, ...opened } = await openAccess({ ...rest, data } as Config);
    return { ...opened, close: () => close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * The installation's store with what works on it, for one command. Once it is closed nobody answers from before what the command has found: it may have said
 * that something is so already, as a gateway's answer does. @param isSeen as openInstallation @throws ProblemError `bundle-invalid`, `store-unavailable`
 */
export async function openAccess(config: Config, clock: Clock = Date.now, isSeen = true): Promise<OpenAccess> {
  const { installation, kind, close } = await openInstallation(config, clock, { isSeen });
  const end = async (): Promise<void> => {
    try {
      await installation.store.position();
    } finally {
      await close();
    }
  };
  return accessTo(installation, config, kind, end);
}

function accessTo(installation: Installation, config: Config, kind: StoreKind, close: () => Promise<void>): OpenAccess {
  return {
    access: partsFor(installation),
    side: async () => sideOf(config, kind, await likelyOrigin(config)),
    sealed: [...sealedPlaces, sealedAnswers, sealedIssuerSecrets, ...sealedInIdporten],
    issuerTerms: keyTermsOf(config, kind),
    async conditions() {
      const { conditionsOfKeys } = await import('#maskinporten');
      return [...(await conditionsOf(installation)), ...(await conditionsOfKeys(installation, config.issuerKeyDays))];
    },
    close,
  };
}

/** A token for a client or a person of the demo world; `undefined` if the world has no such one. */
export async function demoToken(
  config: Config,
  holder: DemoHolder,
  lifetimeSeconds: number,
  clock: Clock = Date.now,
): Promise<string | undefined> {
  const { demoTokenFor, demoWorld } = await import('#demo');
  const { SigningRing } = await import('#maskinporten');
  const origin = await likelyOrigin(config);
  const { store, vault, close } = await openFound(config, clock);
  try {
    const options = { signer: new SigningRing({ store, vault, clock }), origin, lifetimeSeconds, now: clock() };
    // Who there is does not depend on the moment.
    return await demoTokenFor(demoWorld(toInstant(0)), holder, options);
  } finally {
    await close();
  }
}

/** What new keys of the issuers are: in a demo, which is to start at once, of 2048 bits. */
export function keyTermsOf({ issuerAlgorithm }: Pick<Config, 'issuerAlgorithm'>, kind: StoreKind): NewKeyTerms {
  return { algorithm: issuerAlgorithm, modulusBits: kind === 'demo' ? 2048 : 4096 };
}

/** What the Maskinporten side's own names and scopes are made of. */
export function sideOf({ operatorOrgnr }: Pick<Config, 'operatorOrgnr'>, kind: StoreKind, origin: string): Side {
  return { origin, operatorOrgnr: operatorOrgnr ?? (kind === 'demo' ? DEMO_OPERATOR : undefined) };
}

/** What our Maskinporten is called where the gateway of this installation is reached. */
export async function ownIssuer(config: Config): Promise<string> {
  const { maskinportenName } = await import('#maskinporten');
  return maskinportenName(await likelyOrigin(config));
}

/** Where the gateway is reached: as configured, or where a demo was started last. */
async function likelyOrigin(config: Config): Promise<string> {
  // Neither the port that nobody has chosen nor 0 says which gateway is meant.
  const isNamed = config.publicUrl !== undefined || ![0, httpSettings.settings.port.fallback()].includes(config.port);
  const remembered = isNamed ? undefined : await (await import('#demo')).rememberedOrigin(config.data);
  return remembered ?? publicOrigin(config, config.port);
}

/** What `tilgang doctor` looks at: the address is the one that is listened on here, whatever callers see. */
export async function examinedSettings(config: Config): Promise<ExaminedSettings> {
  // What is wrong with the store is told where it is looked at.
  const mode = config.mode ?? (await kindOfStore(config).catch(() => undefined)) ?? 'production';
  return {
    ...config,
    mode,
    isIssuer: isMaskinporten({ ...config, mode }) || isIdporten({ ...config, mode }),
    takesStandard: hasStandardSource(config),
    usesData: mode === 'demo' || config.mongodbUri === undefined || config.namingSecretFile === undefined,
    origin: publicOrigin({ ...config, publicUrl: undefined }, config.port),
  };
}

// The installation of a configuration: its store, secrets and policies, opened. The only file that names the adapters of the store; no server is loaded
// for it, so that commands begin at once. gateway.ts puts a server in front; main hands both to the command line.

import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  assertAlike,
  assertKnownAnswers,
  assertSchema,
  claims,
  declarationsOf,
  entities,
  type Installation,
  migrations,
  openVaultOf,
  type PersonSecrets,
  Presence,
  partsFor,
  personSecrets,
  processes,
  readSchema,
  recordedSecrets,
  type StoreKind,
  schemaOf,
  sealedPlaces,
  settleSchema,
  settleStoreKind,
  storeKindOf,
  storeKinds,
  storeSchemas,
} from '#access';
import type { ExaminedSettings, ExaminedStore, OpenAccess } from '#cli';
import { type Config, version } from '#config';
import { createDecisions } from '#decisions';
import type { DemoHolder } from '#demo';
import { filling, isFilled } from '#demo/entities';
import { present, toInstant } from '#domain';
import { keyedRequests, sealedAnswers } from '#http/entities';
import { httpSettings, publicOrigin } from '#http/settings';
import type { PersonVault } from '#persons';
import { type Bundle, loadBundle, readBundleFile } from '#policy';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import type { WholeSource, WholeTarget } from '#storage/copy';
import { openLmdbStore, readWholeLmdb, writeWholeLmdb } from '#storage/lmdb';

/** Milliseconds since the epoch. */
export type Clock = () => number;

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
  /** Waits for the changes in flight. */
  close(): Promise<void>;
}

const storeFolder = ({ data }: Pick<Config, 'data'>): string => join(data, 'store');

/** All that an installation keeps, whichever room declares it. */
const kept = [...entities, storeKinds, storeSchemas, personSecrets, processes, claims, filling, keyedRequests];

/** How an installation is opened. */
interface Seen {
  /** Whether other processes are told that this one is at work. Default true. */
  readonly isSeen?: boolean;
  /** The bundle that judges, instead of the file's. */
  readonly tarball?: Uint8Array | undefined;
}

/** Opens all of it. @throws ProblemError `bundle-invalid`, `store-unavailable` */
export async function openInstallation(config: Config, clock: Clock, { isSeen = true, tarball }: Seen = {}): Promise<OpenInstallation> {
  const bundle = await fitBundle(config, tarball);
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
  return installOn(store, config, { bundle, clock, isSeen, presence: presence ?? presenceIn(store, clock) });
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
  readonly clock: Clock;
  /** Whether other processes are told. */
  readonly isSeen: boolean;
  readonly presence: Presence;
}

/** The same over a store that is open already; it is closed with the installation, or if it cannot be used. */
export async function installOn(store: Store, config: Config, opening: Opening): Promise<OpenInstallation> {
  const { clock, isSeen, presence } = opening;
  let { bundle } = opening;
  const program = { version, migrations, clock };
  const close = async (): Promise<void> => {
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
    const decisions = createDecisions(() => bundle);
    const preparePolicy = async (next?: Uint8Array): Promise<PreparedPolicy> => {
      const prepared = await fitBundle(config, next);
      const activate = (): void => {
        bundle = prepared;
      };
      return { revision: prepared.revision, activate };
    };
    const installation = { store, vault, decisions, quotas: config, clock };
    return { installation, kind, preparePolicy, reloadSecrets: () => presence.look(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The bundle, if it gives the answers that are known. @throws ProblemError `bundle-invalid` */
export async function fitBundle({ policyBundle }: Config, tarball?: Uint8Array): Promise<Bundle> {
  const bundle = await loadBundle(tarball ?? (await readBundleFile(policyBundle)));
  await assertKnownAnswers(createDecisions(() => bundle).pinned());
  return bundle;
}

/** The revision of the bundle on disk. @throws as fitBundle */
export async function policyRevision(config: Config): Promise<string> {
  return (await fitBundle(config)).revision;
}

/** Where a store is: in a data folder, or in the database of a connection string. */
export type StorePlace = Pick<Config, 'data' | 'mongodbUri' | 'storeMapBytes'>;

/** Of what opening a store makes and builds there. */
interface Building {
  /** Nothing is. */
  readonly asFound?: boolean;
  /** MongoDB: is called before. */
  readonly beforeBuild?: (store: Store) => Promise<void>;
}

/** On MongoDB if that is configured; its driver is loaded only then. */
export async function openStore(config: Config, clock: Clock, { asFound = false, beforeBuild }: Building = {}): Promise<Store> {
  const { mongodbUri: uri, mongodbReadConcern: readConcern, storeMapBytes: mapSizeBytes } = config;
  if (uri !== undefined) {
    const { openMongoStore } = await import('#storage/mongodb');
    // The secrets of persons are there: nothing is written to a database that could not be used.
    if (!asFound) await madeFolder(config.data, config);
    return openMongoStore(present({ uri, entities: kept, clock, asFound, readConcern, beforeBuild }));
  }
  return openLmdbStore({ path: await madeStoreFolder(config), entities: kept, mapSizeBytes, clock, asFound });
}

function madeStoreFolder({ data }: Pick<Config, 'data'>): Promise<string> {
  return madeFolder(storeFolder({ data }), { data });
}

/** A folder that is the data folder or in it, made if it is missing. @throws ProblemError `store-unavailable` that names the data folder */
async function madeFolder(path: string, { data }: Pick<Config, 'data'>): Promise<string> {
  await makeFolder(path).catch((cause: NodeJS.ErrnoException) => {
    const detail = `the data folder ${data} cannot be made or used (${cause.code}): give it to this user, or name another (TILGANG_DATA)`;
    throw new ProblemError('store-unavailable', { detail });
  });
  return path;
}

/** Who is at work on a store is no part of it. */
const LEFT_OUT = [processes.name, claims.name];

/** Whether two connection strings lead to one store. @throws ProblemError `store-unavailable` */
export async function isSameDatabase(one: string, other: string): Promise<boolean> {
  return (await import('#storage/mongodb')).isSameMongoStore(one, other);
}

/** The store of a place as a whole, to be read. @throws ProblemError `store-unavailable` if there is none that is whole */
export async function readWhole({ data, mongodbUri: uri, storeMapBytes: mapSizeBytes }: StorePlace): Promise<WholeSource> {
  if (uri !== undefined) return (await import('#storage/mongodb')).readWholeMongo({ uri, leftOut: LEFT_OUT });
  return readWholeLmdb({ path: storeFolder({ data }), name: data, mapSizeBytes, leftOut: LEFT_OUT });
}

/** The store of a place, to be written as a whole; made if there is none. @throws ProblemError `store-unavailable`, `copy-refused` */
export async function writeWhole({ data, mongodbUri: uri, storeMapBytes: mapSizeBytes }: StorePlace): Promise<WholeTarget> {
  if (uri !== undefined) return (await import('#storage/mongodb')).writeWholeMongo({ uri, entities: kept });
  return writeWholeLmdb({ path: await madeStoreFolder({ data }), name: data, mapSizeBytes, entities: kept });
}

/** The installation's store as it is found, for what is done with it as a whole. */
export interface FoundInstallation {
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
    const vault = await openVaultOf(store, { folder: config.data, files: config, clock, announce: async () => {} });
    return { kind, vault, secrets: (await recordedSecrets(store))?.value as PersonSecrets, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Makes a folder that only its owner may use, and those above it that are not there.
 * One by one: Node's own `recursive` never ends where a place takes no folders, such as below /proc.
 */
async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<void> =>
    mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  await make().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  });
}

/** Whether there is a store: opening one that is not there makes it. @throws ProblemError `store-unavailable` if that cannot be seen */
async function hasStore(config: Config): Promise<boolean> {
  if (config.mongodbUri !== undefined) return (await import('#storage/mongodb')).holdsMongoStore(config.mongodbUri);
  return stat(join(storeFolder(config), 'data.mdb')).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      throw new ProblemError('store-unavailable', { detail: `the data folder ${config.data} cannot be read` });
    },
  );
}

/** What is found where the store is configured to be; nothing is made. @throws ProblemError `store-unavailable` if it cannot be looked at */
export async function examinedStore(config: Config): Promise<ExaminedStore> {
  const { mongodbUri: uri } = config;
  if (uri === undefined) return { place: storeFolder(config), isThere: await hasStore(config), faults: [] };
  const { examineMongo, mongoPlace } = await import('#storage/mongodb');
  const { server, isStore, faults } = await examineMongo(uri);
  const told = faults.map(({ kind, found, remedy }) => ({ isFault: kind !== 'foreign', found, remedy }));
  return { place: `${mongoPlace(uri)} (${server})`, isThere: isStore, faults: told };
}

/** Where a command looks for the store, as its messages say it: without a password; and what names another. */
async function namedStore({ data, mongodbUri: uri }: Config): Promise<NamedStore> {
  if (uri === undefined) return { where: data, what: 'the data folder', by: 'TILGANG_DATA', pointer: '/data' };
  const { mongoPlace } = await import('#storage/mongodb');
  return { where: mongoPlace(uri), what: 'the database', by: 'TILGANG_MONGODB_URI', pointer: '/mongodbUri' };
}

interface NamedStore {
  readonly where: string;
  readonly what: string;
  readonly by: string;
  readonly pointer: string;
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

async function assertStore(config: Config): Promise<void> {
  if (await hasStore(config)) return;
  const { where, what, by, pointer } = await namedStore(config);
  const detail = `there is no store in ${where}: name ${what} of the gateway (${by}), or make one (tilgang serve, tilgang orgs import)`;
  throw new ProblemError('config-invalid', { detail, at: [{ pointer, detail }] });
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

/** The installation's store with what works on it, for one command. @param isSeen as openInstallation @throws ProblemError `bundle-invalid`, `store-unavailable` */
export async function openAccess(config: Config, clock: Clock = Date.now, isSeen = true): Promise<OpenAccess> {
  const { installation, close } = await openInstallation(config, clock, { isSeen });
  return {
    access: partsFor(installation),
    sealed: [...sealedPlaces, sealedAnswers],
    conditions: () => conditionsOf(installation),
    close,
  };
}

/** What has been begun in a store and not ended, in a sentence each. */
async function conditionsOf({ store, vault }: Installation): Promise<Awaited<ReturnType<OpenAccess['conditions']>>> {
  const secrets = (await recordedSecrets(store))?.value as PersonSecrets;
  const found: { readonly name: string; readonly found: string; readonly remedy: string }[] = [];
  if (secrets.next !== undefined || secrets.former !== undefined) {
    const remedy = 'Go on with it: tilgang secrets rotate.';
    found.push({ name: 'sealing secret', found: 'a rotation was begun and has not ended', remedy });
  } else if (vault.keys.inFile().some((id) => secrets.retired?.includes(id))) {
    const remedy = vault.keys.file.isOwn ? 'Take it out: tilgang secrets rotate.' : `Take it out: \`tilgang secrets status\` names it.`;
    found.push({ name: 'sealing secret', found: `${vault.keys.file.path} holds a key that nothing is sealed under any more`, remedy });
  }
  const schema = (await readSchema(store))?.value.version ?? 1;
  if (schema < schemaOf({ migrations })) {
    const remedy = 'Stop the processes of older versions, then start one of this version.';
    found.push({ name: 'data', found: `are of version ${schema}, since processes of an older version need it`, remedy });
  }
  return found;
}

/** A token for a client or a person of the demo world; `undefined` if the world has no such one. */
export async function demoToken(
  config: Config,
  holder: DemoHolder,
  lifetimeSeconds: number,
  clock: Clock = Date.now,
): Promise<string | undefined> {
  const { demoTokenFor, demoWorld, rememberedOrigin } = await import('#demo');
  // Neither the port that nobody has chosen nor 0 says which gateway is meant.
  const isNamed = config.publicUrl !== undefined || ![0, httpSettings.settings.port.fallback()].includes(config.port);
  const remembered = isNamed ? undefined : await rememberedOrigin(config.data);
  const origin = remembered ?? publicOrigin(config, config.port);
  const options = { data: config.data, origin, lifetimeSeconds, now: clock() };
  // Who there is does not depend on the moment.
  return demoTokenFor(demoWorld(toInstant(0)), holder, options);
}

/** What `tilgang doctor` looks at: the address is the one that is listened on here, whatever callers see. */
export async function examinedSettings(config: Config): Promise<ExaminedSettings> {
  // What is wrong with the store is told where it is looked at.
  const mode = config.mode ?? (await kindOfStore(config).catch(() => undefined)) ?? 'production';
  return {
    ...config,
    mode,
    usesData: mode === 'demo' || config.mongodbUri === undefined || config.namingSecretFile === undefined,
    origin: publicOrigin({ ...config, publicUrl: undefined }, config.port),
  };
}

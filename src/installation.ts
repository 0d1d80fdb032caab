// The installation of a configuration: its store, secrets and policies, opened. The only file that names the adapters of the store; no server is loaded
// for it, so that commands begin at once. gateway.ts puts a server in front; main hands both to the command line.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  assertKnownAnswers,
  entities,
  type Installation,
  openVaultOf,
  partsFor,
  personSecrets,
  type StoreKind,
  settleStoreKind,
  storeKindOf,
  storeKinds,
} from '#access';
import type { ExaminedSettings, ExaminedStore, OpenAccess } from '#cli';
import type { Config } from '#config';
import { createDecisions } from '#decisions';
import type { DemoHolder } from '#demo';
import { filling, isFilled } from '#demo/entities';
import { toInstant } from '#domain';
import { keyedRequests } from '#http/entities';
import { httpSettings, publicOrigin } from '#http/settings';
import { type Bundle, loadBundleFile } from '#policy';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import { openLmdbStore } from '#storage/lmdb';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** What a process works with, opened. */
export interface OpenInstallation {
  readonly installation: Installation;
  readonly kind: StoreKind;
  /**
   * Reads the bundle's file again, and judges by it from the next request on; if it is unfit all stays as it is.
   * @returns the revision that judges now
   * @throws ProblemError `bundle-invalid`
   */
  reloadPolicy(): Promise<string>;
  /** Waits for the changes in flight. */
  close(): Promise<void>;
}

const storeFolder = ({ data }: Config): string => join(data, 'store');

/** All that an installation keeps, whichever room declares it. */
const kept = [...entities, storeKinds, personSecrets, filling, keyedRequests];

/** Opens all of it. @throws ProblemError `bundle-invalid`, `store-unavailable` */
export async function openInstallation(config: Config, clock: Clock): Promise<OpenInstallation> {
  let bundle = await fitBundle(config);
  const store = await openStore(config, clock);
  try {
    const kind = await settleStoreKind(store, config.mode, () => isFilled(store), clock);
    const vault = await openVaultOf(store, config.data, config, clock);
    const decisions = createDecisions(() => bundle);
    const reloadPolicy = async (): Promise<string> => {
      bundle = await fitBundle(config);
      return bundle.revision;
    };
    return { installation: { store, vault, decisions, quotas: config, clock }, kind, reloadPolicy, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The bundle of the file, if it gives the answers that are known. @throws ProblemError `bundle-invalid` */
async function fitBundle({ policyBundle }: Config): Promise<Bundle> {
  const bundle = await loadBundleFile(policyBundle);
  await assertKnownAnswers(createDecisions(() => bundle).pinned());
  return bundle;
}

/** The revision of the bundle on disk. @throws as fitBundle */
export async function policyRevision(config: Config): Promise<string> {
  return (await fitBundle(config)).revision;
}

/** On MongoDB if that is configured; its driver is loaded only then. @param asFound MongoDB's indexes are left as they are */
async function openStore(config: Config, clock: Clock, asFound = false): Promise<Store> {
  const { mongodbUri: uri, storeMapBytes: mapSizeBytes } = config;
  if (uri !== undefined) {
    const { openMongoStore } = await import('#storage/mongodb');
    return openMongoStore({ uri, entities: kept, clock, asFound });
  }
  const path = storeFolder(config);
  await makeFolder(path).catch((cause: NodeJS.ErrnoException) => {
    const detail = `the data folder ${config.data} cannot be made or used (${cause.code}): give it to this user, or name another (TILGANG_DATA)`;
    throw new ProblemError('store-unavailable', { detail });
  });
  return openLmdbStore({ path, entities: kept, mapSizeBytes, clock });
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

/** Where a command looks for the store, as its messages say it, and what names another. */
function namedStore({ data, mongodbUri }: Config): { readonly where: string; readonly by: string; readonly pointer: string } {
  if (mongodbUri === undefined) return { where: data, by: 'the data folder of the gateway (TILGANG_DATA)', pointer: '/data' };
  return { where: 'the database', by: 'the database of the gateway (TILGANG_MONGODB_URI)', pointer: '/mongodbUri' };
}

/**
 * What the store that is there was made for; nothing that it keeps is changed.
 * @returns `undefined` if there is none, or if that is open
 */
async function kindOfStore(config: Config): Promise<StoreKind | undefined> {
  if (!(await hasStore(config))) return undefined;
  const store = await openStore(config, Date.now, true);
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
  const detail =
    kind === 'production'
      ? 'demo commands are not for a production installation: name the data folder of a demo (TILGANG_DATA, TILGANG_MODE=demo)'
      : `there is no demo in ${config.data}: start one there (make run), or name its folder (TILGANG_DATA) as its gateway does`;
  throw new ProblemError('config-invalid', { detail, at: [{ pointer: '/data', detail }] });
}

/** openAccess for a command that needs what others have written: it makes no store. @throws ProblemError `config-invalid` if there is none */
export async function openExistingAccess(config: Config): Promise<OpenAccess> {
  if (await hasStore(config)) return openAccess(config);
  const { where, by, pointer } = namedStore(config);
  const detail = `there is no store in ${where}: name ${by}, or make one (tilgang serve, tilgang orgs import)`;
  throw new ProblemError('config-invalid', { detail, at: [{ pointer, detail }] });
}

/** The installation's store with what works on it, for one command. @throws ProblemError `bundle-invalid`, `store-unavailable` */
export async function openAccess(config: Config, clock: Clock = Date.now): Promise<OpenAccess> {
  const { installation, close } = await openInstallation(config, clock);
  return { access: partsFor(installation), close };
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

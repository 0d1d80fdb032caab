// The installation of a configuration: its store, secrets and policies, opened. The only file that names the adapters of the store; no server is loaded
// for it, so that commands begin at once. gateway.ts puts a server in front; main hands both to the command line.
import { join } from 'node:path';
import { entities, type Installation, openVaultOf, partsFor, personSecrets } from '#access';
import type { ExaminedSettings, OpenAccess } from '#cli';
import type { Config } from '#config';
import { createDecisions } from '#decisions';
import type { DemoHolder } from '#demo';
import { filling } from '#demo/entities';
import { toInstant } from '#domain';
import { keyedRequests } from '#http/entities';
import { publicOrigin } from '#http/settings';
import { loadBundleFile } from '#policy';
import type { Store } from '#storage';
import { openLmdbStore } from '#storage/lmdb';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** What a process works with, opened. */
export interface OpenInstallation {
  readonly installation: Installation;
  /** Waits for the changes in flight. */
  close(): Promise<void>;
}

const storeFolder = ({ data }: Config): string => join(data, 'store');

/** All that an installation keeps, whichever room declares it. */
const kept = [...entities, personSecrets, filling, keyedRequests];

/** Opens all of it. @throws ProblemError `bundle-invalid`, `store-unavailable` */
export async function openInstallation(config: Config, clock: Clock): Promise<OpenInstallation> {
  const bundle = await loadBundleFile(config.policyBundle);
  const store = await openStore(config, clock);
  try {
    const vault = await openVaultOf(store, config.data, config, clock);
    const decisions = createDecisions(() => bundle);
    return { installation: { store, vault, decisions, clock }, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** On MongoDB if that is configured; its driver is loaded only then. */
async function openStore(config: Config, clock: Clock): Promise<Store> {
  const { mongodbUri: uri, storeMapBytes: mapSizeBytes } = config;
  if (uri === undefined) return openLmdbStore({ path: storeFolder(config), entities: kept, mapSizeBytes, clock });
  const { openMongoStore } = await import('#storage/mongodb');
  return openMongoStore({ uri, entities: kept, clock });
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
  const { demoTokenFor, demoWorld } = await import('#demo');
  const now = clock();
  const options = { data: config.data, origin: publicOrigin(config, config.port), lifetimeSeconds, now };
  // Who there is does not depend on the moment.
  return demoTokenFor(demoWorld(toInstant(0)), holder, options);
}

/** What `tilgang doctor` looks at: the address is the one that is listened on here, whatever callers see. */
export function examinedSettings(config: Config): ExaminedSettings {
  return { ...config, storeFolder: storeFolder(config), origin: publicOrigin({ ...config, publicUrl: undefined }, config.port) };
}

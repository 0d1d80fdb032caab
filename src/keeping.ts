// Moving and keeping: a store copied into another one, kept in a file and brought back. Beneath the use cases: nobody's rights change by it, and whoever
// may run commands where the store is could take it as it lies. Wiring; main hands it to the command line.

import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { keysInForce, migrations, processes, type RunningProcess, type StoreSchema, schemaOf, storeSchemas } from '#access';
import type { BackupReport, CopyReport, KeepingOptions, RestoreReport, Told } from '#cli';
import { type Config, version } from '#config';
import { present, toInstant } from '#domain';
import { openPersonVault, type PersonVault, putSecrets, type SealedSecrets, sealSecrets, secretPaths, unsealSecrets } from '#persons';
import { ProblemError } from '#problem';
import {
  type BackupHeader,
  type BackupOptions,
  type CheckLog,
  checkBeside,
  copyStore,
  type OpenBackup,
  openBackup,
  restoreStore,
  type WholeSource,
  type WholeTarget,
  writeBackup,
} from '#storage/copy';
import { storageSettings } from '#storage/settings';
import { openFound } from './installation.js';
import { beginWholeByFile, type Clock, isSameDatabase, readWhole, type StorePlace, storeFile, writeWhole } from './stores.js';

/** The value of a variable of the environment. */
type Variable = (name: string) => string | undefined;

/** Copies the store of one place into another. @throws ProblemError `config-invalid` for what is no place, and as copyStore says */
export async function copyBetween(
  config: Config,
  variable: Variable,
  [from, to]: readonly [from: string, to: string],
  told: Told,
): Promise<CopyReport> {
  const [here, there] = [placeOf('FROM', from, config, variable), placeOf('TO', to, config, variable)];
  if (await isSame(here, there)) throw refused('FROM and TO are one store: name two');
  const source = await readWhole(here);
  try {
    await assertKnown(source);
    if (!(await beginWholeByFile(source, there))) return await copyInto(there, source, told);
    try {
      const report = await copyInto(there, source, told, true);
      return { ...report, copied: report.events };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // The file brings along what is wrong in it. Replaying its log makes anew what follows from that, and says what does not.
      return await copyInto(there, source, told);
    }
  } finally {
    await source.close();
  }
}

/** @param isByFile what is refused of it is thrown away */
async function copyInto(there: StorePlace, source: WholeSource, told: Told, isByFile = false): Promise<CopyReport> {
  const target = await writeWhole(there);
  try {
    await assertUnused(target);
    return await copyStore(source, target, told, checkThere(there));
  } catch (error) {
    if (isByFile && isRefusal(error)) await target.erase();
    throw error;
  } finally {
    await target.close();
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProblemError && error.slug === 'copy-refused';
}

/** Who works on a store that was copied before has it open, and would work on something half done. Nobody can open one that is not whole. */
async function assertUnused(target: WholeTarget): Promise<void> {
  if (target.state !== 'whole') return;
  for await (const page of target.passing()) {
    for (const { entity, json } of page) {
      if (entity !== processes.name) continue;
      const { host, pid, expiresAt } = JSON.parse(json) as RunningProcess;
      if (expiresAt <= toInstant(Date.now())) continue;
      throw refused(`${host} process ${pid} is at work on ${target.name}: stop it first (one that was killed counts for three minutes)`);
    }
  }
}

/** In a second process, while the store of the place is written by this one. */
function checkThere({ data, mongodbUri, storeMapBytes }: StorePlace): CheckLog {
  return checkBeside(new URL('./verifying.js', import.meta.url), { data, mongodbUri, storeMapBytes });
}

/** What a newer program has made of the data this one can neither list nor check. */
async function assertKnown(source: WholeSource): Promise<void> {
  const [found] = await source.headsOf([{ entity: storeSchemas.name, key: 'schema' }]);
  if (found === undefined || found.json === '') return;
  const { worksFrom, writtenBy } = JSON.parse(found.json) as StoreSchema;
  if (worksFrom > schemaOf({ migrations })) throw newer(source.name, writtenBy);
}

function newer(what: string, program: string): ProblemError {
  return refused(`${what} is newer than this program: use Tilgang ${program} or a newer one`);
}

/** A place as it is typed: a data folder, a connection string, or `env:` with the variable that holds one of them. */
function placeOf(what: string, text: string, { storeMapBytes }: Config, variable: Variable): StorePlace {
  const name = text.startsWith('env:') ? text.slice('env:'.length) : undefined;
  const given = name === undefined ? text : variable(name);
  if (given === undefined || given === '') {
    throw unusable(`${what}: the environment has no such variable, or it is empty: set it, and write its name after env:`);
  }
  // A folder of the name of another database's address would hold its password.
  if (!/^(mongodb(\+srv)?:|[a-z][a-z0-9+.-]*:\/\/)/i.test(given)) return { data: resolve(given), mongodbUri: undefined, storeMapBytes };
  try {
    return { data: '', mongodbUri: storageSettings.settings.mongodbUri.read(given), storeMapBytes };
  } catch (error) {
    throw unusable(`${what} must be ${(error as Error).message}`);
  }
}

async function isSame(one: StorePlace, other: StorePlace): Promise<boolean> {
  const [here, there] = [one.mongodbUri, other.mongodbUri];
  if (here !== undefined && there !== undefined) return here === there || isSameDatabase(here, there);
  if (here !== undefined || there !== undefined) return false;
  // Of the file itself: folders and files may be linked.
  const [a, b] = await Promise.all([one, other].map((place) => stat(storeFile(place)).catch(() => undefined)));
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
}

/** Writes the installation's store into a file, sealed by its naming secret. @throws ProblemError as writeBackup says, and `config-invalid` if there is no store */
export async function backupStore(
  config: Config,
  file: string,
  { passphrase, told, over }: KeepingOptions,
  clock: Clock = Date.now,
): Promise<BackupReport> {
  const { header, seal } = await headed(config, passphrase, clock);
  const source = await readWhole(config);
  try {
    const { events } = await writeBackup(source, resolve(file), {
      header,
      seal,
      told: (done, total) => told('written', done, total),
      over,
    });
    return { events, secretsAt: header.secretsAt };
  } finally {
    await source.close();
  }
}

/** What stands before a backup, and what seals it. The installation is closed again: one process opens a store of LMDB once at a time (checkBeside). */
async function headed(config: Config, passphrase: string | undefined, clock: Clock): Promise<Pick<BackupOptions, 'header' | 'seal'>> {
  const { kind, vault, secrets, close } = await openFound(config, clock);
  try {
    const paths = secretPaths(config.data, config);
    const header: BackupHeader = {
      program: version,
      schema: schemaOf({ migrations }),
      at: toInstant(clock()),
      kind,
      naming: vault.namingId,
      sealing: keysInForce(secrets).all,
      secretsAt: [...paths.values()],
      ...present({ secrets: passphrase === undefined ? undefined : await sealSecrets(paths, passphrase) }),
    };
    return { header, seal: (digest) => sealOf(vault, digest) };
  } finally {
    await close();
  }
}

/**
 * Writes a backup into the place where the installation's store is to be.
 * @throws ProblemError `copy-refused` if there is a store, if the backup is unfit or of another kind, or if its secrets are not there; then nothing of it stays
 */
export async function restoreBackup(config: Config, file: string, { passphrase, told, over }: KeepingOptions): Promise<RestoreReport> {
  const backup = await openBackup(resolve(file));
  try {
    assertKind(backup.header, config);
    if (backup.header.schema > schemaOf({ migrations })) throw newer('the backup', backup.header.program);
    const takeAway = await secretsInPlace(config, backup, passphrase);
    try {
      const target = await emptyTarget(config);
      const toldUnlessOver: Told = (...far) => {
        over.throwIfAborted();
        told(...far);
      };
      const report = await restoreStore(backup, target, toldUnlessOver, checkThere(config));
      await target.close();
      return { ...report, kind: backup.header.kind, at: backup.header.at };
    } catch (error) {
      await takeAway();
      throw error;
    }
  } finally {
    await backup.close();
  }
}

/** Where there is no store; what a restoring that was broken off has left is nobody's. */
async function emptyTarget(config: Config): Promise<WholeTarget> {
  const target = await writeWhole(config);
  if (target.state === 'new') return target;
  // A copy that was broken off may be of a store that is gone.
  if (target.state === 'restoring' || (target.state === 'copying' && (await target.last()) === 0)) {
    await target.erase();
    return writeWhole(config);
  }
  await target.close();
  if (target.state === 'copying') {
    throw refused(
      `${target.name} holds a copy that was broken off: go on with it (\`tilgang store copy\`), name another place or move it away`,
    );
  }
  throw refused(
    `there is a store in ${target.name} already: a backup is restored where there is none, so name another place or move it away`,
  );
}

function assertKind({ kind }: BackupHeader, { mode }: Config): void {
  if (mode === undefined || mode === kind) return;
  throw refused(
    `the backup is one of a ${kind} store, and TILGANG_MODE is ${mode}: a demo is never restored as production, nor the other way round`,
  );
}

/**
 * Holds that the secrets are there under which the backup was made, and that it was sealed by them; those that are in the backup are put in place.
 * @returns takes away again what was put
 */
async function secretsInPlace(config: Config, { header, seal }: OpenBackup, passphrase: string | undefined): Promise<() => Promise<void>> {
  const paths = [...secretPaths(config.data, config).values()];
  const isThere = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  const mustPut = isThere.every((one) => !one);
  const takeAway = mustPut ? await putSealed(config, header, passphrase, paths) : async (): Promise<void> => {};
  try {
    const vault = await openPersonVault(config.data, config, { mayMake: false });
    const known = vault.keys.known();
    if (vault.namingId !== header.naming || !header.sealing.every((id) => known.includes(id))) {
      throw refused(
        `the backup was made under other secrets than those in ${paths.join(' and ')}: put those back (they were in ${header.secretsAt.join(' and ')}; if the sealing secret has been rotated since, the old key on a line before the new one)`,
      );
    }
    if (sealOf(vault, seal.of) !== seal.text) throw refused('the backup was altered: take another copy of it');
    return takeAway;
  } catch (error) {
    await takeAway();
    throw error;
  }
}

async function putSealed(
  { data, namingSecretFile }: Config,
  { secrets, secretsAt }: BackupHeader,
  passphrase: string | undefined,
  paths: readonly string[],
): Promise<() => Promise<void>> {
  if (secrets === undefined) {
    throw refused(
      `the secrets are not in the backup: put them back in ${paths.join(' and ')} first (they were in ${secretsAt.join(' and ')})`,
    );
  }
  if (passphrase === undefined)
    throw refused('the secrets are in the backup, sealed: give their passphrase (--with-secrets), or put the files back');
  if (namingSecretFile !== undefined)
    throw refused(`the secret files that are configured are not there: put them back in ${paths.join(' and ')}`);
  const opened = await unsealSecrets(secrets as SealedSecrets, passphrase);
  return putSecrets(data, opened);
}

function sealOf(vault: PersonVault, digest: string): string {
  return vault.fingerprintOf(`backup ${digest}`);
}

function refused(detail: string): ProblemError {
  return new ProblemError('copy-refused', { detail });
}

function unusable(detail: string): ProblemError {
  return new ProblemError('config-invalid', { detail });
}

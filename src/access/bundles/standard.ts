import { type AppId, type BundleRef, isFault, type Orgnr, parseBundleRevision, present } from '#domain';
import type { AdminRequest } from '../administer/authorize.js';
import { authorize } from '../administer/authorize.js';
import { type AccessParts, collectionsOf, type Installation } from '../parts.js';
import { repeated } from '../repeated.js';
import { digestOf, readContent, removeOrphans, writeContent } from './content.js';
import { STANDARD, type StandardBundle } from './entities.js';
import { assertLater, refused, refusing, verificationKey } from './inspect.js';
import { keysOf } from './keys.js';

/** Through what the standard rules of a process are replaced. */
export interface StandardPort {
  /** Loads and checks a bundle; all stays as it is until it is activated. @throws ProblemError `bundle-invalid` */
  prepare(bytes: Uint8Array): Promise<{ activate(): void }>;
  /** Digest of what this process took last; set by those who replace them. */
  current?: string;
}

/** Where the bytes of the standard rules stand among those of applications. */
const PLACE = STANDARD as string as AppId;

/**
 * Takes standard rules that are signed by a key of the operator's: kept in the store first, then told, so that all processes judge by them in seconds.
 * @throws ProblemError as authorize says; `bundle-refused`, `bundle-revision-refused`
 */
export async function takeStandard(
  parts: AccessParts,
  request: AdminRequest,
  bytes: Uint8Array,
  reason: string,
  standard: StandardPort,
): Promise<void> {
  const { store } = parts;
  const { facts } = await authorize(parts, request, { action: 'standard-bundle.activate', orgnr: 'all' });
  const keys = (await keysOf(parts, 'operator')).map(({ value }) => verificationKey(value)).filter(({ scope }) => scope === undefined);
  const inspected = await refusing(() => parts.ownBundles.inspect(bytes, { keys }, parts.clock()));
  const revision = parseBundleRevision(inspected.revision);
  if (isFault(revision)) throw refused(`the revision of its .manifest ${revision.detail}`);
  const ref = { revision, digest: digestOf(bytes) };
  const prepared = await refusing(() => standard.prepare(bytes));
  await writeContent(store, PLACE, bytes, facts('standard-bundle.activate'));
  await repeated(async () => {
    const { standardBundles } = collectionsOf(store);
    const before = await standardBundles.get(STANDARD);
    if (before?.value.active.digest === ref.digest) return;
    assertLater(revision, present({ appId: PLACE, tilbyder: '' as Orgnr, highest: before?.value.active.revision }));
    const after: StandardBundle = { name: STANDARD, active: ref, ...present({ before: before?.value.active }) };
    await standardBundles.put(after, { expect: before?.revision ?? 'absent', facts: facts('standard-bundle.activate', reason) });
  });
  prepared.activate();
  standard.current = ref.digest;
  const kept = (await collectionsOf(store).standardBundles.get(STANDARD))?.value;
  const digests = [ref, kept?.active, kept?.before].flatMap((one) => one?.digest ?? []);
  await removeOrphans(store, PLACE, new Set(digests), facts('standard-bundle.activate'));
}

/** The bytes of the standard rules that were taken from a source last; `undefined` if none were. @throws ProblemError `evaluation-failed` if they are not whole */
export async function standardContent({ store }: Pick<Installation, 'store'>): Promise<Uint8Array | undefined> {
  const active = (await collectionsOf(store).standardBundles.get(STANDARD))?.value.active;
  return active === undefined ? undefined : readContent(store, PLACE, active);
}

/** Which standard rules were taken from a source last; `undefined` if none were. For the operator. @throws ProblemError as authorize says; `evaluation-failed` if their bytes are not whole */
export async function readStandard(parts: AccessParts, request: AdminRequest): Promise<BundleRef | undefined> {
  await authorize(parts, request, { action: 'policy-source.list', orgnr: 'all' });
  const active = (await collectionsOf(parts.store).standardBundles.get(STANDARD))?.value.active;
  if (active !== undefined) await readContent(parts.store, PLACE, active);
  return active;
}

/** Judges by the standard rules that the store has, if they are others than those that this process took. @throws as StandardPort; `evaluation-failed` */
export async function loadStandard({ store }: Installation, standard: StandardPort): Promise<void> {
  const active = (await collectionsOf(store).standardBundles.get(STANDARD))?.value.active;
  if (active === undefined || active.digest === standard.current) return;
  (await standard.prepare(await readContent(store, PLACE, active))).activate();
  standard.current = active.digest;
}

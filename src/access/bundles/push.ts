import type { Application, PolicyBundle } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts } from '#storage';
import type { AdminRequest } from '../administer/authorize.js';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { digestOf, removeBundle, removeOrphans, writeContent } from './content.js';
import { bundleKey } from './entities.js';
import { assertLater, type InspectedBundle, inspected, refused, refusing, signingFor } from './inspect.js';
import { type BundleLeave, type BundlePlace, leaveFor } from './leave.js';
import { type BundleView, viewOf } from './read.js';
import { takeRoom } from './room.js';
import { tryRules } from './trial.js';

/** A bundle that was pushed, and whether it was new. */
export interface PushOutcome extends BundleView {
  readonly isNew: boolean;
}

/** Leave to push a bundle, and nothing else. @throws ProblemError as authorize says */
export function leaveToPush(parts: AccessParts, request: AdminRequest, place: BundlePlace): Promise<BundleLeave> {
  return leaveFor(parts, request, place, 'bundle.push');
}

/**
 * Takes a signed bundle for an application. It judges nobody before it is activated. The same bytes again are the same bundle; of those that were
 * pushed before, some are removed if there are too many; not those that were active last.
 * @param bytes the gzipped tarball
 * @throws ProblemError as authorize says; `bundle-refused`, `bundle-revision-refused`, `quota-reached`
 */
export async function pushBundle(parts: AccessParts, request: AdminRequest, place: BundlePlace, bytes: Uint8Array): Promise<PushOutcome> {
  const leave = await leaveToPush(parts, request, place);
  const application = leave.application.value;
  const digest = digestOf(bytes);
  const known = await bundleOf(parts, application, digest);
  if (known !== undefined) return { ...viewOf(known, leave.binding), isNew: false };
  const tried = await triedOut(parts, leave, { bytes, digest });
  const { at, actor, facts } = leave;
  const bundle: PolicyBundle = {
    appId: application.id,
    tilbyder: application.tilbyder,
    ...tried,
    digest,
    size: bytes.byteLength,
    pushedBy: actor,
    pushedAt: at,
  };
  await takeRoom(parts, bundle, facts('bundle.push'));
  // First the bytes, then the bundle that names them: whoever is killed in between has pushed nothing.
  await writeContent(parts.store, application.id, bytes, facts('bundle.push'));
  const isNew = await repeated(async () => {
    if ((await sameBundle(parts, bundle)) !== undefined) return false;
    await collectionsOf(parts.store).policyBundles.put(bundle, { expect: 'absent', facts: facts('bundle.push') });
    return true;
  });
  await tidy(parts, application, facts('bundle.remove'));
  return { ...viewOf(bundle, leave.binding), isNew };
}

/** The bundle of the application that has these bytes. */
async function bundleOf({ store }: AccessParts, { id }: Application, digest: string): Promise<PolicyBundle | undefined> {
  for await (const one of everyOf(collectionsOf(store).policyBundles, { prefix: bundleKey(id) })) if (one.digest === digest) return one;
  return undefined;
}

/** The bundle of the revision, if it is there with these bytes. @throws ProblemError `bundle-revision-refused` if it is there with others */
async function sameBundle(
  { store }: AccessParts,
  { appId, revision, digest }: Pick<PolicyBundle, 'appId' | 'revision' | 'digest'>,
): Promise<PolicyBundle | undefined> {
  const found = (await collectionsOf(store).policyBundles.get(bundleKey(appId, revision)))?.value;
  if (found === undefined || found.digest === digest) return found;
  throw new ProblemError('bundle-revision-refused', {
    detail: 'There is another bundle of this revision: build this one with a later revision.',
  });
}

/** Verifies and compiles the rules, and asks them about a made-up person: in a thread, unpacked once. @returns what the bundle says, and what was noticed */
async function triedOut(
  parts: AccessParts,
  { application: { value: application }, binding }: BundleLeave,
  { bytes, digest }: { readonly bytes: Uint8Array; readonly digest: string },
): Promise<InspectedBundle & Pick<PolicyBundle, 'warnings'>> {
  const signing = await signingFor(parts, application);
  const how = { name: `${application.id}/pushed`, isTrusted: false, signature: signing.demand, now: parts.clock() };
  const { judge, bundle } = await refusing(() => parts.ownBundles.compile(bytes, how));
  try {
    const said = inspected(application, signing, bundle);
    await sameBundle(parts, { appId: application.id, revision: said.revision, digest });
    assertLater(said.revision, binding);
    return { ...said, warnings: await tryRules(judge, application, parts.clock()) };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.slug !== 'evaluation-failed') throw error;
    throw refused('asked about a made-up person it gave no list, or set, of organisation numbers that were asked about', error);
  } finally {
    bundle.release?.();
  }
}

/** Removes the bundles that were pushed first where there are too many, and bytes that no bundle names. */
async function tidy({ store, quotas }: AccessParts, { id }: Application, facts: ChangeFacts): Promise<void> {
  const all: PolicyBundle[] = [];
  for await (const one of everyOf(collectionsOf(store).policyBundles, { prefix: bundleKey(id) })) all.push(one);
  // As it is now: while the bundle was tried another one may have been activated.
  const binding = (await collectionsOf(store).policyBindings.get(id))?.value;
  const { active, before, trusted, shadow, earlier = [] } = binding ?? {};
  const held = new Set([active, before, trusted, shadow, ...earlier].map((one) => one?.digest));
  const surplus = all
    .toSorted((a, b) => (a.pushedAt < b.pushedAt ? 1 : -1))
    .slice(quotas.bundlesPerApplication)
    .filter(({ digest }) => !held.has(digest));
  for (const one of surplus) await removeBundle(store, one, facts);
  const kept = new Set(all.filter((one) => !surplus.includes(one)).map(({ digest }) => digest));
  await removeOrphans(store, id, kept, facts);
}

import { type AppId, isFault, type Orgnr, type PolicyBinding, type PolicyBundle, parseBundleRevision } from '#domain';
import { ProblemError } from '#problem';
import { type AdminRequest, authorize, type Basis } from '../administer/authorize.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import type { ApplicationClearance } from '../registry/applications.js';
import { bundleKey } from './entities.js';

/** For which application: `undefined` for what is no number or no App-ID. `of-application`: for its tilbyder, whoever that is. */
export interface BundlePlace {
  readonly orgnr: Orgnr | 'of-application' | undefined;
  readonly appId: AppId | undefined;
}

/** Leave for something about the bundles of an application, and its binding as it stands. */
export interface BundleLeave extends ApplicationClearance {
  /** What is there if nothing was ever bound. */
  readonly binding: PolicyBinding;
  /** 0: there is none yet. */
  readonly bindingRevision: number;
}

/** Asks leave, as authorize does. @param basis what has been read already in this request about the same */
export async function leaveFor(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId }: BundlePlace,
  action: string,
  basis?: Basis,
): Promise<BundleLeave> {
  const clearance = (await authorize(parts, request, { action, orgnr, about: { appId } }, basis)) as ApplicationClearance;
  const { id, tilbyder } = clearance.application.value;
  const bound = await collectionsOf(parts.store).policyBindings.get(id);
  return { ...clearance, binding: bound?.value ?? { appId: id, tilbyder }, bindingRevision: bound?.revision ?? 0 };
}

/** So many revisions are named to whoever has named none of them. */
const MOST_NAMED = 10;

/** A bundle of the application by its revision, as it was sent. @param hint what to do if there is none @throws ProblemError `not-found` that says which there are */
export async function storedBundle({ store }: AccessParts, appId: AppId, sent: string, hint = ''): Promise<PolicyBundle> {
  const revision = parseBundleRevision(sent);
  const found = isFault(revision) ? undefined : await collectionsOf(store).policyBundles.get(bundleKey(appId, revision));
  if (found !== undefined) return found.value;
  const { items } = await collectionsOf(store).policyBundles.query({ prefix: bundleKey(appId), limit: MOST_NAMED });
  const there = items.map(({ value }) => value.revision).join(', ');
  throw new ProblemError('not-found', {
    detail:
      `The application has no bundle of this revision. ${there === '' ? 'None was pushed.' : `There are: ${there}.`} ${hint}`.trimEnd(),
  });
}

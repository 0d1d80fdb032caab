import {
  type AppId,
  type Application,
  type BundleRevision,
  compareRevisions,
  isFault,
  maskPersonNumbers,
  type Orgnr,
  type PolicyBinding,
  type PolicyBundle,
  type PolicyKey,
  parseAppId,
  parseBundleRevision,
  present,
} from '#domain';
import type { SignatureAlgorithm, SignatureDemand, VerificationKey, InspectedBundle as VerifiedBundle } from '#policy';
import { ProblemError } from '#problem';
import type { AccessParts } from '../parts.js';
import { keysOf } from './keys.js';
import { SEARCH } from './own-rules.js';

/** What the bytes of a bundle say, once they are known to be somebody's who may sign for the application. */
export type InspectedBundle = Pick<PolicyBundle, 'revision' | 'entrypoints' | 'signedBy'>;

/**
 * Unpacks a bundle and holds that it is signed for the application by a key that counts now, and is one of an application.
 * @throws ProblemError `bundle-refused`
 */
export async function inspectBundle(parts: AccessParts, application: Application, bytes: Uint8Array): Promise<InspectedBundle> {
  const signing = await signingFor(parts, application);
  return inspected(application, signing, await refusing(() => parts.ownBundles.inspect(bytes, signing.demand, parts.clock())));
}

/** Whose signature a bundle of an application needs. */
export interface Signing {
  readonly demand: SignatureDemand;
  /** Whose the key is that it was signed by. */
  ownerOf(kid: string): Orgnr | 'operator';
}

/** The keys that sign for an application: its tilbyder's, then the operator's. One that is for another application is none. */
export async function signingFor(parts: AccessParts, { id, tilbyder }: Pick<Application, 'id' | 'tilbyder'>): Promise<Signing> {
  const [own, operators] = await Promise.all([keysOf(parts, tilbyder), keysOf(parts, 'operator')]);
  const fit = [...own, ...operators].map(({ value }) => value).filter(({ scope }) => scope === undefined || scope === id);
  return {
    demand: { keys: fit.map(verificationKey) },
    ownerOf: (kid) => fit.find((key) => key.kid === kid)?.tilbyder ?? 'operator',
  };
}

/** What a bundle that was verified says, if it is one of the application. @throws ProblemError `bundle-refused` */
export function inspected(
  { id }: Application,
  { ownerOf }: Signing,
  { signer, entrypoints, ...said }: Omit<VerifiedBundle, 'signer'> & Partial<Pick<VerifiedBundle, 'signer'>>,
): InspectedBundle {
  // Whoever has opened it was to demand a signature.
  if (signer === undefined) throw refused('it is not signed');
  const { kid } = signer;
  const revision = parseBundleRevision(said.revision);
  if (isFault(revision)) throw refused(`the revision of its .manifest ${revision.detail}`);
  if (isForAnother(said.metadata, id)) throw refused('metadata.tilgang.application of its .manifest is another application');
  if (!entrypoints.includes(SEARCH)) throw refused(`it lacks the entrypoint ${SEARCH}`);
  return { revision, entrypoints, signedBy: { owner: ownerOf(kid), kid } };
}

/** Whether the manifest names an application, and that is not this one. */
function isForAnother({ tilgang }: Readonly<Record<string, unknown>>, id: AppId): boolean {
  const { application } = (tilgang ?? {}) as { readonly application?: unknown };
  const named = typeof application === 'string' ? parseAppId(application) : id;
  return !isFault(named) && named !== id;
}

/** What is wrong with a bundle, as it is told whoever pushed it: nothing of what is in it that reads as a person number. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof ProblemError) || cause.slug !== 'bundle-invalid') throw cause;
    throw refused(maskPersonNumbers(cause.message).slice(0, 1000), cause);
  }
}

/** A bundle that is not taken. @param why goes on from "The bundle is refused:" */
export function refused(why: string, cause?: unknown): ProblemError {
  return new ProblemError('bundle-refused', { detail: `The bundle is refused: ${why}.`, cause });
}

/** Holds that a revision is later than all that was active. @throws ProblemError `bundle-revision-refused` */
export function assertLater(revision: BundleRevision, { highest }: PolicyBinding): void {
  if (highest === undefined || compareRevisions(revision, highest) > 0) return;
  throw new ProblemError('bundle-revision-refused', {
    detail: `It is not later than ${highest}, which was active: build it with a later revision, or roll back by name.`,
  });
}

/** A key as signatures are verified by it. */
export function verificationKey({ kid, algorithm, jwk, scope, until, revoked }: PolicyKey): VerificationKey {
  return {
    kid,
    algorithm: algorithm as SignatureAlgorithm,
    jwk,
    revoked: revoked !== undefined,
    ...present({ scope, until: until === undefined ? undefined : Date.parse(until) }),
  };
}

import { createHash } from 'node:crypto';
import { isMainThread, workerData } from 'node:worker_threads';
import { present } from '#domain';
import type { OutsideLimits } from '#fetching';
import { ProblemError } from '#problem';
import { ownBuiltins } from '../builtins/index.js';
import { entrypointIds } from '../bundle/load-bundle.js';
import { readBundle } from '../bundle/read-bundle.js';
import { type SignatureDemand, type Signer, verifySignature } from '../bundle/signatures.js';
import { builtinsWith } from '../outside/open-outside.js';
import { compileModule, systemClock } from '../wasm/compiled-module.js';
import { InstancePool } from '../wasm/instance-pool.js';
import { giveWay } from './give-way.js';
import type { CompiledBundle } from './messages.js';

/** What a thread that opens bundles is started with. */
export interface LoaderSetting {
  /** Whether it lets all others go first. */
  readonly givesWay: boolean;
}

/** What is to be looked at. */
export interface InspectTask {
  readonly tarball: Uint8Array;
  readonly signature: SignatureDemand;
  /** ms since 1970. */
  readonly now: number;
}

/** What is to be opened; without a demand nobody's signature is asked for. */
export interface OpenTask extends Omit<InspectTask, 'signature'> {
  readonly signature?: SignatureDemand;
  readonly maxMemoryBytes: number;
  /** Whom it may ask when it judges; absent: nobody, and a bundle that would is refused. */
  readonly outside?: OutsideLimits;
}

/** What a bundle says of itself. */
export interface InspectedBundle {
  readonly revision: string;
  readonly entrypoints: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly signer: Signer;
}

/** A bundle that is unpacked, verified, compiled and was started once. */
export interface OpenedBundle {
  readonly revision: string;
  /** Ids by name, those of the manifest. */
  readonly entrypoints: ReadonlyMap<string, number>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly compiled: CompiledBundle;
  /** SHA-256 of the tarball, in hex. */
  readonly digest: string;
  readonly signer?: Signer;
  /** Whether it asks hosts when it judges, and waits for them. */
  readonly asksHosts: boolean;
}

/** What came of a task, or what is wrong with the bundle. */
export type Outcome<Result> = { readonly result: Result } | { readonly fault: string };

/** Opens a bundle, in the thread that the pool has started: a big one takes longer than others may wait. */
export function openInThread(task: OpenTask): Promise<Outcome<OpenedBundle>> {
  return outcomeOf(() => openBundle(task));
}

/** Unpacks a bundle and verifies it there, and runs nothing of it. */
export function inspectInThread(task: InspectTask): Promise<Outcome<InspectedBundle>> {
  return outcomeOf(async () => {
    const { files, manifest, revision } = await readBundle(task.tarball);
    const { entrypoints, metadata } = manifest;
    return { revision, entrypoints, metadata, signer: await verifySignature(files, task.signature, task.now) };
  });
}

async function outcomeOf<Result>(work: () => Promise<Result>): Promise<Outcome<Result>> {
  if (isMainThread) throw new TypeError('a bundle is opened in a thread of its own');
  if ((workerData as LoaderSetting).givesWay) giveWay();
  try {
    return { result: await work() };
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'bundle-invalid') return { fault: error.message };
    throw error;
  }
}

async function openBundle({ tarball, signature, now, maxMemoryBytes, outside }: OpenTask): Promise<OpenedBundle> {
  const content = await readBundle(tarball);
  // First of all: nothing of an unsigned bundle is run.
  const signer = signature === undefined ? undefined : await verifySignature(content.files, signature, now);
  const { revision, manifest, document } = content;
  const builtins = builtinsWith(outside);
  const compiled = await compileModule(content.module, { data: document, maxMemoryBytes, builtins, clock: systemClock });
  const pool = new InstancePool(compiled);
  const entrypoints = entrypointIds(pool, manifest.entrypoints);
  const asksHosts = pool.needs.some((name) => !Object.hasOwn(ownBuiltins, name));
  return {
    revision,
    entrypoints,
    metadata: manifest.metadata,
    compiled: { module: compiled.module, document, memoryBytes: pool.memoryBytes, needsBuiltins: pool.needs.length > 0 },
    digest: createHash('sha256').update(tarball).digest('hex'),
    asksHosts,
    ...present({ signer }),
  };
}

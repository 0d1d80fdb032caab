import { setTimeout as delay } from 'node:timers/promises';
import { type AppId, compareRevisions, type Instant, maskPersonNumbers, present, toInstant } from '#domain';
import { type FoundBundle, type PolicySource, poll } from '#policy';
import { ProblemError } from '#problem';
import type { ChangeFacts } from '#storage';
import { operatorRequest } from '../administer/act.js';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { underClaim } from '../claims.js';
import { type AccessParts, collectionsOf, type Installation, partsFor } from '../parts.js';
import { activateBundle } from './activate.js';
import type { SourceState } from './entities.js';
import { STANDARD } from './entities.js';
import { pushBundle } from './push.js';
import { readBinding } from './read.js';
import { loadStandard, type StandardPort, takeStandard } from './standard.js';

/** How sources are followed. */
export interface SourceOptions {
  readonly sources: readonly PolicySource[];
  /** What the standard rules are replaced through. */
  readonly standard: StandardPort;
  /** Is told what is wrong with a source, once for each thing. */
  readonly onFault: (fault: unknown) => void;
  /** How often another process tries to take over, and how often the store is looked at, in ms. */
  readonly takesOverMs?: number;
  readonly looksMs?: number;
}

/**
 * Follows the sources until it is told to stop: of all processes one looks at each, and all see in the store what it has found, also the standard rules
 * that were taken last.
 * @returns stops it; resolves once the standard rules that the store has judge
 */
export async function followSources(installation: Installation, options: SourceOptions): Promise<() => Promise<void>> {
  const { sources, onFault, takesOverMs = 10_000, looksMs = 2000 } = options;
  if (sources.length === 0) return async () => {};
  const { store, clock } = installation;
  const { signal, abort } = stopper();
  const startedAt = clock();
  const seen = async (): Promise<void> => {
    if (sources.some(({ application }) => application === undefined)) await loadStandard(installation, options.standard);
    installation.ownBundles.stale = await staleOf(installation, sources, startedAt);
  };
  await seen();
  const watching = repeat(looksMs, signal, () => seen().catch(onFault));
  const following = sources.map((source) =>
    repeat(takesOverMs, signal, () =>
      underClaim(store, clock, `policy-source ${source.name}`, (held) =>
        lookAt(installation, source, options, AbortSignal.any([signal, held])),
      ).catch(onFault),
    ),
  );
  return async () => {
    abort();
    await Promise.all([watching, ...following]);
  };
}

function stopper(): { readonly signal: AbortSignal; abort(): void } {
  const stopping = new AbortController();
  return { signal: stopping.signal, abort: () => stopping.abort() };
}

async function repeat(everyMs: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await work();
    await delay(everyMs, undefined, { signal }).catch(() => {});
  }
}

/** Looks at one source for as long as this process has the claim to it. */
async function lookAt(installation: Installation, source: PolicySource, options: SourceOptions, signal: AbortSignal): Promise<void> {
  const { store, clock } = installation;
  const { policySources } = collectionsOf(store);
  const application = source.application as AppId | undefined;
  let state: SourceState = (await policySources.get(source.name))?.value ?? present({ name: source.name, application });
  const tell = async (next: SourceState): Promise<void> => {
    state = next;
    const facts: ChangeFacts = { action: 'policy-source.look', at: toInstant(clock()), actor: 'operator' };
    await policySources.put(next, { expect: 'any', facts });
  };
  const polling = {
    // What a place says that it had for another target is not known for this one.
    known: state.application === application ? state.tag : undefined,
    take: (found: FoundBundle) => takeFrom(installation, source, found, options.standard),
    wasFine: (tag: string | undefined) => tell(present({ name: source.name, application, tag, fineAt: toInstant(clock()) })),
    async wasFaulty(fault: Error) {
      const detail = maskPersonNumbers(fault.message).slice(0, 500);
      if (detail !== state.fault?.detail) {
        onFaultOf(options, source, fault);
      }
      await tell({ ...state, fault: { at: toInstant(clock()), detail } });
    },
  };
  await poll(source, polling, signal);
}

function onFaultOf({ onFault }: SourceOptions, { name }: PolicySource, cause: Error): void {
  onFault(new ProblemError('bundle-invalid', { detail: `The source ${name} of policy bundles gives none that is taken.`, cause }));
}

/** Takes what a source has: by the same acts as the operator, who vouches for the place and not for the bundle. */
async function takeFrom(installation: Installation, source: PolicySource, { bytes }: FoundBundle, standard: StandardPort): Promise<void> {
  const parts = partsFor(installation);
  const request = operatorRequest();
  const reason = `source ${source.name}`;
  if (source.application === undefined) return takeStandard(parts, request, bytes, reason, standard);
  const place = { orgnr: 'of-application' as const, appId: source.application as AppId };
  const { bundle } = await pushBundle(parts, request, place, bytes);
  const { binding } = await readBinding(parts, request, place);
  // What was taken back by name stays so, until there is a later one.
  const wasActive = binding.highest !== undefined && compareRevisions(bundle.revision, binding.highest) <= 0;
  if (!wasActive) await activateBundle(parts, request, place, bundle.revision, 'any', reason);
}

/** The applications, and `standard`, whose source was looked at with success too long ago. */
async function staleOf({ store, clock }: Installation, sources: readonly PolicySource[], startedAt: number): Promise<ReadonlySet<string>> {
  const limited = sources.filter(({ staleAfterSeconds }) => staleAfterSeconds !== undefined);
  if (limited.length === 0) return new Set();
  const states = await collectionsOf(store).policySources.getMany(limited.map(({ name }) => name));
  const stale = limited.filter(({ staleAfterSeconds = 0 }, i) => {
    const fineAt: Instant | undefined = states[i]?.value.fineAt;
    return clock() - (fineAt === undefined ? startedAt : Date.parse(fineAt)) > staleAfterSeconds * 1000;
  });
  return new Set(stale.map(({ application }) => application ?? STANDARD));
}

/** How the sources do that were looked at. For the operator. @throws ProblemError as authorize says */
export async function listPolicySources(parts: AccessParts, request: AdminRequest): Promise<readonly SourceState[]> {
  await authorize(parts, request, { action: 'policy-source.list', orgnr: 'all' });
  const { items } = await collectionsOf(parts.store).policySources.query({ limit: 1000 });
  return items.map(({ value }) => value);
}

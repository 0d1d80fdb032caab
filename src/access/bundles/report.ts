import { setTimeout as delay } from 'node:timers/promises';
import { type AppId, toInstant } from '#domain';
import type { ChangeFacts } from '#storage';
import { collectionsOf, type Installation } from '../parts.js';
import type { ProcessStatus } from './own-rules.js';

const LOOKS_MS = 5000;
/** Counts alone are told as seldom as that; faults at the next look. */
const COUNTS_MS = 60_000;
const LIVES_MS = 10 * COUNTS_MS;

interface Told {
  readonly faults: string;
  readonly all: string;
  readonly at: number;
}

/**
 * Tells the store how the applications' bundles do in this process, and what their shadows have seen, so that authors are told by whichever process they ask;
 * and compiles here what another process has activated, before anybody is judged by it here.
 * @param everyMs how often it looks whether there is something to tell
 * @returns ends it
 */
export function reportBundles(installation: Installation, everyMs = LOOKS_MS): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const told = new Map<AppId, Told>();
  const reporting = (async () => {
    while (!signal.aborted) {
      await delay(everyMs, undefined, { signal, ref: false }).catch(() => {});
      // What cannot be told now is told later.
      if (!signal.aborted) await Promise.all([reportAll(installation, told).catch(() => {}), installation.shadows.tell()]);
      if (!signal.aborted) await warmAll(installation).catch(() => {});
    }
  })();
  return () => {
    stopping.abort();
    return reporting;
  };
}

async function reportAll({ store, ownBundles, clock }: Installation, told: Map<AppId, Told>): Promise<void> {
  const { bundleReports } = collectionsOf(store);
  const at = clock();
  const facts: ChangeFacts = { action: 'bundle.report', at: toInstant(at), actor: 'operator' };
  for (const appId of ownBundles.applications()) {
    const status = ownBundles.statusOf(appId);
    const [faults, all] = [faultsOf(status), JSON.stringify(status)];
    const last = told.get(appId);
    if (last?.faults === faults && (last.all === all || at - last.at < COUNTS_MS) && at - last.at < LIVES_MS / 2) continue;
    const report = { appId, process: ownBundles.process, at: facts.at, expiresAt: toInstant(at + LIVES_MS), status };
    await bundleReports.put(report, { expect: 'any', facts });
    told.set(appId, { faults, all, at });
  }
}

/** Of the applications that are judged here. What cannot be compiled is told as a fault. */
async function warmAll({ store, ownBundles }: Installation): Promise<void> {
  const bindings = await collectionsOf(store).policyBindings.getMany([...ownBundles.applications()]);
  await Promise.allSettled(bindings.map(async (binding) => ownBundles.rulesOf(binding?.value)));
}

/** What is told at once: all but how much was answered, and how fast. */
function faultsOf({ loaded, fault }: ProcessStatus): string {
  const told = loaded.map(({ ref, status }) => {
    if (status === undefined) return { ref };
    const { evaluations: _, meanMicros: __, ...rest } = status;
    return { ref, rest };
  });
  return JSON.stringify({ told, fault });
}

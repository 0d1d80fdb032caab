import { setTimeout as delay } from 'node:timers/promises';
import { lookInFolder } from './folder-source.js';
import { askServer } from './http-source.js';
import { type FoundBundle, type LookAt, type PolicySource, tagOf } from './source.js';

/** What is done with what a source has. */
export interface Polling {
  /** Tag of what was taken last, by this process or another. */
  readonly known: string | undefined;
  /** Takes a bundle: only then it is known. @throws what keeps it from being taken */
  take(found: FoundBundle): Promise<void>;
  /** It was looked at, and nothing is wrong. */
  wasFine(tag: string | undefined): Promise<void>;
  /** It was looked at in vain, or what it has is not taken. */
  wasFaulty(fault: Error): Promise<void>;
  /** Default: by URL or path. */
  readonly lookAt?: LookAt;
  /** From 0 to 1. */
  readonly random?: () => number;
}

const MOST_BACKED_OFF_SECONDS = 300;
/** A server that says it waits, and answers at once, is not asked without end. */
const BREATH_SECONDS = 1;

/**
 * Looks at a source until it is told to stop: as often as it says, again after a breath where the server itself waits, and after a fault ever more seldom, so
 * that a server that is down is not stormed. It never ends by a fault.
 */
export async function poll(source: PolicySource, polling: Polling, signal: AbortSignal): Promise<void> {
  const { lookAt = source.url === undefined ? lookInFolder : askServer, random = Math.random } = polling;
  let { known } = polling;
  let waits = false;
  let taken: string | undefined;
  for (let faults = 0; !signal.aborted; ) {
    try {
      const found = await lookAt(source, known, signal);
      const digest = found === 'unchanged' ? taken : tagOf(found.bytes);
      if (found !== 'unchanged' && (found.tag !== known || digest !== taken)) {
        await polling.take(found);
        [known, taken] = [found.tag, digest];
        waits = found.waits;
      }
      faults = 0;
      await polling.wasFine(known);
    } catch (error) {
      if (signal.aborted) return;
      faults += 1;
      await polling.wasFaulty(error as Error).catch(() => {});
    }
    const seconds =
      faults === 0 ? (waits ? Math.min(BREATH_SECONDS, source.everySeconds) : source.everySeconds) : backedOff(source, faults, random());
    await delay(seconds * 1000, undefined, { signal }).catch(() => {});
  }
}

/** How long nothing is asked after so many faults: between half of it and all of it, so that many who lost the same server do not come back together. */
export function backedOff({ everySeconds }: PolicySource, faults: number, chance: number): number {
  const most = Math.max(everySeconds, MOST_BACKED_OFF_SECONDS);
  return Math.min(most, 2 ** Math.min(faults, 20)) * (0.5 + chance / 2);
}

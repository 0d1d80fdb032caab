import { present } from '#domain';
import { isAlive, placeIn, segmentsIn, sizeOf } from './segments.js';

/** What lies in the folder of a decision log. */
export interface LogOnDisk {
  readonly segments: number;
  readonly bytes: number;
  /** When the oldest segment was begun, in milliseconds since the epoch; absent if there is none. */
  readonly oldestMs?: number;
  /** What no collector has taken yet, in bytes, and since when the oldest of it lies there. */
  readonly unsentBytes: number;
  readonly unsentSinceMs?: number;
  /** Segments of processes that have ended, which no gateway has taken over yet. */
  readonly left: number;
}

/** Looks at the folder of a decision log; nothing is changed. */
export async function logOnDisk(folder: string): Promise<LogOnDisk> {
  let [bytes, unsentBytes, left] = [0, 0, 0];
  let unsentSinceMs: number | undefined;
  const segments = await segmentsIn(folder);
  for (const segment of segments) {
    const size = (await sizeOf(folder, segment)) ?? 0;
    const unsent = Math.max(0, size - (await placeIn(folder, segment, 'sent')));
    bytes += size;
    unsentBytes += unsent;
    if (unsent > 0) unsentSinceMs ??= segment.openedMs;
    if (!isAlive(segment.owner)) left += 1;
  }
  return present({ segments: segments.length, bytes, oldestMs: segments[0]?.openedMs, unsentBytes, unsentSinceMs, left });
}

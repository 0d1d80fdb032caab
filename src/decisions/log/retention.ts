import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS } from '#domain';
import type { DecisionSettings } from '../settings.js';
import { fileOf, isAlive, placeIn, removeSegment, type Segment, segmentsIn, sizeOf } from './segments.js';

/** Whose house is kept. */
export interface HouseKeeping {
  readonly folder: string;
  readonly owner: string;
  readonly settings: Pick<DecisionSettings, 'decisionLogBytes' | 'decisionLogDays' | 'decisionLogUrl'>;
  readonly nowMs: number;
  /** What is written to now. */
  readonly current: Segment | undefined;
}

/** How the folder is left. */
export interface Kept {
  /** Of all segments there. */
  readonly bytes: number;
  /** There is more than is kept, and nothing of it may go. */
  readonly isOverBound: boolean;
  /** Segments of processes that have ended, which are the owner's now. */
  readonly takenOver: readonly Segment[];
  /** The segment that is written to is not there any more. */
  readonly isCurrentGone: boolean;
}

/**
 * Takes over what processes that have ended have left, and removes of its own segments those that are older than is kept, or more than is kept, the oldest
 * first. What is still to be sent stays.
 */
export async function keepHouse(keeping: HouseKeeping): Promise<Kept> {
  const { folder, owner, current } = keeping;
  const takenOver: Segment[] = [];
  const found: { readonly segment: Segment; readonly size: number }[] = [];
  for (const segment of await segmentsIn(folder)) {
    const mine = segment.owner === owner || isAlive(segment.owner) ? segment : await takeOver(folder, segment, owner);
    const size = mine === undefined ? undefined : await sizeOf(folder, mine);
    if (mine === undefined || size === undefined) continue;
    if (mine !== segment) takenOver.push(mine);
    found.push({ segment: mine, size });
  }
  let bytes = found.reduce((sum, { size }) => sum + size, 0);
  for (const { segment, size } of found) {
    if (segment.owner !== owner || segment.name === current?.name || !(await mayGo(keeping, segment, size, bytes))) continue;
    await removeSegment(folder, segment);
    bytes -= size;
  }
  const isCurrentGone = current !== undefined && !found.some(({ segment }) => segment.name === current.name);
  return { bytes, isOverBound: bytes > keeping.settings.decisionLogBytes, takenOver, isCurrentGone };
}

/** Of several that want it one gets it. */
function takeOver(folder: string, segment: Segment, owner: string): Promise<Segment | undefined> {
  const mine = { ...segment, owner };
  return rename(join(folder, fileOf(segment)), join(folder, fileOf(mine))).then(
    () => mine,
    () => undefined,
  );
}

async function mayGo({ folder, settings, nowMs }: HouseKeeping, segment: Segment, size: number, bytes: number): Promise<boolean> {
  const isOld = nowMs - segment.openedMs > settings.decisionLogDays * DAY_MS;
  if (!isOld && bytes <= settings.decisionLogBytes) return false;
  return settings.decisionLogUrl === undefined || (await placeIn(folder, segment, 'sent')) >= size;
}

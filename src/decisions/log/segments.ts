import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toInstant } from '#domain';

/** A file of the log: JSON lines, an event each. Its owner sees to what is left of it: that it is sent, noted, and removed. */
export interface Segment {
  /** Stays the same when it changes hands; in the order of the moments at which segments were begun. */
  readonly name: string;
  readonly openedMs: number;
  /** The process that writes to it, or did; see isAlive. */
  readonly owner: string;
}

/** What has been read of a segment by whom: `sent` to the collector, `noted` as last use. */
export type PlaceKind = 'sent' | 'noted';

const SEGMENT = /^(([0-9]{8}T[0-9]{9}Z)-[0-9a-f]{8})\.([0-9]+-[0-9]+-[0-9]+)\.jsonl$/;

/** A name for a segment that is begun now. */
export function newSegment(nowMs: number, owner: string): Segment {
  return { name: `${toInstant(nowMs).replaceAll(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`, openedMs: nowMs, owner };
}

/** The name of its file. */
export function fileOf({ name, owner }: Pick<Segment, 'name' | 'owner'>): string {
  return `${name}.${owner}.jsonl`;
}

/** The segment of a file; `undefined` if it is none. */
function segmentOf(file: string): Segment | undefined {
  const [, name, opened = '', owner] = SEGMENT.exec(file) ?? [];
  if (name === undefined || owner === undefined) return undefined;
  const text = opened.replace(/^(....)(..)(..T)(..)(..)(..)(...Z)$/, '$1-$2-$3$4:$5:$6.$7');
  return { name, openedMs: Date.parse(text), owner };
}

/** All segments of a folder, the oldest first; none if there is no folder. @throws Error of the system if it cannot be read */
export async function segmentsIn(folder: string): Promise<readonly Segment[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return segmentsAmong(files);
}

/** Those among the names of files, the oldest first. */
export function segmentsAmong(files: readonly string[]): readonly Segment[] {
  return files.flatMap((file) => segmentOf(file) ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Its size in bytes; `undefined` once it is gone or has changed hands. */
export function sizeOf(folder: string, segment: Segment): Promise<number | undefined> {
  return stat(join(folder, fileOf(segment))).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** How far it has been read, in bytes. */
export async function placeIn(folder: string, { name }: Pick<Segment, 'name'>, kind: PlaceKind): Promise<number> {
  const text = await readFile(join(folder, `${name}.${kind}`), 'latin1').catch(() => '');
  return /^[0-9]{16}$/.test(text) ? Number(text) : 0;
}

/** Keeps how far it has been read. One small write at the same place: it is the old number or the new one. */
export async function keepPlace(folder: string, { name }: Pick<Segment, 'name'>, kind: PlaceKind, bytes: number): Promise<void> {
  const file = join(folder, `${name}.${kind}`);
  const text = String(bytes).padStart(16, '0');
  await writeFile(file, text, { flag: 'r+', mode: 0o600 }).catch(() => writeFile(file, text, { mode: 0o600 }));
}

/** Takes a segment away with what is kept of it. */
export async function removeSegment(folder: string, segment: Segment): Promise<void> {
  await rm(join(folder, fileOf(segment)), { force: true });
  for (const kind of ['sent', 'noted'] satisfies PlaceKind[]) await rm(join(folder, `${segment.name}.${kind}`), { force: true });
}

const ownStart = startOf('self') ?? '0';
const own = new Set<string>();
let count = 0;

/** A name for whoever opens the log in this process: its number, when it began, and which one of it. */
export function newOwner(): string {
  count += 1;
  const owner = `${process.pid}-${ownStart}-${count}`;
  own.add(owner);
  return owner;
}

/** It writes no more. */
export function endOwner(owner: string): void {
  own.delete(owner);
}

/** Whether an owner still is at work. A process that has the number of one that has ended began at another moment, where the system tells. */
export function isAlive(owner: string): boolean {
  const [pid = '', start] = owner.split('-');
  if (Number(pid) === process.pid && start === ownStart) return own.has(owner);
  const begun = startOf(pid);
  if (begun !== undefined) return begun === start;
  if (ownStart !== '0' || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, in ticks since the machine did (proc(5), field 22); `undefined` if there is none, or if the system does not tell. */
function startOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

import type { DecisionEvent } from './decision-event.js';
import { eventsBetween } from './read-decisions.js';
import { keepPlace, placeIn, type Segment, sizeOf } from './segments.js';

interface Part {
  readonly segment: Segment;
  /** Until where it is somebody else's, who is gone; absent: to its end. */
  readonly until?: number;
}

/** A segment and how far it has been written; without a size it is written no more. */
interface Place {
  readonly segment: Segment;
  readonly size?: number;
}

/**
 * What of the decisions in its segments a process has taken note of. Its own it knows without reading; those that processes which have ended have left are read
 * once. How far note is taken is kept beside each segment, so that the next process goes on from there.
 */
export class LeftBehind {
  readonly #folder: string;
  /** To be read. */
  readonly #parts: Part[] = [];
  /** Segments of which all is known, that are written no more. */
  readonly #known = new Map<string, Place>();
  #current: Segment | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A segment of another one is this process's now. */
  takenOver(segment: Segment): void {
    this.#parts.push({ segment });
  }

  /** A segment is written to from now on. @param length what has been written to it by this process */
  begun({ segment, size }: Required<Place>, length: number): void {
    const before = size - length;
    if (before > 0) this.#parts.push({ segment, until: before });
    const last = this.#current;
    this.#current = segment;
    if (last !== undefined) this.#known.set(last.name, { segment: last });
  }

  async *events(): AsyncGenerator<DecisionEvent> {
    for (let part = this.#parts[0]; part !== undefined; part = this.#parts[0]) {
      yield* this.#eventsOf(part);
      this.#parts.shift();
    }
  }

  async *#eventsOf({ segment, until }: Part): AsyncGenerator<DecisionEvent> {
    const size = until ?? (await sizeOf(this.#folder, segment)) ?? 0;
    try {
      const from = await placeIn(this.#folder, segment, 'noted');
      if (from < size) yield* eventsBetween(this.#folder, segment, from, size);
    } catch {
      // Not for us to read: whoever may, later, finds it unread.
      return;
    }
    if (until === undefined) this.#known.set(segment.name, { segment, size });
  }

  mark(current: Place | undefined): () => Promise<void> {
    const isUnread = ({ segment }: Place): boolean => this.#parts.some(({ segment: { name } }) => name === segment.name);
    const now = current === undefined ? [] : [{ segment: current.segment, size: current.size as number }];
    const places = [...this.#known.values(), ...now].filter((one) => !isUnread(one));
    return async () => {
      for (const { segment, size } of places) {
        const now = await sizeOf(this.#folder, segment);
        // What has been taken away meanwhile leaves no place behind.
        if (now !== undefined) await keepPlace(this.#folder, segment, 'noted', size ?? now);
        this.#known.delete(segment.name);
      }
    };
  }
}

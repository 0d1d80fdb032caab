import { ProblemError } from '#problem';
import { sequenceText } from './cursor.js';

/** How far a store has come. */
export interface Position {
  /** The place of its last event; 0 if it has none. */
  readonly place: number;
  /** The registry epoch, where the store raises it apart from the log. */
  readonly epoch: number;
}

/** Store.position. */
export function positionText({ place, epoch }: Position): string {
  return `${sequenceText(place)}.${epoch}`;
}

/** What a position says. @throws ProblemError `invalid-request` */
export function readPosition(text: string): Position {
  const [, place, epoch] = /^(\d{16})\.(\d{1,15})$/.exec(text) ?? [];
  if (place === undefined) throw new ProblemError('invalid-request', { detail: 'the position of the store is none of ours' });
  return { place: Number(place), epoch: Number(epoch) };
}

/** What is answered where a position cannot be reached in time. */
export function notReached(): ProblemError {
  return new ProblemError('store-unavailable', { detail: 'the store is not as new as the request asks for' });
}

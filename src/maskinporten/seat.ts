import { freeSeat, type SeatRow } from '#access';
import { ProblemError } from '#problem';
import type { Collection } from '#storage';

/**
 * A place among what somebody may have so many of; it is taken by writing the document that has it.
 * @param reached what is told if there is none: how many there may be, and what to do
 * @throws ProblemError `quota-reached`
 */
export async function seatIn<T>(collection: Collection<T>, row: Omit<SeatRow, 'index'>, reached: string): Promise<number> {
  const seat = await freeSeat(collection, { index: 'seat', ...row });
  if (seat !== undefined) return seat;
  throw new ProblemError('quota-reached', { detail: reached });
}

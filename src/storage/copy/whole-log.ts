import { sequenceText } from '../cursor.js';
import { brokenAt, refused } from './refused.js';
import type { LoggedEvent, WholeSource } from './whole-store.js';

/** The events of the places from `after + 1` to `upTo`: none is missing. @throws ProblemError `copy-refused` where one is */
export async function* logOf(source: WholeSource, after: number, upTo: number): AsyncGenerator<readonly LoggedEvent[]> {
  let at = after;
  for await (const page of source.events(after, upTo)) {
    for (const { place } of page) {
      at += 1;
      if (place !== at) throw brokenAt(at, 'the event is missing');
    }
    yield page;
  }
  if (at !== upTo) throw refused(`the log of ${source.name} ends at event ${sequenceText(at)}, and goes on to ${sequenceText(upTo)}`);
}

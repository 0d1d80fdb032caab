import { sequenceText } from '../cursor.js';
import { brokenAt, refused } from './refused.js';
import type { LoggedEvent, WholeSource } from './whole-store.js';

/** The events of the places from `after + 1` to `upTo`, in the source's pages: none is missing. @throws ProblemError `copy-refused` where one is */
export async function* logOf(source: WholeSource, after: number, upTo: number): AsyncGenerator<Iterable<LoggedEvent>> {
  let at = after;
  const inTheirPlaces = function* (page: Iterable<LoggedEvent>): Generator<LoggedEvent> {
    for (const event of page) {
      at += 1;
      if (event.place !== at) throw brokenAt(at, 'the event is missing');
      yield event;
    }
  };
  for await (const page of source.events(after, upTo)) yield inTheirPlaces(page);
  if (at !== upTo) throw refused(`the log of ${source.name} ends at event ${sequenceText(at)}, and goes on to ${sequenceText(upTo)}`);
}

/** The same pages, the next one asked for before one is handed out: it is read while that is written. */
export async function* readAhead<T>(pages: AsyncGenerator<T>): AsyncGenerator<T> {
  const ask = (): Promise<IteratorResult<T>> => {
    const asked = pages.next();
    // Whoever takes it hears of the fault; nobody may.
    asked.catch(() => {});
    return asked;
  };
  try {
    for (let asked = ask(); ; ) {
      const { done, value } = await asked;
      if (done === true) return;
      asked = ask();
      yield value;
    }
  } finally {
    await pages.return(undefined);
  }
}

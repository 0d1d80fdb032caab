import { isCursor, sequenceText } from '../../cursor.js';
import { isNextOf } from '../../event-chain.js';
import type { StoreEvent } from '../../port.js';
import { concernsPrefix, splitEvent } from '../layout.js';
import { type Findings, intactEvent, MISSING, readable } from './findings.js';

/** How many places without an event are told; only the first ones matter. */
const MAX_GAPS = 1000;
/** How many documents are remembered whose events hang in the air. */
const MAX_TOLD = 1000;

/** Each event by itself, and its link to the one before it of the same document. */
export class EventsCheck {
  readonly #findings: Findings;
  readonly #told = new Set<string>();
  #expected: number;
  #gaps = 0;
  events = 0;
  /** How many entries the events have in the lists of those whom they concern. */
  listed = 0;
  /** The place of the last event of a registry entity. */
  lastRegistry = 0;

  /** @param after the place of the last event before the first one that is checked */
  constructor(findings: Findings, after = 0) {
    this.#findings = findings;
    this.#expected = after + 1;
  }

  /** Sequence, hash, form, link to the event before it, whom it concerns. */
  event(cursor: string, text: string): undefined {
    this.events += 1;
    const findings = this.#findings;
    if (!isCursor(cursor)) return findings.report(findings.afterAll, undefined, 'An event stands under a key that is no cursor.');
    this.#gapsBefore(Number(cursor));
    const event = intactEvent(cursor, text);
    if (event === undefined) {
      const said = readable(cursor, text);
      const isItsOwn = said !== undefined && findings.headOf(said) !== undefined;
      return findings.report(cursor, isItsOwn ? said : undefined, 'The event does not have the hash that is kept with it.');
    }
    if (findings.declared.get(event.entity)?.isRegistry === true) this.lastRegistry = Number(cursor);
    this.#link(event, splitEvent(text).previous);
    this.#parties(event);
  }

  #gapsBefore(sequence: number): void {
    for (; this.#expected < sequence && this.#gaps < MAX_GAPS; this.#expected += 1, this.#gaps += 1) {
      this.#findings.report(sequenceText(this.#expected), undefined, MISSING);
    }
    this.#expected = sequence + 1;
  }

  #link(event: StoreEvent, at: number): undefined {
    const findings = this.#findings;
    const cursor = sequenceText(at);
    if (cursor >= event.cursor) return findings.report(event.cursor, event, 'The event stands before the one that it follows.');
    const text = at === 0 ? undefined : findings.textAt(at);
    if (at !== 0 && text === undefined) return findings.report(cursor, event, MISSING);
    const previous = text === undefined ? undefined : { hash: splitEvent(text).hash, revision: revisionOf(text) };
    // The hash covers whose event it is: if it is the right one, so is the document.
    if (isNextOf(event, previous)) return;
    const other = text === undefined ? undefined : readable(cursor, text);
    const isOwn = other?.entity === event.entity && other.key === event.key;
    if (other !== undefined && !isOwn && !findings.isVouchedFor(other)) {
      return findings.report(cursor, event, 'Another event stands in its place.');
    }
    const hasRevisions = event.fromRevision === (previous?.revision ?? 0) && event.revision === event.fromRevision + 1;
    // What comes later vouches for what comes before: if this event is vouched for, it was the one before it that changed.
    if (isOwn && hasRevisions && findings.isVouchedFor(event)) {
      return findings.report(cursor, event, 'The event is not the one that its successor followed.');
    }
    findings.report(event.cursor, event, 'The event does not follow from the one before it of the same document.');
  }

  #parties(event: StoreEvent): undefined {
    const parties = this.#findings.partiesOf(event);
    if (parties === undefined) return;
    if (parties === 'unknown') return this.#findings.report(event.cursor, event, 'Whom the event concerns cannot be told.');
    this.listed += parties.size;
    for (const party of parties) {
      if (this.#findings.tables.concerns.get(concernsPrefix(party) + event.cursor) !== undefined) continue;
      this.#findings.report(event.cursor, event, 'The event is missing in the list of somebody whom it concerns.');
    }
  }

  /** An event that its document does not lead to. Handed in newest first, so that of a document that is gone only the last one is told. */
  stray(cursor: string, text: string): undefined {
    const event = isCursor(cursor) ? readable(cursor, text) : undefined;
    if (event === undefined || this.#findings.isVouchedFor(event)) return;
    const head = this.#findings.headOf(event);
    if (head !== undefined) {
      // Below a broken link nothing is vouched for; that link has been told.
      if (head.revision > event.revision && this.#findings.broken !== undefined) return;
      return this.#findings.report(cursor, event, 'The document does not lead to the event.');
    }
    const name = `${event.entity}\0${event.key}`;
    if (this.#told.has(name)) return;
    if (this.#told.size < MAX_TOLD) this.#told.add(name);
    this.#findings.report(cursor, event, 'The document of the event is gone, and no event removed it.');
  }
}

/** Canonical JSON: the revision is its last member, and reading only that saves a second parse of every event. */
function revisionOf(text: string): number {
  return Number(text.slice(text.lastIndexOf(':') + 1, -1));
}

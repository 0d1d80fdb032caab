import { isCursor, sequenceText } from '../../cursor.js';
import { isCanonical } from '../../event-chain.js';
import type { Entity } from '../../port.js';
import { type Derived, derivedOf, documentKey, type Kept, readKept, splitEvent } from '../layout.js';
import { type Findings, MISSING, type Owner, readable } from './findings.js';

const AFTER = ',"after":';

/** What checked documents come to. */
interface DocumentCounts {
  readonly documents: number;
  /** How many events the documents lead to, up to the bound. */
  readonly reached: number;
  /** How many index entries, and moments of expiring, the documents have. */
  readonly entries: number;
  readonly expiring: number;
}

/** Each document against its last event, and what is derived from documents and events against them. */
export class DocumentsCheck implements DocumentCounts {
  readonly #findings: Findings;
  documents = 0;
  reached = 0;
  entries = 0;
  expiring = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** What stands under a key: a document, or the grave of one. */
  pair(place: Buffer, document: string | undefined, grave: string | undefined): undefined {
    const owner = ownerOf(place);
    const entity = this.#findings.declared.get(owner.entity);
    const kept = document === undefined ? undefined : readKept(document);
    if (kept !== undefined) this.#entries(owner, kept);
    // Without a declaration it is told by what is kept with it.
    if (entity === undefined ? kept?.last === 0 && kept.hash === '' : entity.keepsNoHistory === true) return;
    const buried = grave === undefined ? undefined : readKept(grave);
    const head = kept ?? buried;
    if (head === undefined) return;
    if (kept !== undefined) this.documents += 1;
    if (kept !== undefined && buried !== undefined) {
      this.#findings.report(sequenceText(Math.max(kept.last, buried.last)), owner, 'The document is there and was removed.');
    }
    const detail =
      kept === undefined ? 'The document is kept as removed otherwise than by the event.' : 'The document is not what the event made it.';
    this.#head(owner, head, detail);
    this.reached += this.#lengthOf(head);
  }

  /** The last event of a document is the one it names, and made it what it is. */
  #head(owner: Owner, { last, revision, hash, json }: Kept, detail: string): undefined {
    const findings = this.#findings;
    const cursor = sequenceText(last);
    const text = last === 0 ? undefined : findings.textAt(last);
    if (text === undefined) return findings.report(isCursor(cursor) && last > 0 ? cursor : findings.afterAll, owner, MISSING);
    const { hash: kept, json: said } = splitEvent(text);
    if (kept === hash && findings.declared.has(owner.entity) && isSaid(said, owner, revision, json)) return;
    const event = readable(cursor, text);
    if (event === undefined) return; // Told by the walk over the events.
    if (event.entity !== owner.entity || event.key !== owner.key) {
      return findings.report(cursor, owner, 'Another event stands in its place.');
    }
    if (revision !== event.revision || hash !== event.hash) {
      return findings.report(cursor, owner, 'The event is not the last one that the document names.');
    }
    if (event.after === undefined ? json !== '' : !isCanonical(json, event.after)) findings.report(cursor, owner, detail);
  }

  /** How many events the chain has up to the bound. Each link was checked to count one revision down. */
  #lengthOf({ last, revision }: Kept): number {
    let at = last;
    let length = revision;
    for (; at > this.#findings.bound; length -= 1) {
      const text = this.#findings.textAt(at);
      const previous = text === undefined ? 0 : splitEvent(text).previous;
      if (previous >= at) return 0;
      at = previous;
    }
    return at === 0 ? 0 : length;
  }

  /** What is derived from the document stands where it should. */
  #entries({ entity: name, key }: Owner, { json, last }: Kept): undefined {
    const { declared, tables, afterAll } = this.#findings;
    const entity = declared.get(name);
    if (entity === undefined) return;
    const where = last === 0 ? afterAll : sequenceText(last);
    const entries = readDerived(entity, key, json);
    if (entries === undefined) return this.#findings.report(where, { entity: name, key }, 'The document cannot be read.');
    this.entries += entries.indexes.length;
    if (entries.expiration !== undefined) this.expiring += 1;
    for (const entry of entries.indexes) {
      if (tables.indexes.get(entry) !== undefined) continue;
      this.#findings.report(where, { entity: name, key }, `The document is missing in its index ${entry.split('\0', 2)[1]}.`);
    }
    if (entries.expiration === undefined || tables.expirations.get(entries.expiration) !== undefined) return;
    this.#findings.report(where, { entity: name, key }, 'The document is missing in the list of those that expire.');
  }

  /** An entry of an index leads to a document that has its value. */
  indexEntry(place: Buffer): undefined {
    const text = place.toString();
    const [name = '', index = '', value, ...rest] = text.split('\0');
    const entity = this.#findings.declared.get(name);
    if (value === undefined || rest.length !== 1) {
      return this.#findings.report(this.#findings.afterAll, undefined, 'An index has an entry of no form.');
    }
    if (entity === undefined || !Object.hasOwn(entity.indexes, index)) return;
    this.#derived(
      { entity: name, key: rest[0] as string },
      `The index ${index} has the document under a value that it does not have.`,
      (found) => found.indexes.includes(text),
    );
  }

  /** An entry of what expires leads to a document that expires then. */
  expiration(place: Buffer): undefined {
    const text = place.toString();
    const [name = '', , key] = text.split('\0');
    if (this.#findings.declared.get(name)?.expiresAt === undefined || key === undefined) return;
    this.#derived(
      { entity: name, key },
      'The document is listed as expiring at another moment than it does.',
      (found) => found.expiration === text,
    );
  }

  #derived(owner: Owner, detail: string, isRight: (derived: Derived) => boolean): undefined {
    const { declared, tables, afterAll } = this.#findings;
    const text = tables.documents.get(documentKey(owner.entity, owner.key));
    const kept = text === undefined ? undefined : readKept(text);
    const entity = declared.get(owner.entity);
    const derived = kept === undefined || entity === undefined ? undefined : readDerived(entity, owner.key, kept.json);
    if (derived !== undefined && isRight(derived)) return;
    // Of one that is gone its last event is where it went.
    const { last = 0 } = kept ?? this.#findings.headOf(owner) ?? {};
    this.#findings.report(last === 0 ? afterAll : sequenceText(last), owner, detail);
  }

  /** An entry of whom events concern leads to an event that concerns the party. */
  concernsEntry(entry: string): undefined {
    const findings = this.#findings;
    const [party = '', cursor = '', ...rest] = entry.split('\0');
    if (!isCursor(cursor) || rest.length > 0) {
      return findings.report(findings.afterAll, undefined, 'The list of whom events concern has an entry of no form.');
    }
    const text = findings.textAt(Number(cursor));
    if (text === undefined) return findings.report(cursor, undefined, 'The event is missing, and somebody is listed whom it concerns.');
    const event = readable(cursor, text);
    if (event === undefined) return; // Told by the walk over the events.
    const parties = findings.partiesOf(event);
    if (parties === undefined || parties === 'unknown' || parties.has(party)) return;
    findings.report(cursor, event, 'The event is in the list of somebody whom it does not concern.');
  }
}

/**
 * Whether an event that is canonical made this of the document, by its text alone: reading each event once more is a third of the work. Before its state
 * there are only texts. That the document itself is JSON is found where its entries are.
 */
function isSaid(event: string, { entity, key }: Owner, revision: number, json: string): boolean {
  const start = event.indexOf(AFTER) + AFTER.length;
  const end = start + json.length;
  const isState = json !== '' && event.startsWith(json, start) && event.startsWith(',"at":"', end);
  return isState && event.includes(`,"entity":"${entity}","fromRevision":${revision - 1},"key":${JSON.stringify(key)}`, end);
}

function readDerived(entity: Entity<unknown>, key: string, json: string): Derived | undefined {
  try {
    return derivedOf(entity, key, JSON.parse(json));
  } catch {
    return undefined;
  }
}

function ownerOf(place: Buffer): Owner {
  const text = place.toString();
  const end = text.indexOf('\0');
  return { entity: text.slice(0, end), key: text.slice(end + 1) };
}

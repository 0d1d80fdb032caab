import type { AppId, BrukerId } from '#domain';

const FIRST_SLOTS = 1024;

/**
 * On which line of a file each person stands, application by application: 12 bytes a slot outside the heap, of which up to half are in use, where
 * texts as keys take some 150.
 * A person is known by 64 bits of the name, which is an HMAC: of half a million lines two are taken for one by a chance of one in a hundred million.
 */
export class SeenPersons {
  readonly #applications = new Map<AppId, LineTable>();

  /** Remembers the line, unless the person stands on an earlier one. */
  add(appId: AppId, brukerId: BrukerId, line: number): void {
    let lines = this.#applications.get(appId);
    if (lines === undefined) {
      lines = new LineTable();
      this.#applications.set(appId, lines);
    }
    lines.add(...bitsOf(brukerId), line);
  }

  /** The first line on which the person stands in the application. */
  lineOf(appId: AppId, brukerId: BrukerId): number | undefined {
    return this.#applications.get(appId)?.lineOf(...bitsOf(brukerId));
  }
}

function bitsOf(brukerId: BrukerId): [number, number] {
  const bytes = Buffer.from(brukerId.slice(0, 12), 'base64url');
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
}

/** An open hash table of numbers (linear probing, at most half full); line 0 is an empty slot. */
class LineTable {
  #count = 0;
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  #lines = new Uint32Array(FIRST_SLOTS);

  add(high: number, low: number, line: number): void {
    if (this.#count * 2 >= this.#lines.length) this.#grow();
    const slot = this.#slotOf(high, low);
    if (this.#lines[slot] !== 0) return;
    this.#count += 1;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#lines[slot] = line;
  }

  lineOf(high: number, low: number): number | undefined {
    const line = this.#lines[this.#slotOf(high, low)];
    return line === 0 ? undefined : line;
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#lines.length - 1;
    let slot = high & mask;
    while (this.#lines[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [highs, lows, lines] = [this.#high, this.#low, this.#lines];
    this.#high = new Uint32Array(lines.length * 2);
    this.#low = new Uint32Array(lines.length * 2);
    this.#lines = new Uint32Array(lines.length * 2);
    this.#count = 0;
    for (let at = 0; at < lines.length; at += 1) {
      const line = lines[at] as number;
      if (line !== 0) this.add(highs[at] as number, lows[at] as number, line);
    }
  }
}

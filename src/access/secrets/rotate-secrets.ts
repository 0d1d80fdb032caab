import { setTimeout as delay } from 'node:timers/promises';
import { present } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, PutOrder } from '#storage';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { underClaim } from '../claims.js';
import { type AccessParts, pagesOf } from '../parts.js';
import { fingerprintOf, keysInForce, type PersonSecrets, personSecrets, recordedSecrets } from '../person-secrets.js';
import { type RunningProcess, runningProcesses } from '../processes.js';
import { repeated } from '../repeated.js';
import type { SealedPlace } from './sealed-places.js';

/** What has been done, while a rotation is carried on. */
export type RotationStep =
  /** A new key stands in the file. */
  | { readonly step: 'made'; readonly id: string; readonly file: string }
  /** Every process is asked to know it. */
  | { readonly step: 'announced'; readonly id: string }
  /** So many processes do not know it yet, or seal under another one still. */
  | { readonly step: 'waiting'; readonly processes: number }
  /** It seals. */
  | { readonly step: 'switched'; readonly id: string }
  /** So many documents have been looked at, and so many of them sealed anew. */
  | { readonly step: 'sealed'; readonly documents: number; readonly anew: number };

/** How a rotation is carried on. */
export interface RotationTerms {
  // biome-ignore lint/suspicious/noExplicitAny: as sealedPlaces.
  readonly places: readonly SealedPlace<any>[];
  /** Where the operator's file is to be written with a new key; it must not be there. */
  readonly out?: string;
  readonly onStep: (step: RotationStep) => void;
  /** How long the other processes are waited for. */
  readonly patienceMs?: number;
  /** How long after all of them seal under the new key what they had sealed before may still be on its way. */
  readonly graceMs?: number;
}

/** How far a rotation has come. */
export type RotationOutcome =
  /** Nothing is sealed under another key any more. `leftInFile`: keys that the operator may take out of the file. */
  | {
      readonly state: 'done';
      readonly seals: string;
      readonly anew: number;
      readonly unreadable: number;
      readonly leftInFile: readonly string[];
    }
  /** A rotation had ended; keys that were left in the file are taken out. */
  | { readonly state: 'tidied'; readonly dropped: readonly string[] }
  /** The operator's file holds no new key; `out` holds one if it was asked for. Nothing else was done. */
  | { readonly state: 'key-needed'; readonly file: string; readonly out?: string }
  /** These do not know the new key yet, or seal under another one still. */
  | { readonly state: 'waiting'; readonly for: 'key' | 'switch'; readonly processes: readonly RunningProcess[]; readonly file: string }
  /** Another process rotates. */
  | { readonly state: 'taken' };

/** A process that was killed counts for three minutes. */
const PATIENCE_MS = 200_000;
/** Far more than lies between sealing a value and writing it. */
const GRACE_MS = 15_000;
const ASKED_EVERY_MS = 200;
/** Sealed anew in one go. */
const TOGETHER = 200;

/**
 * Puts another sealing key in the place of the one that seals, as far as it can be done now; called again it goes on. First every process gets to know the new
 * key, then it seals, then all that is sealed is sealed anew under it, and only when nothing is under the old one that is given up.
 * @throws ProblemError as authorize says; `store-unavailable`
 */
export async function rotateSecrets(parts: AccessParts, request: AdminRequest, terms: RotationTerms): Promise<RotationOutcome> {
  const { facts } = await authorize(parts, request, { action: 'secrets.rotate', orgnr: 'all' });
  const outcome = await underClaim(parts.store, parts.clock, 'secrets', (held) =>
    new Rotation(parts, terms, facts('secrets.rotate'), held).carryOn(),
  );
  return outcome === 'taken' ? { state: 'taken' } : outcome;
}

class Rotation {
  readonly #parts: AccessParts;
  readonly #terms: RotationTerms;
  readonly #facts: ChangeFacts;
  readonly #held: AbortSignal;
  #anew = 0;
  #unreadable = 0;

  /** @param held aborts once another process may rotate */
  constructor(parts: AccessParts, terms: RotationTerms, facts: ChangeFacts, held: AbortSignal) {
    this.#parts = parts;
    this.#terms = terms;
    this.#facts = facts;
    this.#held = held;
  }

  async carryOn(): Promise<RotationOutcome> {
    const { former, next } = await this.#record();
    if (former === undefined) {
      const found = next ?? (await this.#nextKey());
      if (typeof found !== 'string') return found;
      const hindrance = await this.#switchTo(found);
      if (hindrance !== undefined) return hindrance;
    }
    return this.#sealAnew();
  }

  /** The key of the file that has not sealed yet: made, if the file may be changed. */
  async #nextKey(): Promise<string | RotationOutcome> {
    const { keys } = this.#parts.vault;
    const { retired = [], ...record } = await this.#record();
    const { path, isOwn } = keys.file;
    const inFile = keys.inFile();
    const left = inFile.filter((id) => retired.includes(id));
    // Left by one that was killed at its very end.
    if (isOwn && left.length > 0) {
      await keys.drop(left);
      return { state: 'tidied', dropped: left };
    }
    const fresh = inFile.find((id) => id !== keysInForce(record).seals && !retired.includes(id));
    if (fresh !== undefined) return fresh;
    if (!isOwn) {
      const { out } = this.#terms;
      if (out !== undefined) await keys.addInto(out);
      return { state: 'key-needed', file: path, ...present({ out }) };
    }
    const id = await keys.add();
    this.#terms.onStep({ step: 'made', id, file: path });
    return id;
  }

  /** @returns why it cannot seal yet */
  async #switchTo(id: string): Promise<RotationOutcome | undefined> {
    const { onStep } = this.#terms;
    await this.#change((record) => ({ ...record, next: id }));
    onStep({ step: 'announced', id });
    const lacking = await this.#waitFor(({ keys }) => keys.includes(id));
    if (lacking.length > 0) return this.#waiting('key', lacking);
    const { keys, namingId } = this.#parts.vault;
    this.#assertInFile(id);
    keys.reload();
    const isSwitched = await this.#change(({ next, ...record }) =>
      next === id
        ? {
            ...record,
            fingerprint: fingerprintOf(namingId, id),
            former: [...(record.former ?? []), keysInForce(record).seals],
          }
        : undefined,
    );
    if (!isSwitched) return { state: 'taken' };
    onStep({ step: 'switched', id });
    return undefined;
  }

  async #sealAnew(): Promise<RotationOutcome> {
    const { keys } = this.#parts.vault;
    const { seals } = keysInForce(await this.#record());
    keys.reload();
    keys.use(seals);
    await this.#pass();
    const others = await runningProcesses(this.#parts.store);
    const lacking = await this.#waitFor((process) => process.seals === seals);
    if (lacking.length > 0) return this.#waiting('switch', lacking);
    // What they had sealed before may be on its way.
    if (others.length > 0) await delay(this.#terms.graceMs ?? GRACE_MS, undefined, { signal: this.#held });
    while (!(await this.#pass()));
    this.#assertInFile(seals);
    const { former = [] } = await this.#record();
    const isGivenUp = await this.#change(({ former: _, ...record }) =>
      keysInForce(record).seals === seals ? { ...record, retired: [...(record.retired ?? []), ...former] } : undefined,
    );
    if (!isGivenUp) return { state: 'taken' };
    if (keys.file.isOwn) await keys.drop(former);
    const { retired = [] } = await this.#record();
    const leftInFile = keys.inFile().filter((id) => retired.includes(id));
    return { state: 'done', seals, anew: this.#anew, unreadable: this.#unreadable, leftInFile };
  }

  /** Seals everything anew that is under another key. @returns whether nothing was */
  async #pass(): Promise<boolean> {
    const { store } = this.#parts;
    let isWhole = true;
    let documents = 0;
    this.#unreadable = 0;
    for (const { entity, mapped } of this.#terms.places) {
      const collection = store.collection(entity);
      for await (const page of pagesOf(collection, {}, TOGETHER)) {
        this.#held.throwIfAborted();
        const orders: PutOrder<unknown>[] = [];
        for (const { value, revision } of page) {
          const after = this.#renewed(value, mapped);
          if (after !== undefined) orders.push({ value: after, expect: revision });
        }
        if (orders.length > 0) {
          isWhole = false;
          const outcomes = await collection.putMany(orders, this.#facts);
          // Somebody else has changed the others, and perhaps under the old key: the next pass looks.
          this.#anew += outcomes.filter((outcome) => !(outcome instanceof ProblemError)).length;
        }
        documents += page.length;
        this.#terms.onStep({ step: 'sealed', documents, anew: this.#anew });
      }
    }
    return isWhole;
  }

  #renewed(value: unknown, mapped: SealedPlace<unknown>['mapped']): unknown {
    const { keys } = this.#parts.vault;
    let isAnother = false;
    const after = mapped(value, (sealed, boundTo) => {
      const renewed = keys.renewed(sealed, boundTo);
      if (renewed === undefined) this.#unreadable += 1;
      else if (renewed !== sealed) isAnother = true;
      return renewed ?? sealed;
    });
    return isAnother ? after : undefined;
  }

  /** @returns the processes that are not so, though they were waited for */
  async #waitFor(isSo: (process: RunningProcess) => boolean): Promise<readonly RunningProcess[]> {
    const { patienceMs = PATIENCE_MS, onStep } = this.#terms;
    const begun = performance.now();
    let told = 0;
    for (;;) {
      const lacking = (await runningProcesses(this.#parts.store)).filter((process) => !isSo(process));
      if (lacking.length === 0 || performance.now() - begun >= patienceMs) return lacking;
      if (lacking.length !== told) onStep({ step: 'waiting', processes: lacking.length });
      told = lacking.length;
      await delay(ASKED_EVERY_MS, undefined, { signal: this.#held });
    }
  }

  #waiting(what: 'key' | 'switch', lacking: readonly RunningProcess[]): RotationOutcome {
    return { state: 'waiting', for: what, processes: lacking, file: this.#parts.vault.keys.file.path };
  }

  async #record(): Promise<PersonSecrets> {
    return (await recordedSecrets(this.#parts.store))?.value as PersonSecrets;
  }

  /** What seals must be where the next start finds it. */
  #assertInFile(id: string): void {
    const { keys } = this.#parts.vault;
    if (keys.inFile().includes(id)) return;
    throw new ProblemError('store-unavailable', { detail: `The new sealing key ${id} is not in ${keys.file.path} any more: put it back.` });
  }

  /** @param change answers undefined where another process has gone on meanwhile: a claim runs out while its process stands still @returns whether it was changed */
  #change(change: (record: PersonSecrets) => PersonSecrets | undefined): Promise<boolean> {
    return repeated(async () => {
      this.#held.throwIfAborted();
      const stored = await recordedSecrets(this.#parts.store);
      if (stored === undefined) throw new TypeError('the store was opened without secrets');
      const value = change(stored.value);
      if (value === undefined) return false;
      await this.#parts.store.collection(personSecrets).put(value, { expect: stored.revision, facts: this.#facts });
      return true;
    });
  }
}

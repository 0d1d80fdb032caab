import { setTimeout as passed } from 'node:timers/promises';
import { present } from '#domain';
import type { Holder } from '../fixtures/gateway.js';
import { reasonOf } from './kept.js';
import type { Outcome, Reading, SentChange } from './model.js';
import type { AskedNode, NodeAnswer } from './node.js';
import {
  activationPlace,
  BERGEN,
  BERGEN_LEADER,
  CLIENT,
  grantPlace,
  OSLO,
  OSLO_LEADER,
  type SmallPerson,
  type SmallWorld,
} from './small-world.js';

/** How much is asked of the nodes. */
export interface LoadSizes {
  readonly writers: number;
  readonly readers: number;
  /** How long a client rests between two requests, at most. */
  readonly restMs: number;
}

/** What a load is made of. */
export interface LoadParts {
  readonly world: SmallWorld;
  readonly nodes: readonly AskedNode[];
  /** In [0, 1). */
  readonly random: () => number;
  /** Which node is asked next; undefined: none can be. */
  readonly next: () => AskedNode | undefined;
}

/** A request that makes a change. */
interface Order {
  readonly place: string;
  readonly gives: boolean;
  readonly mayBeSo: boolean;
  readonly madeFrom?: number;
  readonly holder: Holder;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  body(id: string): object;
}

const RETRIES = 3;
const BASE = '/konsument-bruker/api/v1/organisasjoner';
/** A long way off, so that it never ends while a test runs. */
const FAR_MS = Date.UTC(2090, 0);

/** Clients that give, change and withdraw, switch on and off, and ask; and remember what they were told. */
export class Load {
  readonly sent: SentChange[] = [];
  readonly readings: Reading[] = [];
  /** Answers that no client should get, and connections that failed. */
  readonly failed: string[] = [];
  readonly #parts: LoadParts;
  readonly #sizes: LoadSizes;
  #clients: Promise<unknown> | undefined;
  #isOver = false;
  #count = 0;

  constructor(parts: LoadParts, sizes: LoadSizes) {
    this.#parts = parts;
    this.#sizes = sizes;
  }

  start(): void {
    const { writers, readers } = this.#sizes;
    const writing = Array.from({ length: writers }, () => this.#repeat(() => this.#write()));
    const reading = Array.from({ length: readers }, () => this.#repeat(() => this.#read()));
    this.#clients = Promise.all([...writing, ...reading]);
    // Told by stop().
    this.#clients.catch(() => {});
  }

  /** Resolves when the last of what was sent has its outcome. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#clients;
  }

  /** Asks each node once about each person. */
  async readAll(): Promise<void> {
    for (const node of this.#parts.nodes) {
      // Each question may take a minute: one that does not answer is asked once, and that stands among the answers that failed.
      for (const person of this.#parts.world.persons) if (!(await this.#ask(node, person))) break;
    }
  }

  async #repeat(step: () => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      await step();
      await passed(this.#parts.random() * this.#sizes.restMs);
    }
  }

  async #read(): Promise<void> {
    const { next } = this.#parts;
    const node = next();
    if (node !== undefined) await this.#ask(node, this.#anybody());
  }

  /** @returns whether it was answered at all */
  async #ask(node: AskedNode, person: SmallPerson): Promise<boolean> {
    const { appId } = this.#parts.world;
    const sentMs = performance.now();
    const body = { brukerIdent: person.brukerIdent };
    const answer = await this.#answerOf(node, () => node.ask(CLIENT, 'POST', `/tilgang/api/v1/app/${appId}/tilganger`, body));
    if (answer?.status !== 200) return answer !== undefined;
    const answeredMs = performance.now();
    const given = new Set((JSON.parse(answer.text) as { tilganger: { orgnr: string }[] }).tilganger.map(({ orgnr }) => orgnr));
    const read = (place: string, gives: boolean): void => {
      this.readings.push({ place, node: node.name, gives, sentMs, answeredMs });
    };
    read(grantPlace(OSLO, person), given.has(OSLO));
    // Everybody has a grant there, so that it is the activation that shows.
    read(activationPlace(BERGEN), given.has(BERGEN));
    return true;
  }

  async #write(): Promise<void> {
    const { random, next } = this.#parts;
    const node = next();
    if (node === undefined) return;
    const order = await (random() < 0.15 ? this.#switch(node) : this.#rewrite(node, this.#anybody()));
    if (order === undefined) return;
    // Now and then two at once, of which each must be made from what was just read.
    const isRace = random() < 0.25;
    await Promise.all([this.#carryOut(order), ...(isRace ? [this.#carryOut(order)] : [])]);
  }

  /** What next to do about a person's grant, by how it stands. */
  async #rewrite(node: AskedNode, person: SmallPerson): Promise<Order | undefined> {
    const { world, random } = this.#parts;
    const own = `${BASE}/${OSLO}/applikasjoner/${world.appId}/brukere`;
    const path = `${own}/${person.brukerId}`;
    const found = await this.#answerOf(node, () => node.ask(OSLO_LEADER, 'GET', path));
    if (found === undefined || (found.status !== 200 && found.status !== 404)) return undefined;
    const order = { place: grantPlace(OSLO, person), holder: OSLO_LEADER, gives: true, mayBeSo: false };
    this.#count += 1;
    // No two are given on the same terms: who comes second is told so.
    const til = new Date(FAR_MS + this.#count * 1000).toISOString();
    if (found.status === 404) {
      const headers = { 'Idempotency-Key': `endring-${this.#count}-${Math.floor(random() * 1e9)}` };
      const body = (id: string) => ({ brukerIdent: person.brukerIdent, til: laterBy(til, id), begrunnelse: reasonOf(id) });
      return { ...order, method: 'POST', path: own, headers, body };
    }
    const headers = { 'If-Match': found.etag ?? '' };
    const madeFrom = Number(found.etag?.replaceAll('"', ''));
    if (random() < 0.4) {
      return { ...order, madeFrom, method: 'PATCH', path, headers, body: (id) => ({ til: laterBy(til, id), begrunnelse: reasonOf(id) }) };
    }
    const body = (id: string) => ({ begrunnelse: reasonOf(id) });
    return { ...order, gives: false, mayBeSo: true, madeFrom, method: 'DELETE', path, headers, body };
  }

  async #switch(node: AskedNode): Promise<Order | undefined> {
    const path = `${BASE}/${BERGEN}/applikasjoner/${this.#parts.world.appId}/aktivering`;
    const found = await this.#answerOf(node, () => node.ask(BERGEN_LEADER, 'GET', path));
    if (found?.status !== 200) return undefined;
    const gives = !(JSON.parse(found.text) as { aktiv: boolean }).aktiv;
    return {
      place: activationPlace(BERGEN),
      holder: BERGEN_LEADER,
      gives,
      mayBeSo: true,
      madeFrom: Number(found.etag?.replaceAll('"', '')),
      method: 'PUT',
      path,
      headers: { 'If-Match': found.etag ?? '' },
      body: (id) => ({ aktiv: gives, begrunnelse: reasonOf(id) }),
    };
  }

  /** Sends a change, again if nobody knows what became of it, and remembers the outcome. */
  async #carryOut({ place, gives, mayBeSo, madeFrom, holder, method, path, headers, body }: Order): Promise<void> {
    const id = `${this.sent.length}`;
    const sentMs = performance.now();
    // In its place before anything is sent: the number is its own.
    const open: SentChange = { id, place, gives, mayBeSo, sentMs, outcome: 'unknown', ...present({ madeFrom }) };
    const at = this.sent.push(open) - 1;
    const own = headers['Idempotency-Key'] === undefined ? headers : { 'Idempotency-Key': `${headers['Idempotency-Key']}-${id}` };
    let outcome: Outcome | undefined;
    for (let tries = 0; tries <= RETRIES; tries += 1) {
      const node = this.#parts.next();
      if (node === undefined) break;
      const answer = await this.#answerOf(node, () => node.ask(holder, method, path, body(id), own));
      if (answer !== undefined && answer.status < 300) {
        const revision = answer.etag === undefined ? undefined : Number(answer.etag.replaceAll('"', ''));
        this.sent[at] = {
          ...open,
          outcome: 'acknowledged',
          answeredMs: performance.now(),
          ...present({ revision: mayBeSo ? undefined : revision }),
        };
        return;
      }
      const isKnown = answer !== undefined && answer.status < 500;
      // After a try of which nobody knows, a refusal may speak of what that try has done.
      if (isKnown && outcome === undefined) {
        this.sent[at] = { ...open, outcome: 'refused' };
        return;
      }
      outcome = 'unknown';
      if (isKnown) return;
    }
  }

  async #answerOf(node: AskedNode, asked: () => Promise<NodeAnswer>): Promise<NodeAnswer | undefined> {
    try {
      const answer = await asked();
      if (![200, 201, 204, 404, 409, 412].includes(answer.status)) this.failed.push(`${node.name}: ${answer.status} ${answer.text}`);
      return answer;
    } catch (error) {
      this.failed.push(`${node.name}: ${(error as Error).message}`);
      return undefined;
    }
  }

  #anybody(): SmallPerson {
    const { world, random } = this.#parts;
    return world.persons[Math.floor(random() * world.persons.length)] as SmallPerson;
  }
}

/** A moment that differs by the change. */
function laterBy(moment: string, id: string): string {
  return new Date(Date.parse(moment) + (Number(id) % 1000)).toISOString();
}

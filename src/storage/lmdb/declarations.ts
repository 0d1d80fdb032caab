import type { Entity } from '../port.js';
import { entriesBetween, pastPrefix, type Tables } from './tables.js';

/** What the store keeps of an entity, for whichever versions of the program have declared it. */
export interface Declaration {
  /** By name, whether it is unique. */
  readonly indexes: Readonly<Record<string, boolean>>;
  /** Whether the lists of whom events concern are kept. */
  readonly concerns: boolean;
  /** Whether the list of what expires is kept. */
  readonly expires: boolean;
  /** Whether its changes raise the registry epoch. */
  readonly isRegistry: boolean;
}

/** What is kept for other versions, and a process of this one cannot write. */
export interface Foreign {
  /** Index entries or expirations. */
  readonly entries: boolean;
  /** Whom events concern. */
  readonly concerns: boolean;
  /** Whether it is a registry to somebody, this version included. */
  readonly isRegistry: boolean;
}

const NOTHING: Declaration = { indexes: {}, concerns: false, expires: false, isRegistry: false };
/** Raised whenever a declaration is added to, so that processes that run notice it. */
const GENERATION_KEY = Buffer.from('declarations');

/** What is kept of the entity. */
export function keptDeclaration({ meta }: Tables, name: string): Declaration {
  const text = meta.get(declarationKey(name));
  return text === undefined ? NOTHING : (JSON.parse(text) as Declaration);
}

/** Within a transaction: adds to what is kept of the entity, and lets every process know. Nothing is ever taken away. */
export function keepDeclaration({ meta }: Tables, name: string, declaration: Declaration): void {
  meta.putSync(declarationKey(name), JSON.stringify(declaration));
  meta.putSync(GENERATION_KEY, String(Number(meta.get(GENERATION_KEY) ?? '0') + 1));
}

/** What is kept of each entity, by its name. */
export function* declarationsIn({ meta }: Tables): Generator<readonly [string, Declaration]> {
  const prefix = declarationKey('').toString();
  for (const { key, value } of entriesBetween(meta, Buffer.from(prefix), pastPrefix(prefix), Number.MAX_SAFE_INTEGER)) {
    yield [key.toString().slice(prefix.length), JSON.parse(value) as Declaration];
  }
}

function declarationKey(name: string): Buffer {
  return Buffer.from(`entity ${name}`);
}

/** What other versions keep beside what this one does. */
export class ForeignDeclarations {
  readonly #tables: Tables;
  readonly #of = new Map<string, Foreign>();
  #generation: string | undefined;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** At the beginning of a transaction, so that no other version can come in between. */
  renew(): void {
    const generation = this.#tables.meta.get(GENERATION_KEY);
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#of.clear();
  }

  /** Within a transaction. */
  of(entity: Entity<unknown>): Foreign {
    let foreign = this.#of.get(entity.name);
    if (foreign === undefined) {
      const { indexes, concerns, expires, isRegistry } = keptDeclaration(this.#tables, entity.name);
      const isKnown = Object.keys(indexes).every((index) => Object.hasOwn(entity.indexes, index));
      foreign = {
        entries: !isKnown || (expires && entity.expiresAt === undefined),
        concerns: concerns && entity.concerns === undefined,
        isRegistry,
      };
      this.#of.set(entity.name, foreign);
    }
    return foreign;
  }
}

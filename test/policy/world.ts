import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { BUNDLE_SOURCES } from '#policy';
import { runOpa } from '../fixtures/opa.js';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const SEARCH = 'tilgang/access/search';
export const MAY_ASK = 'tilgang/access/may_ask';
export const EVALUATE = 'tilgang/access/evaluate';
export const ORGNR = '910000000';

export const readBundle = (): Promise<Buffer> => readFile(`${root}bundles/tilgang.tar.gz`);

/** What native OPA answers to an expression of the policies over a list of inputs. */
export function native(expression: string, inputs: readonly unknown[]): unknown[] {
  const sources = Object.values(BUNDLE_SOURCES).flatMap((folders) => folders.flatMap((folder) => ['-d', `policies/${folder}`]));
  const out = runOpa(['eval', '--stdin-input', '-f', 'json', ...sources, expression], JSON.stringify(inputs));
  return JSON.parse(out).result[0].expressions[0].value;
}

export type Json = Record<string, unknown>;

export const grant = (change: Json = {}): Json => ({
  konsument: ORGNR,
  roles: ['use'],
  activated: true,
  mayBeKonsument: true,
  ...change,
});

/** An input of tilgang/access/search and evaluate. */
export const question = (change: Json = {}): Json => ({
  subject: { type: 'person', id: 'me' },
  application: { id: '00000000-0000-4000-8000-000000000000', state: 'active', roles: ['use', 'admin'] },
  action: { name: 'use' },
  resource: { type: 'organisation', id: ORGNR },
  grants: [grant()],
  context: { time: '2026-11-21T12:00:00.000Z' },
  ...change,
});

/** An input of tilgang/access/may_ask. */
export const asker = (change: Json = {}): Json => ({
  caller: { kind: 'machine', consumer: '987654321', scopes: ['ks:fiks'], clientId: 'client' },
  application: { tilbyder: '987654321' },
  ...change,
});

export interface Dice {
  below(n: number): number;
  pick<T>(...values: readonly T[]): T;
}

/** Repeatable chance (mulberry32). */
export function dice(seed: number): Dice {
  let state = seed;
  const below = (n: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
  return { below, pick: <T>(...values: readonly T[]): T => values[below(values.length)] as T };
}

/** A repeatable sequence of questions, valid by the schema. */
export function* questions(seed: number, count: number): Generator<Json> {
  const { below, pick } = dice(seed);
  const maybe = (json: Json): Json => (below(3) === 0 ? json : {});
  const instant = (): string => `2026-11-21T${pick('11', '12', '13')}:00:00.000Z`;
  for (let i = 0; i < count; i += 1) {
    const grants = Array.from({ length: below(5) }, (_, n) => ({
      ...grant({ konsument: `91000000${n}`, roles: pick(['use'], ['use'], ['use'], ['admin', 'use'], ['admin'], []) }),
      ...maybe({ from: instant() }),
      ...maybe({ until: instant() }),
      ...(below(8) === 0 ? { withdrawn: { at: instant(), by: 'operator' } } : {}),
      activated: below(8) > 0,
      mayBeKonsument: below(8) > 0,
    }));
    const context = { time: '2026-11-21T12:00:00.000Z', ...maybe({ securityLevel: pick('low', 'substantial', 'high') }) };
    yield {
      ...question({ context, grants, resource: { type: 'organisation', id: `91000000${below(5)}` } }),
      action: { name: pick('use', 'use', 'use', 'admin', 'other') },
      application: {
        id: '00000000-0000-4000-8000-000000000000',
        state: pick('active', 'active', 'active', 'active', 'active', 'active', 'draft', 'retired'),
        roles: pick(['use', 'admin'], ['use', 'admin'], ['use'], []),
      },
    };
  }
}

/** A repeatable sequence of inputs of tilgang/access/may_ask, valid by the schema. */
export function* askers(seed: number, count: number): Generator<Json> {
  const { below, pick } = dice(seed);
  const maybe = (json: Json): Json => (below(2) === 0 ? json : {});
  for (let i = 0; i < count; i += 1) {
    const { caller, application } = asker() as Record<'caller' | 'application', Json>;
    const clients = { ...pick({ ids: ['client'] }, { ids: ['other'] }, {}), ...pick({ suppliers: ['910000007'] }, {}) };
    yield {
      caller:
        below(4) > 0
          ? { ...caller, ...maybe({ supplier: pick('910000007', '910000008') }) }
          : {
              kind: pick('machine', 'person'),
              scopes: pick(['ks:fiks'], ['ks:fiks2'], []),
              ...maybe({ consumer: pick('987654321', ORGNR) }),
            },
      ...(below(12) > 0 ? { application: { ...application, ...maybe({ clients }) } } : {}),
    };
  }
}

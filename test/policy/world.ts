import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const SEARCH = 'tilgang/access/search';
export const EVALUATE = 'tilgang/access/evaluate';
export const ORGNR = '910000000';

export const readBundle = (): Promise<Buffer> => readFile(`${root}bundles/tilgang.tar.gz`);

type Json = Record<string, unknown>;

export const grant = (change: Json = {}): Json => ({
  konsument: ORGNR,
  roles: ['use'],
  activated: true,
  mayBeKonsument: true,
  ...change,
});

export const question = (change: Json = {}): Json => ({
  caller: { kind: 'machine', consumer: '987654321', scopes: ['ks:fiks'], clientId: 'client' },
  application: { id: '7c0d6c1e-0000-4000-8000-000000000001', tilbyder: '987654321', state: 'active', roles: ['use', 'admin'] },
  subject: { type: 'person', id: 'bruker' },
  action: { name: 'use' },
  resource: { type: 'organisation', id: ORGNR },
  grants: [grant()],
  context: { time: '2026-11-21T12:00:00.000Z' },
  ...change,
});

/** A repeatable sequence of questions (mulberry32), valid by the schema. */
export function* questions(seed: number, count: number): Generator<Json> {
  let state = seed;
  const below = (n: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
  const pick = <T>(...values: T[]): T => values[below(values.length)] as T;
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
    const { application, caller, ...rest } = question({ grants, resource: { type: 'organisation', id: `91000000${below(5)}` } });
    yield {
      ...rest,
      action: { name: pick('use', 'use', 'use', 'admin', 'other') },
      caller:
        below(8) > 0
          ? caller
          : { kind: pick('machine', 'person'), scopes: pick(['ks:fiks'], ['ks:fiks2'], []), consumer: pick('987654321', ORGNR) },
      ...(below(12) > 0
        ? {
            application: {
              ...(application as Json),
              state: pick('active', 'active', 'active', 'active', 'active', 'active', 'draft', 'retired'),
            },
          }
        : {}),
    };
  }
}

import t from 'tap';
import { runGateway } from '../fixtures/gateway.js';

const LIMIT = 20;
const gateway = await runGateway(t, { refusalsPerMinute: LIMIT, lookUpsPerMinute: LIMIT });
const { world } = gateway;
const OSLO = world.administrators.find(({ id }) => id === 'oslo-leder')?.orgnr;
const BASE = `/konsument-bruker/api/v1/organisasjoner/${OSLO}`;

/** How often each status came. */
const counted = (answers: readonly { readonly status: number }[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
const atOnce = <T>(count: number, send: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => send(i)));

t.test(
  'of refused requests at once exactly as many are judged as the limit says, and others are not affected (fault 5, threats 41 and 51)',
  async (t) => {
    const stray = { person: 'person-001' };
    const leader = { person: 'oslo-leder' };
    const [refused, allowed] = await Promise.all([
      atOnce(5 * LIMIT, () => gateway.send(stray, 'GET', `${BASE}/applikasjoner`)),
      atOnce(3 * LIMIT, () => gateway.send(leader, 'GET', `${BASE}/applikasjoner`)),
    ]);
    t.same(counted(refused), { 404: LIMIT, 429: 4 * LIMIT });
    t.same(counted(allowed), { 200: 3 * LIMIT }, 'who is allowed is never turned away, however much at once');
    const judged = gateway.lines.filter((line) => line.includes('organisation-not-found'));
    t.equal(judged.length, LIMIT);
  },
);

t.test('of questions at once for a foreign application exactly as many are judged as the limit says (fault 5)', async (t) => {
  const foreign =
    world.applications.find(({ tilbyder }) => tilbyder !== world.applications.find(({ id }) => id === world.first.appId)?.tilbyder)?.id ??
    '';
  const answers = await atOnce(5 * LIMIT, () => gateway.ask(foreign, { brukerIdent: world.first.brukerIdent }));
  t.same(counted(answers), { 404: LIMIT, 429: 4 * LIMIT });
});

t.test('of look-ups at once exactly as many are made as the limit says (fault 5, threat 41)', async (t) => {
  const answers = await atOnce(3 * LIMIT, () =>
    gateway.send({ person: 'oslo-leder' }, 'POST', `${BASE}/oppslag`, { brukerIdent: world.first.brukerIdent }),
  );
  t.same(counted(answers), { 200: LIMIT, 429: 2 * LIMIT });
});

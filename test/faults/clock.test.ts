import t, { type Test } from 'tap';
import { temporaryFolder } from '../fixtures/gateway.js';
import { type AskedNode, type NodeAnswer, startLocalNode } from './node.js';
import { CLIENT, fillSmallWorld, OSLO, OSLO_LEADER, type SmallPerson, type SmallWorld } from './small-world.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Two gateways over one store, each with a clock of its own. */
interface Clocks {
  readonly world: SmallWorld;
  readonly nodes: readonly [AskedNode, AskedNode];
  /** Sets the clock of a node, or of both. */
  set(ms: number, of?: 0 | 1): void;
  give(person: SmallPerson, terms: object, key?: string): Promise<NodeAnswer>;
  /** Whether the nodes answer that Oslo has given. */
  told(person: SmallPerson): Promise<readonly boolean[]>;
}

async function clocks(t: Test): Promise<Clocks> {
  const world = await fillSmallWorld(temporaryFolder(t), 12, { lookUpsPerMinute: 2 });
  const now = [Date.now(), Date.now()];
  const start = (i: 0 | 1) => startLocalNode(t, `node ${i + 1}`, world.config, () => now[i] as number);
  // One after the other: a store that is opened in a process while a gateway of the same thread writes to it may wait for ever.
  const nodes = [await start(0), await start(1)] as const;
  const brukere = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/applikasjoner/${world.appId}/brukere`;
  return {
    world,
    nodes,
    set(ms, of) {
      for (const i of of === undefined ? [0, 1] : [of]) now[i] = ms;
    },
    give: ({ brukerIdent }, terms, key = `gi-${brukerIdent}`) =>
      nodes[0].ask(OSLO_LEADER, 'POST', brukere, { brukerIdent, ...terms }, { 'Idempotency-Key': key }),
    told: ({ brukerIdent }) =>
      Promise.all(
        nodes.map(async (node) => {
          const answer = await node.ask(CLIENT, 'POST', `/tilgang/api/v1/app/${world.appId}/tilganger`, { brukerIdent });
          if (answer.status !== 200) throw new Error(`${node.name} answered ${answer.status} ${answer.text}`);
          return (JSON.parse(answer.text) as { tilganger: { orgnr: string }[] }).tilganger.some(({ orgnr }) => orgnr === OSLO);
        }),
      ),
  };
}

/** What is sent as the end, and the instant that it means. */
const ENDS: readonly (readonly [til: string, instant: string, what: string])[] = [
  ['2028-02-29', '2028-02-29T23:00:00.000Z', 'a leap day, whole'],
  ['2028-02-29T23:59:59.999Z', '2028-02-29T23:59:59.999Z', 'its last millisecond'],
  ['2027-03-28', '2027-03-28T22:00:00.000Z', 'the day of 23 hours'],
  ['2027-10-31', '2027-10-31T23:00:00.000Z', 'the day of 25 hours'],
  ['2027-10-31T02:30:00+02:00', '2027-10-31T00:30:00.000Z', 'the first of two half past two'],
  ['2027-10-31T02:30:00+01:00', '2027-10-31T01:30:00.000Z', 'the second'],
  ['2027-12-31T23:59:59-11:00', '2028-01-01T10:59:59.000Z', 'another side of the world'],
];

void t.test(
  'a time-limited grant ends on its instant on each node, and a clock that jumps takes nothing with it (threat 22)',
  async (t) => {
    const { world, nodes, set, give, told } = await clocks(t);
    const { persons } = world;

    for (const [i, [til, instant, what]] of ENDS.entries()) {
      const person = persons[i] as SmallPerson;
      const end = Date.parse(instant);
      set(end - 2 * DAY);
      t.equal((await give(person, { til })).status, 201, what);
      const heard: (readonly boolean[])[] = [];
      for (const at of [end - HOUR, end - 1, end, end + HOUR, end - 1]) {
        set(at);
        heard.push(await told(person));
      }
      const [yes, no] = [
        [true, true],
        [false, false],
      ];
      t.same(heard, [yes, yes, no, no, yes], `${what}: also for a clock that is set back`);
      set(end + HOUR, 1);
      t.same(await told(person), [true, false], 'each by its own clock');
    }

    await t.test('a withdrawal holds whatever the clocks say', async (t) => {
      const person = persons[8] as SmallPerson;
      const now = Date.parse('2029-01-01T12:00:00Z');
      set(now);
      const given = await give(person, {});
      const path = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/applikasjoner/${world.appId}/brukere/${person.brukerId}`;
      t.same(await told(person), [true, true]);
      t.equal((await nodes[0].ask(OSLO_LEADER, 'DELETE', path, undefined, { 'If-Match': given.etag ?? '' })).status, 204);
      for (const [one, other] of [
        [now - HOUR, now - HOUR],
        [now + HOUR, now - HOUR],
        [now - HOUR, now + HOUR],
      ] as const) {
        set(one, 0);
        set(other, 1);
        t.same(await told(person), [false, false]);
      }
    });

    await t.test('an answer that was kept, a cursor, and what was used of a limit outlive a clock that goes back', async (t) => {
      const person = persons[9] as SmallPerson;
      const now = Date.parse('2029-06-01T12:00:00Z');
      set(now);
      const events = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/hendelser?antall=3`;
      const list = async (query = ''): Promise<{ hendelser: { id: string }[]; neste?: string }> =>
        JSON.parse((await nodes[1].ask(OSLO_LEADER, 'GET', `${events}${query}`)).text);
      const first = await give(person, {}, 'sent-en-gang-til');
      const page = await list();
      set(now - HOUR);
      const again = await give(person, {}, 'sent-en-gang-til');
      t.same([again.status, again.etag, again.text], [first.status, first.etag, first.text], 'the same answer, of the first time');
      t.same(await list(), page, 'and one event');
      const next = await list(`&markor=${page.neste}`);
      t.equal(new Set([...page.hendelser, ...next.hendelser].map(({ id }) => id)).size, 6, 'a cursor goes on where it was');
      set(now + 25 * HOUR);
      t.equal((await give(person, {}, 'sent-en-gang-til')).status, 200, 'after a day it is another request');
      set(now - HOUR);
      t.equal((await give(person, {}, 'sent-en-gang-til')).status, 200);
      t.same(await list(), page, 'which changes nothing');

      const lookUp = async (): Promise<number> => {
        const { brukerIdent } = person;
        return (await nodes[0].ask(OSLO_LEADER, 'POST', `/konsument-bruker/api/v1/organisasjoner/${OSLO}/oppslag`, { brukerIdent })).status;
      };
      t.same([await lookUp(), await lookUp(), await lookUp()], [200, 200, 429]);
      for (const at of [now - HOUR, now + HOUR]) {
        set(at);
        t.equal(await lookUp(), 429, 'a minute is one of a clock that nobody sets');
      }
    });
  },
);

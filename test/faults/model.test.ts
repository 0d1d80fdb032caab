import t from 'tap';
import { faultsIn, type History, type Kept, type KeptChange, type Reading, type SentChange, type Standing } from './model.js';

const PLACE = 'p';

function sent(id: string, gives: boolean, sentMs: number, answeredMs: number, more: Partial<SentChange> = {}): SentChange {
  return { id, place: PLACE, gives, mayBeSo: false, sentMs, outcome: 'acknowledged', answeredMs, ...more };
}

function read(gives: boolean, sentMs: number, answeredMs = sentMs + 1): Reading {
  return { place: PLACE, node: 'node 2', gives, sentMs, answeredMs };
}

/** The log of these ids, each giving what its first letter says. */
function log(...ids: readonly string[]): readonly KeptChange[] {
  return ids.map((id, i) => ({ id, place: PLACE, gives: id.startsWith('g'), revision: i + 1 }));
}

/** A day as it should be: given, changed, withdrawn; one change more of which nobody knows. */
const SENT: readonly SentChange[] = [
  sent('g1', true, 10, 20, { madeFrom: 0, revision: 1 }),
  sent('g2', true, 30, 40, { madeFrom: 1 }),
  sent('w3', false, 50, 60),
  sent('g4', true, 70, 0, { outcome: 'unknown' }),
];
const READINGS = [read(false, 1), read(false, 12), read(true, 12), read(true, 21), read(true, 52), read(false, 52), read(false, 61)];

function told(more: Partial<History> = {}, ids: readonly string[] = ['g1', 'g2', 'w3'], standing?: Standing): readonly string[] {
  const changes = log(...ids);
  const last = standing ?? { gives: changes.at(-1)?.gives ?? false, revision: changes.length };
  const kept: Kept = { changes, standing: new Map([[PLACE, last]]) };
  return faultsIn({ before: new Map(), sent: SENT, readings: READINGS, ...more }, kept);
}

t.test('the checker finds nothing wrong with a history that is right, whether an unknown change was made or not', async (t) => {
  t.same(told(), []);
  t.same(told({ readings: [...READINGS, read(true, 90), read(false, 90)] }, ['g1', 'g2', 'w3', 'g4']), [], 'also while nobody knows');
  t.same(
    told({ before: new Map([[PLACE, { gives: true, revision: 7 }]]), sent: [], readings: [read(true, 5)] }, [], {
      gives: true,
      revision: 7,
    }),
    [],
  );
});

t.test('and names a change that is lost, doubled, made though refused, altered, misreported or nobody’s (threats 23, 24)', async (t) => {
  t.match(told({}, ['g1', 'g2']), [/^lost: change w3/, /^stale/]);
  t.match(told({}, ['g1', 'g2', 'w3', 'g4', 'g4']), [/^doubled: change g4/]);
  const refused = SENT.map((one) => (one.id === 'g4' ? { ...one, outcome: 'refused' as const } : one));
  t.match(told({ sent: refused }, ['g1', 'g2', 'w3', 'g4']), [/^made though refused: change g4/]);
  t.match(told({ sent: SENT.map((one) => (one.id === 'g2' ? { ...one, gives: false } : one)) }), [/^altered: change g2/]);
  t.match(told({ sent: SENT.map((one) => (one.id === 'g2' ? { ...one, revision: 9 } : one)) }), [/^misreported: change g2/]);
  t.match(told({ sent: SENT.slice(0, 3) }, ['g1', 'g2', 'w3', 'g5']), [/^invented/]);
});

t.test('and a change that overwrote another, or stands before one that was acknowledged before it (threat 23)', async (t) => {
  const rivals = [...SENT.slice(0, 2), sent('g9', true, 31, 41, { madeFrom: 1 }), ...SENT.slice(2)];
  t.match(told({ sent: rivals }, ['g1', 'g2', 'g9', 'w3']), [/^overwritten: change g9/], 'two were made from the same revision');
  const unbound = SENT.map(({ madeFrom: _, revision: __, ...one }) => one);
  t.match(told({ sent: unbound, readings: [] }, ['g2', 'g1', 'w3']), [/^out of order: change g2/]);
});

t.test('and a document without its event, or an event without its document (threats 23, 24)', async (t) => {
  t.match(told({}, ['g1', 'g2', 'w3'], { gives: true, revision: 4 }), [/^half: the document/]);
  t.match(told({}, ['g1', 'g2', 'w3', 'g4'], { gives: false, revision: 3 }), [/^half: the document/]);
  const changes = log('g1', 'g2', 'w3').map((one, i) => (i === 2 ? { ...one, revision: 4 } : one));
  const kept = { changes, standing: new Map([[PLACE, { gives: false, revision: 4 }]]) };
  t.match(faultsIn({ before: new Map(), sent: SENT, readings: [] }, kept), [/^half: event 3/], 'one is missing');
});

t.test('and an answer that was over when it was asked for, or had not begun (threats 21, 22)', async (t) => {
  t.match(told({ readings: [read(true, 61)] }), [/^stale: node 2 answered p as given/], 'after the withdrawal was acknowledged');
  t.match(told({ readings: [read(false, 41)] }), [/^stale: node 2 answered p as not given/]);
  t.match(told({ readings: [read(true, 5)] }), [/^stale/], 'before it was given');
  t.match(told({ readings: [read(true, 90)] }), [/^stale/], 'by a change that the store does not have');
  t.same(told({ readings: [read(true, 59, 65)] }), [], 'while the withdrawal is on its way both are right');
});

t.test(
  'what was so already may be acknowledged without a trace, and then it was so: whoever asks later is told no older answer',
  async (t) => {
    const again = sent('w5', false, 52, 54, { mayBeSo: true });
    t.same(told({ sent: [...SENT, again], readings: [read(false, 55)] }), []);
    t.match(
      told({ sent: [...SENT, again], readings: [read(true, 55)] }),
      [/^stale/],
      'though the withdrawal itself was not acknowledged yet',
    );
    t.match(told({ sent: [...SENT, { ...again, sentMs: 22, answeredMs: 24 }] }), [/^lost: change w5/], 'nobody had withdrawn it by then');
  },
);

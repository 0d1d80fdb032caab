import t from 'tap';
import { ProblemError } from '#problem';
import { type RateLimit, rateLimit, type SharedRateLimit } from '#serving';

const CALLER = 'somebody';

/** So many processes that share a limit, each with its part; a message takes a turn of the event loop or two. */
function together(processes: number, perMinute: number): readonly SharedRateLimit[] {
  const message = () => new Promise((resolve) => setImmediate(resolve));
  const limits: SharedRateLimit[] = Array.from({ length: processes }, (_, i) =>
    rateLimit(perMinute, {
      own: () => Math.floor(perMinute / processes) + (i < perMinute % processes ? 1 : 0),
      async borrow(caller) {
        await message();
        const gifts = limits.filter((_one, j) => j !== i).map((other) => other.lend(caller));
        await message();
        return { count: gifts.reduce((sum, { count }) => sum + count, 0), againInMs: Math.min(...gifts.map(({ againInMs }) => againInMs)) };
      },
    }),
  );
  return limits;
}

/** Begins and ends work; `undefined` if it is refused, which says when to come again. */
async function attempt(limit: RateLimit, counts: boolean, turns = 1): Promise<true | number> {
  try {
    limit.check(CALLER);
    const begun = await limit.begin(CALLER);
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    begun.end(counts);
    return true;
  } catch (error) {
    if (!(error instanceof ProblemError) || error.slug !== 'too-many-requests') throw error;
    return error.retryAfterSeconds ?? 0;
  }
}

const done = (results: readonly (true | number)[]): number => results.filter((one) => one === true).length;

t.test('of 600 at once that count exactly as many are carried out as the limit says, in however many processes (threat 41)', async (t) => {
  for (const processes of [1, 2, 8]) {
    for (const perMinute of [1, 120]) {
      const limits = together(processes, perMinute);
      const results = await Promise.all(Array.from({ length: 600 }, (_, i) => attempt(limits[i % processes] as RateLimit, true, i % 4)));
      t.equal(done(results), perMinute, `${perMinute} in ${processes}`);
      t.ok(
        results.every((one) => one === true || (one > 50 && one <= 60)),
        'the others are told when the minute ends',
      );
    }
  }
});

t.test('whoever stays with one process has the whole limit there, and then nothing anywhere', async (t) => {
  const limits = together(4, 120);
  const results: (true | number)[] = [];
  for (let i = 0; i < 130; i += 1) results.push(await attempt(limits[2] as RateLimit, true));
  t.equal(done(results), 120);
  t.equal(done(results.slice(0, 120)), 120, 'nobody is turned away before');
  for (const limit of limits) t.type(await attempt(limit, true), 'number');
});

t.test(
  'work that does not count is never turned away, however much of it is begun at once, and what does is counted beside it',
  async (t) => {
    const limits = together(2, 20);
    const allowed = Array.from({ length: 300 }, (_, i) => attempt(limits[i % 2] as RateLimit, false, i % 5));
    t.equal(done(await Promise.all(allowed)), 300);
    const mixed = Array.from({ length: 300 }, (_, i) => attempt(limits[i % 2] as RateLimit, i % 3 === 0, i % 5));
    const counted = (await Promise.all(mixed)).filter((one, i) => one === true && i % 3 === 0).length;
    t.equal(counted, 20);
  },
);

t.test('a decision that is not refused waits for nobody', (t) => {
  const [one] = together(2, 120) as [SharedRateLimit];
  for (let i = 0; i < 1000; i += 1) {
    const begun = one.begin(CALLER);
    if (begun instanceof Promise) return t.fail('it waits');
    begun.end(false);
  }
  t.pass('at once each time');
  t.end();
});

t.test('what is used for good waits for the others only when the own part is used up', async (t) => {
  const [one, other] = together(2, 4) as [SharedRateLimit, SharedRateLimit];
  t.equal(one.use(CALLER), undefined);
  t.equal(one.use(CALLER), undefined);
  await one.use(CALLER);
  await one.use(CALLER);
  await t.rejects(async () => one.use(CALLER), /Too many requests/);
  await t.rejects(async () => other.use(CALLER), /Too many requests/);
});

t.test('a minute after the first all have their own part again', async (t) => {
  const begun = performance.now();
  let passedMs = 0;
  t.intercept(performance, 'now', { value: () => begun + passedMs });
  const limits = together(2, 10);
  const [one, other] = limits as [SharedRateLimit, SharedRateLimit];
  const all = async () => done(await Promise.all(Array.from({ length: 30 }, (_, i) => attempt(limits[i % 2] as RateLimit, true))));
  for (let i = 0; i < 9; i += 1) t.equal(await attempt(one, true), true);
  passedMs = 59_000;
  t.equal(await all(), 1);
  t.equal(await attempt(other, true), 1, 'a second is left');
  passedMs = 60_100;
  t.equal(await all(), 10);
  t.equal(await attempt(one, true), 60);
});

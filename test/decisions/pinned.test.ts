import { readFile } from 'node:fs/promises';
import t from 'tap';
import { createDecisions, isTexts, type Rule } from '#decisions';
import { type Bundle, loadBundle } from '#policy';

const RULE: Rule<readonly string[]> = { entrypoint: 'tilgang/access/search', isAnswer: isTexts };
const tarball = new URL('../../bundles/tilgang.tar.gz', import.meta.url);
const input = {
  application: { state: 'active', roles: ['use'] },
  action: { name: 'use' },
  grants: [{ konsument: '910000000', roles: ['use'], activated: true, mayBeKonsument: true }],
  context: { time: '2026-11-21T12:00:00.000Z' },
};

/** A bundle that answers what it is told, at once or later. */
const answering = (revision: string, answer: () => unknown): Bundle => ({
  revision,
  entrypoints: [RULE.entrypoint],
  evaluate: answer,
  evaluateMany: (_, inputs) => inputs.map(answer),
  evaluateToJson: () => undefined,
});

t.test('a bundle swapped in the middle of a request answers the next request, not this one', async (t) => {
  const real = await loadBundle(await readFile(tarball));
  let current: Bundle = real;
  const decisions = createDecisions(() => current);
  const judge = decisions.pinned();
  const before = await judge.ask(RULE, input);
  current = answering('next', () => []);
  const after = await judge.ask(RULE, input);
  t.same([before.answer, after.answer], [['910000000'], ['910000000']]);
  t.same([before.revision, after.revision, judge.revision], [real.revision, real.revision, real.revision]);
  const next = await decisions.pinned().ask(RULE, input);
  t.match(next, { answer: [], revision: 'next' });
  current = real;
  t.equal((await decisions.pinned().ask(RULE, input)).revision, real.revision, 'and back again');
  t.equal(new Set([before.id, after.id, next.id]).size, 3, 'each decision has its own id');
});

t.test('a question that is under way when the bundle is swapped keeps the revision that judges it', async (t) => {
  let settle: (answer: unknown) => void = () => {};
  let current = answering('first', () => new Promise((resolve) => (settle = resolve)));
  const decisions = createDecisions(() => current);
  const asked = decisions.pinned().ask(RULE, input);
  current = answering('second', () => ['910000001']);
  settle(['910000000']);
  t.match(await asked, { answer: ['910000000'], revision: 'first' });
});

t.test('an inline bundle answers at once, and its fault is thrown; neither is a yes or a no', async (t) => {
  const failed = { name: 'ProblemError', slug: 'evaluation-failed' };
  const judge = createDecisions(() => answering('r', () => ['910000000'])).pinned();
  t.match(judge.ask(RULE, input), { answer: ['910000000'], revision: 'r' });
  t.throws(() => judge.ask(RULE, input, ({ length }) => length === 2), failed, 'not whole');
  for (const value of [undefined, null, false, true, {}, [1], 'x']) {
    t.throws(
      () =>
        createDecisions(() => answering('r', () => value))
          .pinned()
          .ask(RULE, input),
      failed,
    );
    const later = createDecisions(() => answering('r', async () => value)).pinned();
    await t.rejects(async () => later.ask(RULE, input), failed);
  }
  const failing = answering('r', () => {
    throw new Error('a trap');
  });
  t.throws(
    () =>
      createDecisions(() => failing)
        .pinned()
        .ask(RULE, input),
    failed,
  );
});

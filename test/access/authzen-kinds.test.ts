// Takes about 1 s.
import t from 'tap';
import { judgedKinds } from '#access';
import { openWorld } from './world.js';

function refusalOf(load: () => unknown): unknown {
  try {
    return load();
  } catch (fault) {
    return fault;
  }
}

t.test('what a manifest may not declare is named, all of it, when the bundle is loaded', async (t) => {
  const { decisions, bundle } = await openWorld(t);
  const judge = decisions.over(bundle);
  const sound = { subjects: ['user'], resources: ['record'], decision: 'tilgang/access/search', callers: ['983744516'] };
  const load = (...declared: readonly unknown[]) =>
    judgedKinds(declared.map((judges, i) => ({ name: `b${i}`, judge, metadata: { tilgang: { judges } } })));
  t.match(load(sound), [sound]);
  t.match(load(sound, { ...sound, subjects: ['other'] }), [sound, { subjects: ['other'] }], 'two that are never asked about the same');
  for (const [fault, ...declared] of [
    [/subjects.*resources.*decision/, undefined],
    [/subjects.*resources.*decision/, 'all'],
    [/subjects/, { ...sound, subjects: [] }],
    [/subjects/, { ...sound, subjects: 'user' }],
    [/subjects.*person/, { ...sound, subjects: ['user', 'person'] }],
    [/resources.*application/, { ...sound, resources: ['application'] }],
    [/resources.*organisation/, { ...sound, resources: ['organisation'] }],
    [/decision/, { ...sound, decision: 'tilgang/nothing' }],
    [/decision/, { ...sound, decision: '__proto__' }],
    [/candidates/, { ...sound, candidates: 7 }],
    [/callers/, { ...sound, callers: ['983744517'] }],
    [/callers/, { ...sound, callers: {} }],
    [/b0.*b1.*user.*record/, sound, { ...sound, resources: ['other', 'record'] }],
  ] as const) {
    t.match(
      refusalOf(() => load(...declared)),
      { slug: 'bundle-invalid', detail: fault },
      JSON.stringify(declared),
    );
  }
  const same = [0, 1].map((i) => ({ name: 'same', judge, metadata: { tilgang: { judges: { ...sound, resources: [`r${i}`] } } } }));
  t.match(
    refusalOf(() => judgedKinds(same)),
    { slug: 'bundle-invalid', detail: /same/ },
    'the log could not tell them apart',
  );
});

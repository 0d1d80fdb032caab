import t from 'tap';
import { catalogue, type ProblemEntry, ProblemError, type ProblemSlug, problemDetails } from '#problem';

const entries = Object.entries(catalogue) as [ProblemSlug, ProblemEntry][];

t.test('every problem says what it is and what to do about it', async (t) => {
  for (const [slug, { status, title, remedy, level }] of entries) {
    t.match(slug, /^[a-z]+(-[a-z]+)*$/);
    t.match(title, /^[A-Z].*\.$/, slug);
    t.ok(remedy.length > 20, slug);
    t.ok(status >= 400 && status < 600, slug);
    t.ok(['info', 'warn', 'error'].includes(level));
    t.ok(status >= 500 || level === 'info', `${slug}: a caller's mistake is no alarm`);
  }
  t.equal(new Set(entries.map(([, { title }]) => title)).size, entries.length, 'titles are told apart');
});

t.test('whoever may try again is told when, and a bad token has its OAuth code', async (t) => {
  for (const [slug, { status, retryAfterSeconds, oauth }] of entries) {
    t.equal(retryAfterSeconds !== undefined, [429, 503, 507].includes(status) || slug === 'request-in-progress', slug);
    if (oauth !== undefined) t.ok([401, 403].includes(status), slug);
  }
  t.equal(catalogue['token-missing'].oauth, undefined, 'RFC 6750 §3.1: no code where no token was sent');
  t.equal(catalogue['token-expired'].oauth, 'invalid_token');
  t.equal(catalogue['scope-missing'].oauth, 'insufficient_scope');
});

t.test(
  'the details of a problem have its type, title, status and request id, and what to do if nothing better is known (fault 20)',
  async (t) => {
    t.same(problemDetails(new ProblemError('not-found'), 'r1'), {
      type: '/problems/not-found',
      title: 'There is nothing at this path.',
      status: 404,
      detail: catalogue['not-found'].remedy,
      requestId: 'r1',
    });
    const at = [{ pointer: '/brukerIdent', detail: 'is missing' }];
    t.same(problemDetails(new ProblemError('invalid-request', { detail: 'One field.', at }), 'r2'), {
      type: '/problems/invalid-request',
      title: 'The request does not have the described shape.',
      status: 400,
      detail: 'One field.',
      errors: at,
      requestId: 'r2',
    });
  },
);

t.test('a cause stays behind', async (t) => {
  const problem = new ProblemError('store-unavailable', { cause: new Error('disk sda1 at /secret/path') });
  t.notMatch(JSON.stringify(problemDetails(problem, 'r3')), /sda1|secret|stack/);
  t.match(problem.cause, { message: /sda1/ });
  t.notOk('cause' in new ProblemError('conflict'));
  t.equal(problem.message, 'The store cannot be used.');
  t.equal(problem.name, 'ProblemError');
});

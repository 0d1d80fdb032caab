import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import t from 'tap';
import { loadBundle } from '#policy';
import { EVALUATE, grant, type Json, native, question, questions, readBundle, root, SEARCH } from './world.js';

const limited = (clients: unknown): Json => {
  const { application, caller, ...rest } = question();
  return { ...rest, application: { ...(application as Json), clients }, caller: { ...(caller as Json), supplier: '910000007' } };
};

const opa = (...args: string[]): string =>
  execFileSync('node', ['-e', `import('${root}tools/opa.mjs').then((o) => process.stdout.write(o.runOpa(${JSON.stringify(args)})))`], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });

t.test('the policies are formatted, pass the strict check with schemas, and their tests cover every line', async (t) => {
  t.equal(opa('fmt', '-l', 'policies'), '');
  opa('check', '--strict', '--schema', 'policies/schemas', 'policies/tilgang');
  t.equal(JSON.parse(opa('test', '--coverage', 'policies/tilgang')).coverage, 100);
});

t.test('the committed bundle is what the sources build', async (t) => {
  const folder = await mkdtemp(`${tmpdir()}/bundle-`);
  execFileSync('node', [`${root}tools/build-bundle.mjs`, folder], { stdio: 'ignore' });
  const built = await readFile(`${folder}/tilgang.tar.gz`);
  t.ok(gunzipSync(built).equals(gunzipSync(await readBundle())), 'run `make policies`');
});

t.test(
  'native OPA and the module give the same answers, search agrees with evaluate, the schema accepts the questions (threat 19)',
  async (t) => {
    const inputs = [...questions(7, 900)];
    const validate = new Ajv({ allErrors: true }).compile(JSON.parse(await readFile(`${root}policies/schemas/access-input.json`, 'utf8')));
    const bundle = await loadBundle(await readBundle());
    const odd = [null, 5, '', 'x', [], {}, { at: 1 }, false].flatMap((value) => [
      question({ grants: [grant({ until: value })] }),
      question({ grants: [grant({ from: value })] }),
      question({ grants: [grant({ withdrawn: value })] }),
      question({ grants: [grant({ roles: value })] }),
      question({ grants: [grant({ activated: value })] }),
      ...(typeof value === 'object' && value !== null && !Array.isArray(value) ? [] : [limited(value)]),
      limited({ ids: value }),
      limited({ suppliers: value }),
    ]);
    const all = [...inputs, ...odd];
    const answers = native(
      '[[s, e] | some q in input; s := data.tilgang.access.search with input as q; e := data.tilgang.access.evaluate with input as q]',
      all,
    );
    let granted = 0;
    for (const [i, input] of all.entries()) {
      if (i < inputs.length && !validate(input)) t.fail('a question is not of the schema', { errors: validate.errors });
      const search = (await bundle.evaluate(SEARCH, input)) as { organisations: string[] };
      const evaluate = (await bundle.evaluate(EVALUATE, input)) as { allowed: boolean; reasons: string[] };
      if (!t.same([search, evaluate], answers[i], `question ${i}`)) return;
      if (i >= inputs.length) t.notOk(evaluate.allowed, 'an odd grant never covers, odd limits on clients let nobody ask');
      const { id } = input['resource'] as { id: string };
      if (search.organisations.includes(id) !== evaluate.allowed || evaluate.reasons.length === 0) t.fail(`question ${i} disagrees`);
      granted += evaluate.allowed ? 1 : 0;
    }
    t.ok(granted > 20 && granted < 880, `${granted} granted`);
  },
);

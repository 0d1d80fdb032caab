import { readFileSync } from 'node:fs';
import t from 'tap';
import { BUNDLE_SOURCES, loadBundle } from '#policy';
import { runOpa } from '../fixtures/opa.js';
import { readBundle, root } from './world.js';

interface Term {
  readonly value: string;
}
interface Annotated {
  readonly path: readonly Term[];
  readonly annotations: {
    readonly scope: 'package' | 'rule' | 'document';
    readonly title?: string;
    readonly description?: string;
    readonly entrypoint?: boolean;
    readonly schemas?: readonly unknown[];
  };
}
interface Inspected {
  /** Files by package, such as `data.tilgang.grants`. */
  readonly namespaces: Readonly<Record<string, readonly string[]>>;
  readonly annotations: readonly Annotated[];
}
interface Parsed {
  readonly rules: readonly { readonly head: { readonly ref: readonly Term[] } }[];
}

const opa = (...args: string[]): unknown => JSON.parse(runOpa(args));

const inspected = Object.values(BUNDLE_SOURCES).flatMap((folders) =>
  folders.map((folder) => opa('inspect', '--annotations', '--format', 'json', `policies/${folder}`) as Inspected),
);
const annotations = inspected.flatMap((one) => one.annotations);
const namespaces = inspected.flatMap((one) => Object.entries(one.namespaces));
const packages = namespaces.flatMap(([name, files]) => {
  const written = files.filter((file) => file.endsWith('.rego') && !file.endsWith('_test.rego'));
  return written.length === 0 ? [] : [{ name, files: written }];
});
const annotationOf = (name: string): Annotated['annotations'] | undefined =>
  annotations.find(({ path }) => path.map(({ value }) => value).join('.') === name)?.annotations;

t.test('every package says what it is about, and of which shape its input is if it reads it', async (t) => {
  t.ok(packages.length >= 5, `${packages.length} packages`);
  for (const { name, files } of packages) {
    const { title, description, schemas } = annotationOf(name) ?? {};
    t.ok(title, `${name} has a title`);
    t.ok(description, `${name} has a description`);
    const readsInput = files.some((file) => /\binput\b/.test(readFileSync(`${root}${file}`, 'utf8').replaceAll(/#.*/g, '')));
    t.equal((schemas ?? []).length > 0, readsInput, `${name} ${readsInput ? 'has' : 'needs no'} schema`);
  }
});

t.test('every public rule says what it answers; one that the engine asks says how', async (t) => {
  const bundle = await loadBundle(await readBundle());
  const entrypoints = bundle.entrypoints.map((entrypoint) => `data.${entrypoint.replaceAll('/', '.')}`);
  const names = packages.flatMap(({ name, files }) =>
    files.flatMap((file) => (opa('parse', '--format', 'json', file) as Parsed).rules.map(({ head }) => `${name}.${head.ref[0]?.value}`)),
  );
  const shown = [...new Set(names)].filter((name) => !name.includes('._'));
  t.ok(shown.length >= 13, `${shown.length} public rules`);
  for (const name of shown) {
    const { title, description, entrypoint } = annotationOf(name) ?? {};
    t.ok(title, `${name} has a title`);
    t.equal(entrypoint === true, entrypoints.includes(name), `${name} is asked if it is marked`);
    if (entrypoint) t.ok(description, `${name} has a description`);
  }
  t.same(
    entrypoints.filter((name) => !shown.includes(name)),
    [],
    'what is asked is public',
  );
});

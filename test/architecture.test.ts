import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type Ts from 'typescript';

// Not by an import: that would look for names in all its nine megabytes first.
const ts = createRequire(import.meta.url)('typescript') as typeof Ts;
const root = fileURLToPath(new URL('..', import.meta.url));

/** Each step may import what stands on the steps before it; rooms on one step do not see each other. */
const STEPS = [
  ['problem', 'fetching'],
  ['settings'],
  ['domain'],
  ['policy', 'storage', 'persons'],
  ['telemetry', 'tokens', 'files', 'images'],
  ['decisions', 'serving', 'authoring'],
  ['access'],
  ['maskinporten'],
  ['idporten', 'systembruker'],
  ['demo'],
  ['http', 'cli'],
  ['config'],
  ['stores'],
  ['installation'],
  ['gateway', 'keeping'],
  ['main', 'worker', 'verifying'],
];
/** What a room gives to those alone who put rooms together, so that they need not load the rest of it. */
const SECOND_DOORS: readonly { readonly from: RegExp; readonly for: readonly string[] }[] = [
  { from: /^#[a-z]+\/settings$/, for: ['config', 'installation', 'gateway', 'keeping'] },
  { from: /^#[a-z]+\/entities$/, for: ['stores', 'installation'] },
  // Their entities are indexed as those of access are; a process that checks a store loads all of them.
  { from: /^#access\/entities$/, for: ['maskinporten', 'systembruker'] },
  { from: /^#http\/pages$/, for: ['portal'] },
  // A large library stands behind it.
  { from: /^#idporten\/provider$/, for: ['gateway'] },
  { from: /^#storage\/(lmdb|mongodb)$/, for: ['stores'] },
  { from: /^#storage\/copy$/, for: ['stores', 'keeping', 'verifying'] },
];

/** The files beside main.ts that put rooms together, and how they name each other. */
function isBesideMain({ path }: Pick<Source, 'path'>, from: string): boolean {
  return /^src\/[a-z]+\.ts$/.test(path) && /^\.\/(stores|installation|gateway|keeping)\.js$/.test(from);
}

const stepOf = new Map(STEPS.flatMap((rooms, step) => rooms.map((room) => [room, step] as const)));

/** Where present() would cost each decision an object more. */
const ON_THE_WAY_OF_A_DECISION: ReadonlySet<string> = new Set(['src/access/ask/search-organisations.ts']);

interface Line {
  readonly text: string;
  /** `src/room/file.ts:12` */
  readonly at: string;
}
interface Source {
  /** Relative to the root. */
  readonly path: string;
  readonly room: string;
  readonly lines: readonly Line[];
  readonly imports: readonly { readonly from: string; readonly at: string }[];
}

const sources: readonly Source[] = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .sort()
  .map((file) => {
    const path = `src/${file.replaceAll('\\', '/')}`;
    const text = readFileSync(join(root, path), 'utf8');
    const at = (line: number): string => `${path}:${line}`;
    const specifiers = /^(?:import|export)\b[^;'"]*?from\s*'([^']+)'|^import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;
    return {
      path,
      room: (file.includes('/') ? file.slice(0, file.indexOf('/')) : file).replace(/\.tsx?$/, ''),
      lines: text.split('\n').map((line, i) => ({ text: line, at: at(i + 1) })),
      imports: [...text.matchAll(specifiers)].map((match) => ({
        from: (match[1] ?? match[2] ?? match[3]) as string,
        at: at(text.slice(0, match.index + match[0].length).split('\n').length),
      })),
    };
  });

/** Outside comments. */
function linesWith(pattern: RegExp, { lines }: Source): string[] {
  return lines.filter(({ text }) => !/^\s*(\/\/|\/?\*)/.test(text) && pattern.test(text)).map(({ text, at }) => `${at} ${text.trim()}`);
}

const imports = sources.flatMap((source) => source.imports.map((one) => ({ ...one, source })));

t.test('every source file stands in a room that the table knows', async (t) => {
  t.ok(sources.length > 50, 'the sources are found');
  t.ok(imports.length > 100, 'and so are their imports');
  t.same(
    sources.filter(({ room }) => !stepOf.has(room)).map(({ path }) => path),
    [],
  );
});

t.test('a room imports only rooms of lower steps', async (t) => {
  const violations = imports.flatMap(({ source, from, at }) => {
    const target = from.startsWith('#')
      ? (from.slice(1).split('/')[0] as string)
      : isBesideMain(source, from)
        ? from.slice(2, -3)
        : undefined;
    if (target === undefined) return [];
    return (stepOf.get(target) ?? Infinity) < (stepOf.get(source.room) as number) ? [] : [`${at} ${source.room} imports ${from}`];
  });
  t.same(violations, []);
});

t.test('rooms are entered by their doors only, and no path leaves a room', async (t) => {
  const violations = imports.flatMap(({ source, from, at }) => {
    const isDoor = /^#[a-z]+$/.test(from) || SECOND_DOORS.some((door) => door.from.test(from) && door.for.includes(source.room));
    if (from.startsWith('#')) return isDoor ? [] : [`${at} ${from} is no door for it`];
    if (!from.startsWith('.')) return [];
    if (isBesideMain(source, from)) return [];
    const target = join(dirname(source.path), from);
    const isInside = source.path.split('/').length > 2 && target.startsWith(`src/${source.room}/`);
    return isInside ? [] : [`${at} ${from} leaves the room`];
  });
  t.same(violations, []);
});

t.test('no files import each other in a ring', async (t) => {
  const tsx = new Set(sources.map(({ path }) => path).filter((path) => path.endsWith('.tsx')));
  const written = (path: string): string =>
    tsx.has(path.replace(/\.js$/, '.tsx')) ? path.replace(/\.js$/, '.tsx') : path.replace(/\.js$/, '.ts');
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter(({ from }) => from.startsWith('.')).map(({ from, at }) => ({ to: written(join(dirname(path), from)), at })),
    ]),
  );
  t.same(
    [...edges.values()].flat().filter(({ to }) => !edges.has(to)),
    [],
    'every path leads to a file',
  );
  const rings: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    for (const { to, at } of edges.get(path) ?? []) {
      const start = trail.indexOf(to);
      if (start >= 0) rings.push(`${at} ${[...trail.slice(start), to].join(' → ')}`);
      else if (!done.has(to)) visit(to, [...trail, to]);
    }
    done.add(path);
  };
  for (const { path } of sources) if (!done.has(path)) visit(path, [path]);
  t.same(rings, []);
});

t.test('only stores.ts names the adapters, and only the adapters know LMDB and MongoDB', async (t) => {
  for (const [adapter, library] of [
    ['lmdb', /^lmdb(\/|$)/],
    ['mongodb', /^(mongodb|bson)(\/|$)/],
  ] as const) {
    const naming = imports.filter(({ from, source }) => from.includes(`storage/${adapter}`) && source.path !== 'src/stores.ts');
    const knowing = imports.filter(({ from, source }) => library.test(from) && !source.path.startsWith(`src/storage/${adapter}/`));
    t.same(
      [...naming, ...knowing].map(({ at, from }) => `${at} ${from}`),
      [],
    );
    t.ok(imports.some(({ from }) => from === `#storage/${adapter}`));
  }
});

t.test('only main.ts reads the environment', async (t) => {
  const reading = sources.filter(({ path }) => path !== 'src/main.ts');
  t.same(
    reading.flatMap((source) => linesWith(/\bprocess\.env\b|\benv\b.*from 'node:process'/, source)),
    [],
  );
  t.equal(sources.filter(({ path }) => path === 'src/main.ts').flatMap((source) => linesWith(/process\.env/, source)).length, 1);
});

t.test('a command line loads the Maskinporten side only where it is used', async (t) => {
  const loads = (path: string) =>
    /^import (?!type )[^;]*'(#maskinporten|\.\/local-registry\.js)';/m.test(readFileSync(join(root, path), 'utf8'));
  const commands = sources.map(({ path }) => path).filter((path) => path.startsWith('src/cli/'));
  t.same(commands.filter(loads), ['src/cli/maskinporten/local-registry.ts']);
});

t.test('no file has a name that says nothing', async (t) => {
  const empty = /(^|[-/])(utils?|helpers?|common|managers?|data|info)([-./]|$)/;
  t.same(
    sources.filter(({ path }) => empty.test(path)).map(({ path }) => `${path}:1`),
    [],
  );
  t.same(
    sources.filter(({ path }) => !/^src\/([a-z0-9-]+\/)*[a-z0-9-]+(\.gen)?\.tsx?$/.test(path)).map(({ path }) => `${path}:1`),
    [],
    'kebab-case',
  );
});

t.test('nothing is exported as default, and nothing writes to the console', async (t) => {
  t.same(
    sources
      // The library behind it speaks to the console; what it says there is held back.
      .filter(({ path }) => path !== 'src/idporten/provider/quiet.ts')
      .flatMap((source) => linesWith(/^export default\b|\bas default\b|\bconsole\./, source)),
    [],
  );
});

t.test('every door opens with 3 to 8 lines on what lives there', async (t) => {
  const doors = sources.filter(({ path }) => path.endsWith('/index.ts'));
  const violations = doors.flatMap(({ path, lines }) => {
    const end = lines.findIndex(({ text }) => !text.startsWith('// '));
    return end >= 3 && end <= 8 ? [] : [`${path}:1 opens with ${end} comment lines`];
  });
  t.same(violations, []);
  const missing = [...stepOf.keys()].filter(
    (room) =>
      !['stores', 'installation', 'gateway', 'keeping', 'main', 'worker', 'verifying'].includes(room) &&
      !doors.some(({ path }) => path === `src/${room}/index.ts`),
  );
  t.same(missing, [], 'every room has a door');
});

interface Offence {
  readonly path: string;
  /** `src/room/file.ts:12 what is wrong there` */
  readonly told: string;
}

/** The written sources as trees; `*.gen.ts` is made by a tool. */
const trees = sources
  .filter(({ path }) => !path.endsWith('.gen.ts'))
  .map(({ path, lines }) => ({
    path,
    file: ts.createSourceFile(path, lines.map(({ text }) => text).join('\n'), ts.ScriptTarget.ES2023, true),
  }));

/** What a rule finds in each of them. */
function offences(find: (file: Ts.SourceFile, tell: (node: Ts.Node, what: string) => void) => void): Offence[] {
  const found: Offence[] = [];
  for (const { path, file } of trees) {
    find(file, (node, what) => found.push({ path, told: `${path}:${lineOf(file, node.getStart())} ${what}` }));
  }
  return found;
}

function lineOf(file: Ts.SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}

function everyNode(node: Ts.Node, visit: (node: Ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => everyNode(child, visit));
}

/** Tells what was found, and where. */
function holds(t: Pick<typeof import('tap').default, 'same'>, found: readonly Offence[]): void {
  t.same(
    found.map(({ told }) => told),
    [],
  );
}

t.test('every exported name has a docstring that says what it answers', async (t) => {
  const isExported = (node: Ts.Node): boolean =>
    ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  const isTold = (node: Ts.Node): boolean =>
    ts.getJSDocCommentsAndTags(node).some((doc) => ts.isJSDoc(doc) && (ts.getTextOfJSDocComment(doc.comment) ?? '').trim() !== '');
  const found = offences((file, tell) => {
    for (const statement of file.statements) {
      if (!isExported(statement) || isTold(statement)) continue;
      const named = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0] : (statement as Ts.DeclarationStatement);
      tell(statement, `${named?.name?.getText() ?? 'an export'} has no docstring`);
    }
  });
  holds(t, found);
});

t.test('no function is longer than sixty lines', async (t) => {
  const found = offences((file, tell) =>
    everyNode(file, (node) => {
      if (!ts.isFunctionLike(node)) return;
      const length = lineOf(file, node.end) - lineOf(file, node.getStart()) + 1;
      if (length > 60) tell(node, `${node.name?.getText() ?? 'a function'} has ${length} lines`);
    }),
  );
  holds(t, found);
});

t.test('what may be absent is left out by present(), not by spreading nothing', async (t) => {
  const isNothing = (node: Ts.Expression): boolean =>
    (ts.isObjectLiteralExpression(node) && node.properties.length === 0) || (ts.isIdentifier(node) && node.text === 'undefined');
  const unwrapped = (node: Ts.Expression): Ts.Expression => (ts.isParenthesizedExpression(node) ? unwrapped(node.expression) : node);
  const found = offences((file, tell) =>
    everyNode(file, (node) => {
      if (!ts.isSpreadAssignment(node)) return;
      const spread = unwrapped(node.expression);
      if (!ts.isConditionalExpression(spread)) return;
      if (isNothing(unwrapped(spread.whenTrue)) || isNothing(unwrapped(spread.whenFalse))) tell(node, 'spreads nothing, or something');
    }),
  );
  holds(
    t,
    found.filter(({ path }) => !ON_THE_WAY_OF_A_DECISION.has(path)),
  );
});

/** The functions that a room's files export, with what stands between their parentheses. */
function exportedFunctions(room: string): readonly { readonly name: string; readonly parameters: string; readonly at: string }[] {
  return sources
    .filter((source) => source.room === room)
    .flatMap(({ path, lines }) => {
      const text = lines.map((line) => line.text).join('\n');
      return [...text.matchAll(/^export (?:async )?function\*? ?(\w+)(?:<[^(]*>)?\(([\s\S]*?)\n?\)(?::|;)/gm)].map((match) => ({
        name: match[1] as string,
        parameters: match[2] as string,
        at: `${path}:${text.slice(0, match.index).split('\n').length}`,
      }));
    });
}

/** What is handed on by a file, by name. */
function handedOn(path: string): ReadonlySet<string> {
  const source = sources.find((one) => one.path === path);
  const text = source?.lines.map((line) => line.text).join('\n') ?? '';
  const names = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap((match) => (match[1] as string).split(','));
  return new Set(names.map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type ')));
}

t.test('who reads the events of the store asks leave, and commands reach into no store', async (t) => {
  // What a person has given, and what has become of systems and system users, is told by their events to whose they are, under leave.
  const underLeave =
    /^src\/(idporten\/authorizations\/history|systembruker\/(users\/history|register\/read-systems|telling\/read-events))\.ts$/;
  const isAbove = ({ room, path }: Source): boolean => !['storage', 'access'].includes(room) && !underLeave.test(path);
  const found = sources.filter(isAbove).flatMap((source) => linesWith(/\bevents\.(of|after|concerning|follow|verify)\(/, source));
  t.same(found, []);
  const reaching = sources
    .filter(({ room }) => room === 'cli')
    .flatMap((source) =>
      linesWith(/\bstore\.(?!check\(|[a-z]+Folder)|\{[^}]*\bstore\b[^}]*\}: ?(AccessParts|Installation)|\.collection\(/, source),
    );
  t.same(reaching, [], 'doctor alone looks whether the store answers');
});

/** What the program notes by itself, and nobody asks for: its secrets, that a key ends, that an assertion has been used. */
const BY_ITSELF: ReadonlySet<string> = new Set([
  'src/access/person-secrets.ts',
  'src/maskinporten/clients/key-endings.ts',
  'src/maskinporten/token/steps/replay.ts',
]);

/** Types of a parameter that carry who asks, or leave that was given. */
const ASKS = /\b(AdminRequest|Asking|SearchQuestion|Clearance|Leave|Ending)\b/;

t.test('no use case can be called without saying who asks, and what writes holds leave or asks for it', async (t) => {
  for (const room of ['access', 'maskinporten']) {
    const door = handedOn(`src/${room}/index.ts`);
    const useCases = exportedFunctions(room).filter(
      ({ name, parameters }) => door.has(name) && /\b(Access|Maskinporten|Side)Parts\b/.test(parameters),
    );
    t.ok(useCases.length > 30, `${useCases.length} use cases of ${room} are found`);
    t.same(
      useCases.filter(({ parameters }) => !ASKS.test(parameters)).map(({ name, at }) => `${at} ${name}`),
      [],
    );
    const writing = sources.filter(
      (source) => source.room === room && !BY_ITSELF.has(source.path) && linesWith(/\.(put|putMany|remove)\(/, source).length > 0,
    );
    t.ok(writing.length > 5, `the files of ${room} that write are found`);
    t.same(
      writing
        .filter((source) => linesWith(/\b(AdminRequest|Asking|Clearance|Leave|ClientLeave|ChangeFacts|Ending)\b/, source).length === 0)
        .map(({ path }) => path),
      [],
    );
  }
});

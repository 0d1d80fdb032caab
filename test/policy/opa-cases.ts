import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { BuiltinHalt, type Builtins, type Bundle, compareTerms, JsonText, loadBuiltins, loadBundle, parseJson, readRego } from '#policy';

const { ownBuiltins } = await loadBuiltins();

const root = new URL('../../', import.meta.url);

/** A policy case of OPA's own tests, as tools/opa-cases writes it. */
export interface Case {
  readonly note: string;
  /** Folder of OPA's cases. */
  readonly group: string;
  readonly entrypoint: string;
  /** Built-ins that it names. */
  readonly calls: readonly string[];
  /** Rego text, mostly JSON. */
  readonly input?: string;
  /** JSON text: an array of the one value, or of none. */
  readonly wantResult?: string;
  readonly wantDefined?: boolean;
  /** The evaluation fails, unless `strict`: then it is undefined where errors of built-ins do not fail it. */
  readonly wantError: boolean;
  readonly strict: boolean;
  /** Whether the order of the result does not count. */
  readonly sort: boolean;
}

/** All that tools/opa-cases has written. */
export interface Cases {
  readonly all: number;
  readonly modules: readonly { readonly wasm: string; readonly data: string; readonly cases: readonly Case[] }[];
  readonly uncompiled: Readonly<Record<string, string>>;
  /** Every built-in of OPA. */
  readonly builtins: readonly string[];
  /** A module that calls all of them. */
  readonly every: string;
}

/** What came of a case. */
export interface Outcome {
  readonly case: Case;
  /** Why it failed; `undefined` if it passed. */
  readonly failure: string | undefined;
}

/** The cases for the pinned OPA, or why there are none. */
export function readCases(): Cases | string {
  const version = readFileSync(new URL('tools/opa-version', root), 'utf8').trim();
  const folder = new URL('.tools/', root);
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.startsWith(`opa-cases-${version}-`) && name.endsWith('.gz'))
    : [];
  const program = cksum(readFileSync(new URL('tools/opa-cases/main.go', root)));
  const name = names.find((name) => name.includes(`-${program}.`));
  if (name === undefined) return `the cases of OPA ${version} are not compiled: tools/install-opa-cases.sh (needs Go)`;
  return JSON.parse(gunzipSync(readFileSync(new URL(name, folder))).toString()) as Cases;
}

/** The checksum of POSIX cksum, by which install-opa-cases.sh names the file. */
function cksum(bytes: Uint8Array): number {
  const step = (crc: number, byte: number): number => {
    let next = crc ^ (byte << 24);
    for (let i = 0; i < 8; i += 1) next = next < 0 ? (next << 1) ^ 0x04c11db7 : next << 1;
    return next;
  };
  let crc = bytes.reduce(step, 0);
  for (let length = bytes.byteLength; length > 0; length = Math.floor(length / 256)) crc = step(crc, length & 255);
  return ~crc >>> 0;
}

/** Built-ins of OPA that a module asks its host for, told by a module that calls all of them. */
export function hostBuiltins({ every }: Cases): string[] {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
  const memory = new WebAssembly.Memory({ initial: 50 });
  const none = (): number => 0;
  const calls = Object.fromEntries([0, 1, 2, 3, 4].map((i) => [`opa_builtin${i}`, none]));
  const module = new WebAssembly.Module(Buffer.from(every, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { env: { memory, opa_abort: none, opa_println: none, ...calls } });
  const start = exports.opa_json_dump(exports.builtins());
  const bytes = Buffer.from(memory.buffer);
  return Object.keys(JSON.parse(bytes.toString('utf8', start, bytes.indexOf(0, start))) as object).sort();
}

interface WebAssemblyApi {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { builtins(): number; opa_json_dump(value: number): number } };
}

/**
 * Asks each case of those that `isWanted` takes, as OPA's own runner of WebAssembly does.
 * @param handedIn what the operator allows besides what every bundle may call
 */
export async function runCases(
  { modules, builtins }: Cases,
  isWanted: (one: Case) => boolean = () => true,
  handedIn: Builtins = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { wasm, data, cases } of modules) {
    const wanted = cases.filter(isWanted);
    if (wanted.length === 0) continue;
    const bundle = await loadBundle(await packed(Buffer.from(wasm, 'base64'), data, cases), {
      builtins: { ...unserved(builtins), ...handedIn },
    });
    outcomes.push(...wanted.map((one) => ({ case: one, failure: failureOf(bundle, one) })));
  }
  return outcomes;
}

/** What nobody serves fails the case that calls it, not all of its module. */
function unserved(names: readonly string[]): Builtins {
  const missing = names.filter((name) => !Object.hasOwn(ownBuiltins, name));
  return Object.fromEntries(
    missing.map((name) => [
      name,
      () => {
        throw new BuiltinHalt(`${name} is not served`);
      },
    ]),
  );
}

async function packed(wasm: Buffer, data: string, cases: readonly Case[]): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: '/policy.wasm' }, wasm);
  tar.entry({ name: '/data.json' }, data);
  const entrypoints = [...new Set(cases.map(({ entrypoint }) => entrypoint))];
  const manifest = { revision: '', wasm: entrypoints.map((entrypoint) => ({ entrypoint, module: '/policy.wasm' })) };
  tar.entry({ name: '/.manifest' }, JSON.stringify(manifest));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks), { level: 0 });
}

function failureOf(bundle: Bundle, one: Case): string | undefined {
  let answer: string | undefined;
  try {
    answer = bundle.evaluateToJson(one.entrypoint, inputOf(one)) as string | undefined;
  } catch (cause) {
    return one.wantError && !one.strict ? undefined : `fails: ${wordsOf(cause)}`;
  }
  const given = answer === undefined ? [] : [parseJson(answer)];
  if (one.wantDefined !== undefined) return given.length > 0 === one.wantDefined ? undefined : `answers ${answer}`;
  if (one.wantError && !one.strict) return `answers ${answer} where the evaluation fails`;
  const wanted = one.wantResult === undefined ? [] : (parseJson(one.wantResult) as []);
  const sorted = (terms: typeof given) =>
    one.sort ? terms.map((term) => (Array.isArray(term) ? term.toSorted(compareTerms) : term)) : terms;
  return compareTerms(sorted(given), sorted(wanted)) === 0 ? undefined : `answers ${answer}, not ${one.wantResult ?? 'undefined'}`;
}

function inputOf({ input }: Case): unknown {
  if (input === undefined) return undefined;
  try {
    JSON.parse(input);
    return new JsonText(input);
  } catch {
    return readRego(input);
  }
}

function wordsOf(cause: unknown): string {
  const inner = (cause as { cause?: unknown }).cause ?? cause;
  return String((inner as Error).message ?? inner);
}

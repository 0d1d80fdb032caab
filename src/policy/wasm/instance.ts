import { present } from '#domain';
import { ProblemError } from '#problem';
import { type Builtin, BuiltinError, type Evaluation, startEvaluation } from '../builtins/builtin.js';
import { refusedBuiltins } from '../builtins/refused.js';
import { RegoObject, readRego, type Term, writeRego } from '../terms/index.js';
import { type Memory, PAGE_BYTES, type PolicyExports, WebAssembly } from './abi.js';
import { parseAnswer, writeAnswer } from './answer.js';
import type { CompiledModule } from './compiled-module.js';
import { type LoadedPolicy, loadedPolicy } from './sdk.js';

const INITIAL_PAGES = 5;
const encoder = new TextEncoder();

/** What a question may come as. */
export type Input = string | Uint8Array | RegoObject | undefined;

/** A module needs built-ins that it was not given. */
export class MissingBuiltins extends ProblemError {}

/**
 * One running copy of a policy module, with the bundle's data in its memory. It answers one question at a time.
 *
 * The memory and the imports are ours, and so is the question: built-ins, `print` and aborts are what we make of them, a falsy input
 * is an input, what is no JSON is told from no input, and no number is rounded unseen. OPA's SDK keeps the data, the heap and the entrypoints.
 */
export class Instance {
  /** Entrypoint ids by name. */
  readonly entrypoints: ReadonlyMap<string, number>;
  /** The host built-ins that the module declares to call, by OPA's names. */
  readonly needs: readonly string[];
  readonly #memory: Memory;
  readonly #exports: PolicyExports;
  readonly #builtins: readonly (Builtin | undefined)[];
  readonly #data: number;
  // Everything below this address stays between questions; everything above is forgotten before the next one.
  readonly #heap: number;
  readonly #clock: () => bigint;
  #bytes: Buffer;
  // Begun by the first built-in that is called.
  #evaluation: Evaluation | undefined;

  /** @throws ProblemError `bundle-invalid` for an ABI, built-in, data or memory need that cannot be met */
  constructor(compiled: CompiledModule) {
    const { memory, exports } = this.#start(compiled);
    this.#memory = memory;
    this.#exports = exports;
    this.#bytes = Buffer.from(memory.buffer);
    this.#clock = compiled.clock;
    const version = `${exports.opa_wasm_abi_version.value}.${exports.opa_wasm_abi_minor_version.value}`;
    if (exports.opa_wasm_abi_version.value !== 1 || exports.opa_wasm_abi_minor_version.value < 2) {
      throw refusal(`the module has ABI ${version}; this engine speaks 1.2 and later 1.x`);
    }
    const needed = JSON.parse(this.#text(exports.opa_json_dump(exports.builtins()))) as Record<string, number>;
    this.needs = Object.keys(needed);
    this.#builtins = bind(needed, compiled.builtins);
    const policy = load(exports, memory, compiled.data);
    this.entrypoints = new Map(Object.entries(policy.entrypoints));
    this.#data = policy.dataAddr;
    this.#heap = align(policy.dataHeapPtr);
  }

  /** Bytes of linear memory now. It never shrinks. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * The rule's only value, or `undefined` if it has none.
   * @param input JSON text, a term, or `undefined` for none
   * @throws whatever went wrong; the instance must not be used again
   */
  evaluate(entrypoint: number, input: Input): unknown {
    return parseAnswer(this.answerText(entrypoint, input));
  }

  /** The result set as JSON text, of which parseAnswer makes what `evaluate` gives. */
  answerText(entrypoint: number, input: Input): string {
    return this.#text(this.#exports.opa_json_dump(this.#ask(entrypoint, input)));
  }

  /** The same as JSON text, in which every number is exact, and keys and sets are in OPA's order. */
  evaluateToJson(entrypoint: number, input: Input): string | undefined {
    return writeAnswer(this.#text(this.#exports.opa_value_dump(this.#ask(entrypoint, input))));
  }

  /** The address of the result set. */
  #ask(entrypoint: number, input: Input): number {
    const { opa_eval_ctx_new, opa_eval_ctx_set_input, opa_eval_ctx_set_data, opa_eval_ctx_set_entrypoint } = this.#exports;
    this.#evaluation = undefined;
    // Step by step where opa_eval is one call: that takes a text it cannot parse for no input.
    const value = this.#parse(input);
    const context = opa_eval_ctx_new();
    opa_eval_ctx_set_input(context, value);
    opa_eval_ctx_set_data(context, this.#data);
    opa_eval_ctx_set_entrypoint(context, entrypoint);
    this.#exports.eval(context);
    return this.#exports.opa_eval_ctx_get_result(context);
  }

  /** Forgets the question before and puts the input in its place: the address of its value, 0 for no input. */
  #parse(input: Input): number {
    const start = this.#heap;
    if (input === undefined) {
      this.#exports.opa_heap_ptr_set(start);
      return 0;
    }
    const isTerm = input instanceof RegoObject;
    const length = this.#put(isTerm ? writeRego(input) : input, start);
    this.#exports.opa_heap_ptr_set(align(start + length));
    const value = length === 0 ? 0 : isTerm ? this.#exports.opa_value_parse(start, length) : this.#exports.opa_json_parse(start, length);
    if (value === 0) throw new Error('the input is no JSON text');
    return value;
  }

  /** Writes a text as UTF-8: the bytes that it takes. */
  #put(text: string | Uint8Array, start: number): number {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    const missing = start + (typeof text === 'string' ? text.length * 3 : text.byteLength) - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.#refresh();
    if (typeof text === 'string') return this.#bytes.write(text, start);
    this.#bytes.set(text, start);
    return text.byteLength;
  }

  #start(compiled: CompiledModule): { memory: Memory; exports: PolicyExports } {
    const maximum = Math.floor(compiled.maxMemoryBytes / PAGE_BYTES);
    // How much memory a module wants at its start is not told by the API, so it is offered more until it links.
    for (let initial = INITIAL_PAGES; ; initial = Math.min(initial * 2, maximum)) {
      const memory = new WebAssembly.Memory({ initial, maximum });
      try {
        const { exports } = new WebAssembly.Instance(compiled.module, { env: { memory, ...this.#imports() } });
        return { memory, exports: exports as PolicyExports };
      } catch (cause) {
        if (cause instanceof WebAssembly.LinkError && initial < maximum) continue;
        throw refusal(`the module does not start within ${compiled.maxMemoryBytes} bytes of memory`, cause);
      }
    }
  }

  #imports(): object {
    const call = (id: number, _context: number, ...args: number[]): number => this.#call(id, args);
    return {
      opa_abort: (address: number): never => {
        throw new Error(`the policy aborted: ${this.#text(address)}`);
      },
      // `print` is for authors; what a policy prints may hold a person's data, so it goes nowhere.
      opa_println: (): void => {},
      opa_builtin0: call,
      opa_builtin1: call,
      opa_builtin2: call,
      opa_builtin3: call,
      opa_builtin4: call,
    };
  }

  #call(id: number, args: readonly number[]): number {
    const builtin = this.#builtins[id];
    if (builtin === undefined) throw new Error(`the policy calls the built-in ${id}, which it did not declare`);
    this.#evaluation ??= startEvaluation(this.#clock);
    const result = called(
      builtin,
      args.map((arg) => readRego(this.#text(this.#exports.opa_value_dump(arg)))),
      this.#evaluation,
    );
    if (result === undefined) return 0;
    const text = encoder.encode(writeRego(result));
    const start = this.#exports.opa_malloc(text.byteLength);
    this.#refresh();
    this.#bytes.set(text, start);
    const value = this.#exports.opa_value_parse(start, text.byteLength);
    if (value === 0) throw new Error(`the module does not read the answer of the built-in ${id}`);
    return value;
  }

  /** The text at an address, up to its NUL. */
  #text(address: number): string {
    this.#refresh();
    const end = this.#bytes.indexOf(0, address);
    return this.#bytes.toString('utf8', address, end < 0 ? this.#bytes.byteLength : end);
  }

  // Growing detaches the old buffer.
  #refresh(): void {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = Buffer.from(this.#memory.buffer);
  }
}

function called(builtin: Builtin, args: readonly Term[], evaluation: Evaluation): Term | undefined {
  try {
    return builtin(args, evaluation);
  } catch (cause) {
    if (cause instanceof BuiltinError) return undefined;
    throw cause;
  }
}

function load(exports: PolicyExports, memory: Memory, data: Uint8Array): LoadedPolicy {
  try {
    return loadedPolicy(exports, memory, data);
  } catch (cause) {
    throw refusal('the module cannot read the data.json', cause);
  }
}

function bind(needed: Readonly<Record<string, number>>, given: Readonly<Record<string, Builtin>>): (Builtin | undefined)[] {
  const bound: (Builtin | undefined)[] = [];
  const missing = Object.keys(needed).filter((name) => !Object.hasOwn(given, name));
  if (missing.length > 0) {
    const named = missing.toSorted().map((name) => (Object.hasOwn(refusedBuiltins, name) ? `${name} (${refusedBuiltins[name]})` : name));
    throw new MissingBuiltins('bundle-invalid', { detail: `nobody provides the built-in functions it needs: ${named.join(', ')}` });
  }
  for (const [name, id] of Object.entries(needed)) bound[id] = given[name];
  return bound;
}

function align(address: number): number {
  return (address + 7) & ~7;
}

function refusal(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('bundle-invalid', { detail, ...present({ cause }) });
}

import { ProblemError } from '#problem';
import { type Memory, PAGE_BYTES, type PolicyExports, WebAssembly } from './abi.js';
import type { Builtin } from './builtins.js';
import type { CompiledModule } from './compiled-module.js';

const INITIAL_PAGES = 5;
const encoder = new TextEncoder();

/**
 * One running copy of a policy module, with the bundle's data in its memory. It answers one question at a time.
 *
 * It speaks OPA's ABI itself instead of through `@open-policy-agent/opa-wasm`: that SDK takes falsy inputs for none, prints to stdout,
 * finds a missing built-in only when it is called, and does not export its built-ins; its answers are what the tests compare with.
 */
export class Instance {
  /** Entrypoint ids by name. */
  readonly entrypoints: ReadonlyMap<string, number>;
  readonly #memory: Memory;
  readonly #exports: PolicyExports;
  readonly #builtins: readonly (Builtin | undefined)[];
  readonly #data: number;
  // Everything below this address stays between questions; everything above is forgotten before the next one.
  readonly #heap: number;
  #bytes: Buffer;

  /** @throws ProblemError `bundle-invalid` for an ABI, built-in, data or memory need that cannot be met */
  constructor(compiled: CompiledModule) {
    const { memory, exports } = this.#start(compiled);
    this.#memory = memory;
    this.#exports = exports;
    this.#bytes = Buffer.from(memory.buffer);
    const version = `${exports.opa_wasm_abi_version.value}.${exports.opa_wasm_abi_minor_version.value}`;
    if (exports.opa_wasm_abi_version.value !== 1 || exports.opa_wasm_abi_minor_version.value < 2) {
      throw refusal(`the module has ABI ${version}; this engine speaks 1.2 and later 1.x`);
    }
    this.entrypoints = new Map(Object.entries(this.#read(exports.opa_json_dump(exports.entrypoints())) as Record<string, number>));
    this.#builtins = bind(this.#read(exports.opa_json_dump(exports.builtins())) as Record<string, number>, compiled.builtins);
    this.#data = this.#write(compiled.data);
    if (this.#data === 0) throw refusal('the module cannot read the data.json');
    this.#heap = align(exports.opa_heap_ptr_get());
  }

  /** Bytes of linear memory now. It never shrinks. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * The result set's only value, or `undefined` for an empty one.
   * @param input JSON text, or `undefined` for none
   * @throws whatever went wrong; the instance must not be used again
   */
  evaluate(entrypoint: number, input: string | Uint8Array | undefined): unknown {
    const start = this.#heap;
    let length = 0;
    if (input !== undefined) {
      // A UTF-16 unit takes at most three bytes of UTF-8.
      this.#reserve(start + (typeof input === 'string' ? input.length * 3 : input.byteLength));
      length = typeof input === 'string' ? encoder.encodeInto(input, this.#bytes.subarray(start)).written : input.byteLength;
      if (typeof input !== 'string') this.#bytes.set(input, start);
    }
    // opa_eval takes a text that it cannot parse for no input at all, so what JSON.stringify does not vouch for is tried first.
    if (input !== undefined && (typeof input !== 'string' || input.includes('\\ud'))) this.#assertJson(start, length);
    const address = input === undefined ? 0 : start;
    const results = this.#read(this.#exports.opa_eval(0, entrypoint, this.#data, address, length, align(start + length), 0));
    if (!Array.isArray(results) || results.length > 1) throw new Error('the policy gave no result set of at most one');
    return (results[0] as { result?: unknown } | undefined)?.result;
  }

  #assertJson(address: number, length: number): void {
    this.#exports.opa_heap_ptr_set(align(address + length));
    if (length === 0 || this.#exports.opa_json_parse(address, length) === 0) throw new Error('the input is no JSON text');
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
    const result = builtin(...args.map((arg) => this.#read(this.#exports.opa_json_dump(arg))));
    if (result === undefined) return 0;
    const address = this.#write(encoder.encode(JSON.stringify(result)));
    if (address === 0) throw new Error(`the answer of the built-in ${id} has no JSON form`);
    return address;
  }

  /** Parses JSON text into a value in linear memory; 0 if it is none. */
  #write(json: Uint8Array): number {
    const address = this.#exports.opa_malloc(json.byteLength);
    this.#refresh();
    this.#bytes.set(json, address);
    return this.#exports.opa_json_parse(address, json.byteLength);
  }

  #read(address: number): unknown {
    return JSON.parse(this.#text(address));
  }

  #text(address: number): string {
    this.#refresh();
    const end = this.#bytes.indexOf(0, address);
    return this.#bytes.toString('utf8', address, end < 0 ? this.#bytes.byteLength : end);
  }

  #reserve(end: number): void {
    const missing = end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.#refresh();
  }

  // Growing detaches the old buffer.
  #refresh(): void {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = Buffer.from(this.#memory.buffer);
  }
}

function bind(needed: Readonly<Record<string, number>>, given: Readonly<Record<string, Builtin>>): (Builtin | undefined)[] {
  const bound: (Builtin | undefined)[] = [];
  const missing = Object.keys(needed).filter((name) => !Object.hasOwn(given, name));
  if (missing.length > 0) throw refusal(`nobody provides the built-in functions it needs: ${missing.toSorted().join(', ')}`);
  for (const [name, id] of Object.entries(needed)) bound[id] = given[name];
  return bound;
}

function align(address: number): number {
  return (address + 7) & ~7;
}

function refusal(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('bundle-invalid', { detail, ...(cause === undefined ? {} : { cause }) });
}

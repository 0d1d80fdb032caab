// OPA's WebAssembly ABI 1.2 and later (OPA, "WebAssembly": Policy evaluation). The types of WebAssembly come with the DOM's in
// TypeScript, and this room has no DOM: what is used of them is written here.

/** Linear memory; its buffer is another one after it has grown. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A compiled module. */
export interface Module {
  readonly opaque?: never;
}

interface External {
  readonly module?: string;
  readonly name: string;
  readonly kind: string;
}

interface WebAssemblyApi {
  readonly Module: { exports(module: Module): External[]; imports(module: Module): External[] };
  readonly Instance: new (module: Module, imports: object) => { readonly exports: unknown };
  readonly Memory: new (descriptor: { initial: number; maximum: number }) => Memory;
  readonly LinkError: new () => Error;
  compile(bytes: Uint8Array): Promise<Module>;
}

/** The WebAssembly of this Node.js. */
export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

/** Bytes of a page of linear memory (WebAssembly §4.2.8). */
export const PAGE_BYTES = 65536;

/** What a policy module exports and this engine calls. Numbers are addresses in linear memory. */
export interface PolicyExports {
  readonly opa_wasm_abi_version: { readonly value: number };
  readonly opa_wasm_abi_minor_version: { readonly value: number };
  builtins(): number;
  entrypoints(): number;
  eval(context: number): number;
  opa_eval_ctx_new(): number;
  opa_eval_ctx_set_input(context: number, value: number): void;
  opa_eval_ctx_set_data(context: number, value: number): void;
  opa_eval_ctx_set_entrypoint(context: number, entrypoint: number): void;
  opa_eval_ctx_get_result(context: number): number;
  opa_malloc(size: number): number;
  opa_json_parse(address: number, length: number): number;
  opa_json_dump(value: number): number;
  opa_value_parse(address: number, length: number): number;
  opa_value_dump(value: number): number;
  opa_heap_ptr_get(): number;
  opa_heap_ptr_set(address: number): void;
}

/** The functions among them. */
export const EXPORTED_FUNCTIONS = [
  'builtins',
  'entrypoints',
  'eval',
  'opa_eval_ctx_new',
  'opa_eval_ctx_set_input',
  'opa_eval_ctx_set_data',
  'opa_eval_ctx_set_entrypoint',
  'opa_eval_ctx_get_result',
  'opa_malloc',
  'opa_json_parse',
  'opa_json_dump',
  'opa_value_parse',
  'opa_value_dump',
  'opa_heap_ptr_get',
  'opa_heap_ptr_set',
] as const;

/** What a policy module may import, all from `env`. */
export const IMPORTS: readonly string[] = [
  'memory',
  'opa_abort',
  'opa_println',
  'opa_builtin0',
  'opa_builtin1',
  'opa_builtin2',
  'opa_builtin3',
  'opa_builtin4',
];

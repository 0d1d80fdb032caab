import type { Test } from 'tap';

/** What a policy module exports, in an object whose functions a test may replace. */
export interface WatchedExports {
  opa_heap_ptr_get(): number;
  opa_heap_ptr_set(address: number): void;
  eval(context: number): number;
}

/** A policy module that was started, seen from beside the engine. */
export interface Watched {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly exports: WatchedExports;
  /** How often its `eval` was called. */
  calls: number;
}

interface Api {
  Instance: new (module: unknown, imports: { env: { memory: Watched['memory'] } }) => { readonly exports: object };
}

/** Collects the WebAssembly instances that are started until the test ends. */
export function watchInstances(t: Test): Watched[] {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: Api };
  const { Instance } = WebAssembly;
  const started: Watched[] = [];
  WebAssembly.Instance = class {
    readonly exports: object;

    constructor(...args: ConstructorParameters<Api['Instance']>) {
      const own = { ...new Instance(...args).exports } as WatchedExports;
      const evaluate = own.eval;
      const watched: Watched = { memory: args[1].env.memory, exports: own, calls: 0 };
      own.eval = (context) => {
        watched.calls += 1;
        return evaluate(context);
      };
      started.push(watched);
      this.exports = own;
    }
  };
  t.teardown(() => {
    WebAssembly.Instance = Instance;
  });
  return started;
}

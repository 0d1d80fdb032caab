import { ProblemError } from '#problem';
import { JsonText } from '../json-text.js';
import { RegoObject } from '../terms/index.js';
import type { CompiledModule } from './compiled-module.js';
import { type Input, Instance } from './instance.js';

/** How far an instance may outgrow a fresh one before it is thrown away after its answer. */
const SPARE_BYTES = 4 * 1024 * 1024;

/**
 * The idle instances of one module. Evaluation is synchronous, so one is enough unless a built-in asks the same bundle again.
 * An instance that failed, or grew beyond SPARE_BYTES, never answers again: linear memory does not shrink, and after a trap
 * nobody knows what it holds.
 */
export class InstancePool {
  /** Entrypoint ids by name. */
  readonly entrypoints: ReadonlyMap<string, number>;
  /** The host built-ins that the module declares to call, by OPA's names. */
  readonly needs: readonly string[];
  readonly #compiled: CompiledModule;
  readonly #idle: Instance[];
  /** Linear memory of an instance that has just started. */
  readonly memoryBytes: number;

  /** Starts the first instance. @throws ProblemError `bundle-invalid`, see Instance */
  constructor(compiled: CompiledModule) {
    const first = startFirst(compiled);
    this.#compiled = compiled;
    this.#idle = [first];
    this.memoryBytes = first.memoryBytes;
    this.entrypoints = first.entrypoints;
    this.needs = first.needs;
  }

  /** See Bundle.evaluate; the entrypoint is an id of `entrypoints`. */
  evaluate(entrypoint: number, input: unknown): unknown {
    const question = written(input);
    return this.#lend((instance) => instance.evaluate(entrypoint, question));
  }

  /** See Bundle.evaluateToJson. */
  evaluateToJson(entrypoint: number, input: unknown): string | undefined {
    const question = written(input);
    return this.#lend((instance) => instance.evaluateToJson(entrypoint, question));
  }

  /** See Instance.answerText. */
  answerText(entrypoint: number, input: unknown): string {
    const question = written(input);
    return this.#lend((instance) => instance.answerText(entrypoint, question));
  }

  #lend<T>(use: (instance: Instance) => T): T {
    try {
      const instance = this.#idle.pop() ?? new Instance(this.#compiled);
      const value = use(instance);
      if (instance.memoryBytes <= this.memoryBytes + SPARE_BYTES) this.#idle.push(instance);
      return value;
    } catch (cause) {
      throw new ProblemError('evaluation-failed', { cause });
    }
  }
}

function startFirst(compiled: CompiledModule): Instance {
  try {
    return new Instance(compiled);
  } catch (cause) {
    throw cause instanceof ProblemError ? cause : new ProblemError('bundle-invalid', { detail: 'the module fails at its start', cause });
  }
}

/** An input as an instance takes it. @throws TypeError if it has no JSON form */
export function written(input: unknown): Input {
  if (input instanceof JsonText) return input.text;
  if (input === undefined || input instanceof Uint8Array || input instanceof RegoObject) return input;
  const json = JSON.stringify(input) as string | undefined;
  if (json === undefined) throw new TypeError('the input has no JSON form');
  return json;
}

import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { OutsideLimits, OutsideResponse } from '#fetching';
import { type Builtin, BuiltinError, type Builtins, type Evaluation } from '../builtins/builtin.js';
import { fromJson } from '../builtins/from-json.js';
import { checkRequest, requestOf } from '../builtins/http-request.js';
import { ownBuiltins } from '../builtins/index.js';
import { objectAt, textAt } from '../builtins/operands.js';
import { readYaml } from '../builtins/yaml-reader.js';
import { keyOf, RegoObject, RegoSet, type Term, termOf } from '../terms/index.js';
import type { OutsideOutcome, OutsideTask } from './outside-thread.js';

/** The built-ins that reach out of the process. */
export interface Outside {
  /** `http.send` and `net.lookup_ip_addr`. **They block the thread that calls them** until the answer is there. */
  readonly builtins: Builtins;
  /** Ends what waits for answers. */
  close(): Promise<void>;
}

/**
 * Lets policies ask hosts that the operator allows by name. Only for a thread that may be blocked: never for that of the gateway.
 * The connections are those of a thread of its own, which is started by the first call.
 */
export function openOutside(limits: OutsideLimits): Outside {
  const thread = new OutsideThread(limits);
  return {
    builtins: {
      'http.send': (args, evaluation) => httpSend(objectAt(args, 0), evaluation, thread),
      'net.lookup_ip_addr': lookedUp(thread),
    },
    close: () => thread.close(),
  };
}

/** What a thread may call: all built-ins, and those that reach out where the operator allows hosts. */
export function builtinsWith(limits: OutsideLimits | undefined): Builtins {
  return limits === undefined ? ownBuiltins : { ...ownBuiltins, ...openOutside(limits).builtins };
}

/** What came of a question; once in an evaluation. */
type Outcome = { readonly value: unknown } | { readonly refusal: string };

const GRACE_MS = 500;
const DEADLINE_MS = 2000;

/** A thread that is asked, and waited for. */
class OutsideThread {
  readonly #limits: OutsideLimits;
  #started: { readonly worker: Worker; readonly port: import('node:worker_threads').MessagePort } | undefined;
  #count = 0;

  constructor(limits: OutsideLimits) {
    this.#limits = limits;
  }

  ask(what: OutsideTask['what']): Outcome {
    const { port } = this.#start();
    this.#count += 1;
    const id = this.#count;
    const signal = new Int32Array(new SharedArrayBuffer(4));
    port.postMessage({ id, signal, what } satisfies OutsideTask);
    const { deadlineMs = DEADLINE_MS } = this.#limits;
    if (Atomics.wait(signal, 0, 0, deadlineMs + GRACE_MS) === 'timed-out') return { refusal: 'request timed out' };
    // Answers to questions that nobody waits for any more come first.
    for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
      const { id: answered, value, refusal } = received.message as OutsideOutcome;
      if (answered === id) return refusal === undefined ? { value } : { refusal };
    }
    return { refusal: 'the request failed' };
  }

  async close(): Promise<void> {
    this.#started?.port.close();
    await this.#started?.worker.terminate();
    this.#started = undefined;
  }

  #start() {
    if (this.#started !== undefined) return this.#started;
    const { port1: port, port2 } = new MessageChannel();
    const worker = new Worker(new URL('./outside-thread.js', import.meta.url), {
      workerData: { port: port2, limits: this.#limits },
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    worker.unref();
    port.unref();
    this.#started = { worker, port };
    return this.#started;
  }
}

function lookedUp(thread: OutsideThread): Builtin {
  return (args, evaluation) => {
    const host = textAt(args, 0);
    const outcome = evaluation.once(`net.lookup_ip_addr ${host}`, () => thread.ask({ host }));
    if ('refusal' in outcome) throw new BuiltinError(`net.lookup_ip_addr: ${outcome.refusal}`);
    return RegoSet.of(outcome.value as readonly string[]);
  };
}

function httpSend(request: RegoObject, evaluation: Evaluation, thread: OutsideThread): Term {
  const raises = request.get('raise_error') ?? true;
  if (typeof raises !== 'boolean') throw new BuiltinError('invalid value for raise_error field');
  try {
    checkRequest(request);
    const sent = requestOf(request);
    const outcome = evaluation.once(`http.send ${keyOf(request)}`, () => thread.ask({ request: sent }));
    if ('refusal' in outcome) throw new NetworkError(`http.send: ${outcome.refusal}`);
    return responseOf(outcome.value as OutsideResponse, request);
  } catch (cause) {
    if (raises || !(cause instanceof BuiltinError)) throw cause;
    const code = cause instanceof NetworkError ? 'eval_http_send_network_error' : 'eval_http_send_internal_error';
    return termOf({ status_code: 0, error: { code, message: cause.message } });
  }
}

class NetworkError extends BuiltinError {}

/** As OPA has it: the body as a term if it says to be JSON or YAML, and is. */
function responseOf({ status, statusText, headers, body }: OutsideResponse, request: RegoObject): Term {
  return RegoObject.of([
    ['status', statusText],
    ['status_code', termOf(status)],
    ['body', decoded(body, headers['content-type']?.[0] ?? '', request)],
    ['raw_body', body],
    ['headers', termOf(headers)],
  ]);
}

function decoded(body: string, contentType: string, request: RegoObject): Term {
  const isJson = request.get('force_json_decode') === true || /^\s*application\/(?:json|[^/;\s]+\+json)\s*(?:;|$)/i.test(contentType);
  const isYaml = request.get('force_yaml_decode') === true || /application\/(?:x-)?yaml/.test(contentType);
  if (!isJson && !isYaml) return null;
  try {
    return isJson ? fromJson(body) : readYaml(body);
  } catch (cause) {
    if (cause instanceof BuiltinError) return null;
    throw cause;
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Config } from '#config';
import { demoTokenFor, demoWorld } from '#demo';
import { present, toInstant } from '#domain';
import { startGateway } from '#gateway';
import { createLog } from '#telemetry';
import { lastingPort, type RunningCommand, startCommand, written } from '../fixtures/command.js';
import { demoConfig } from '../fixtures/filled-folder.js';
import type { Holder } from '../fixtures/gateway.js';
import { openLogFile } from '../fixtures/log-file.js';
import { keptKey, type SigningKey } from '../fixtures/signing-key.js';

/** An answer, as far as the load looks at it. */
export interface NodeAnswer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** What a process holds. */
export interface Footprint {
  readonly rssMib: number;
  readonly handles: number;
}

interface Ending {
  teardown(end: () => unknown): void;
}

/** Nobody is waited for longer: then it is not known what became of the request. */
const PATIENCE_MS = 60_000;
/** How long a token serves before another one is signed. */
const TOKEN_MS = 43_200_000;

/** Who can be asked. */
export interface AskedNode {
  readonly name: string;
  /** Whether it is there to be asked. */
  readonly isServing: boolean;
  /** Sends a request as a holder; rejects when the connection fails, of which nothing can be concluded. */
  ask(
    holder: Holder | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<NodeAnswer>;
}

/** Sends requests to an address, over connections that are kept. */
class Caller {
  readonly #origin: string;
  readonly #config: Config;
  #key: SigningKey | undefined;
  readonly #clock: () => number;
  /** Closes what is idle before the server does: a request that crosses its end would fail, and nobody could tell why. */
  readonly #agent = new Agent({ keepAlive: true, timeout: 2000 });
  readonly #tokens = new Map<string, Promise<string | undefined>>();

  /** @param config of the store whose keys sign tokens @param clock when they are signed */
  constructor(origin: string, config: Config, clock: () => number = Date.now) {
    this.#origin = origin;
    this.#config = config;
    this.#clock = clock;
  }

  readonly ask: AskedNode['ask'] = async (holder, method, path, body, headers = {}) => {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const all: Record<string, string> = { ...headers };
    if (holder !== undefined) all['Authorization'] = `Bearer ${await this.#tokenOf(holder)}`;
    // Of itself Node tells no length with a DELETE.
    if (sent !== undefined) Object.assign(all, { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(sent)) });
    return this.#exchange(method, path, all, sent);
  };

  /** Closes the connections that are kept. */
  close(): void {
    this.#agent.destroy();
  }

  #exchange(method: string, path: string, headers: Record<string, string>, body: string | undefined): Promise<NodeAnswer> {
    return new Promise((resolve, reject) => {
      const asked = request(`${this.#origin}${path}`, { method, headers, agent: this.#agent, timeout: PATIENCE_MS }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text += part;
        });
        answer.on('error', reject).on('aborted', () => reject(new Error('the answer broke off')));
        answer.on('end', () => {
          const { etag, 'retry-after': retryAfter } = answer.headers;
          resolve({ status: answer.statusCode ?? 0, etag, retryAfter, text });
        });
      });
      asked.on('error', reject).on('timeout', () => asked.destroy(new Error('no answer came')));
      asked.end(body);
    });
  }

  /**
   * Has the key that signs, which lies in the store: while the database is there, and before anybody of this process follows a store that is a file, whose
   * locks would go with the second look.
   * @param t of a test in whose process the gateway runs
   */
  async prepare(t?: Ending): Promise<void> {
    this.#key ??= await keptKey(this.#config, this.#config.mongodbUri === undefined ? t : undefined);
  }

  async #signed(holder: Holder): Promise<string | undefined> {
    if (this.#key === undefined) throw new TypeError('the caller is not prepared');
    const terms = { signer: this.#key, origin: this.#origin, lifetimeSeconds: (2 * TOKEN_MS) / 1000, now: this.#clock() };
    return demoTokenFor(demoWorld(toInstant(0)), holder, terms);
  }

  #tokenOf(holder: Holder): Promise<string | undefined> {
    const name = `${JSON.stringify(holder)} ${Math.floor(this.#clock() / TOKEN_MS)}`;
    const known = this.#tokens.get(name);
    if (known !== undefined) return known;
    const token = this.#signed(holder);
    this.#tokens.set(name, token);
    return token;
  }
}

/** A gateway in a process of its own, that is killed and started again at the same address. */
export class GatewayNode implements AskedNode {
  readonly name: string;
  readonly origin: string;
  readonly #data: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly ask: AskedNode['ask'];
  readonly #caller: Caller;
  #running: RunningCommand | undefined;
  /** Whether it has said that it listens, and has not been told to end. */
  isServing = false;
  starts = 0;

  private constructor(name: string, port: number, data: string, env: Readonly<Record<string, string>>) {
    this.name = name;
    this.origin = `http://127.0.0.1:${port}`;
    this.#data = data;
    this.#caller = new Caller(this.origin, { ...demoConfig(data), ...present({ mongodbUri: env['TILGANG_MONGODB_URI'] }) });
    this.ask = this.#caller.ask;
    this.#env = { TILGANG_PORT: String(port), TILGANG_LOG_LEVEL: 'warn', TILGANG_REFUSALS_PER_MINUTE: '1000000', ...env };
  }

  /** Starts one over a data folder, and ends it when the test ends. */
  static async start(t: Ending, name: string, data: string, env: Readonly<Record<string, string>> = {}): Promise<GatewayNode> {
    const node = new GatewayNode(name, await lastingPort(), data, env);
    t.teardown(() => node.kill());
    await node.start();
    await node.#caller.prepare();
    return node;
  }

  /** Starts it at its address; resolves when it listens. */
  async start(): Promise<void> {
    const running = startCommand(['serve'], { TILGANG_MODE: 'demo', TILGANG_DATA: this.#data, ...this.#env });
    this.#running = running;
    await written(running, running.stderr, /Ctrl-C stops it/);
    this.isServing = true;
    this.starts += 1;
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    this.isServing = false;
    this.#running?.child.kill('SIGKILL');
    await this.#running?.ended;
  }

  /** Ends it as an operator does; resolves to its exit code. */
  async stop(): Promise<number | null> {
    this.#running?.child.kill('SIGTERM');
    const code = (await this.#running?.ended)?.code ?? null;
    this.isServing = false;
    return code;
  }

  /** What its process holds now; nothing while it is down. */
  footprint(): Footprint | undefined {
    const pid = this.#running?.child.pid;
    try {
      const rss = /VmRSS:\s+([0-9]+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return rss === undefined ? undefined : { rssMib: Math.round(Number(rss) / 1024), handles: readdirSync(`/proc/${pid}/fd`).length };
    } catch {
      return undefined;
    }
  }
}

/**
 * A gateway in this process, which is cheaper and shares its fate.
 * @param config of a store and a folder that are filled
 * @param clock what it takes the time from, and signs tokens by
 */
export async function startLocalNode(t: Ending, name: string, config: Config, clock: () => number = Date.now): Promise<AskedNode> {
  const gateway = await startGateway(config, createLog('error', { write: openLogFile() }), clock);
  const caller = new Caller(gateway.origin, config, clock);
  await caller.prepare(t);
  t.teardown(async () => {
    caller.close();
    await gateway.stop();
  });
  return { name, isServing: true, ask: caller.ask };
}

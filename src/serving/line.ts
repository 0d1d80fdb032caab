import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { present } from '#domain';
import { type FieldFault, ProblemError, type ProblemSlug } from '#problem';

/** What one end of a line may be asked, by name; a connection may come with it. */
// biome-ignore lint/suspicious/noExplicitAny: each duty says what it takes.
export type Duties = Readonly<Record<string, (argument: any, socket?: Socket) => unknown>>;

/** The end of the channel between a parent and a worker. */
export type LineEnd = Pick<ChildProcess, 'send' | 'on' | 'once'>;

type Said =
  | { readonly ask: number; readonly what: string; readonly argument: unknown }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly fault: SentFault };

/** A fault as it goes over a line: what is cloned of an Error is its text alone. */
interface SentFault {
  readonly message: string;
  readonly stack: string | undefined;
  readonly system: { readonly code?: unknown; readonly syscall?: unknown; readonly path?: unknown };
  readonly problem?: {
    readonly slug: ProblemSlug;
    readonly detail: string | undefined;
    readonly at: readonly FieldFault[];
    readonly retryAfterSeconds: number | undefined;
    readonly cause: SentFault | undefined;
  };
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The process at the other end has ended, or is about to. */
export class Gone extends Error {
  constructor() {
    super('the process at the other end is gone');
  }
}

/** Questions and answers between a parent and a worker, either way; what is sent arrives in its order. */
export class Line<Asked extends Duties> {
  readonly #end: LineEnd;
  readonly #pending = new Map<number, Pending>();
  #count = 0;
  #isGone = false;

  /** @param duties what this end answers */
  constructor(end: LineEnd, duties: Duties) {
    this.#end = end;
    end.on('message', (message: unknown, socket: unknown) => {
      const said = message as Said;
      if ('ask' in said) void this.#answer(said, duties, socket as Socket | undefined);
      else this.#answered(said);
    });
    // Both come after all that the other end has said. Of a child that ends with a connection on its way to it the second alone is told.
    for (const over of ['disconnect', 'close']) end.once(over, () => this.#gone());
  }

  /**
   * @param socket goes along, and stays open here too: nobody else could say what has become of it if the other end dies
   * @throws what the other end throws; Gone
   */
  ask<What extends keyof Asked & string>(
    what: What,
    argument: Parameters<Asked[What]>[0],
    socket?: Socket,
  ): Promise<Awaited<ReturnType<Asked[What]>>> {
    return new Promise((resolve, reject) => {
      if (this.#isGone) {
        reject(new Gone());
        return;
      }
      this.#count += 1;
      this.#pending.set(this.#count, { resolve: resolve as Pending['resolve'], reject });
      this.#send({ ask: this.#count, what, argument }, socket);
    });
  }

  async #answer({ ask, what, argument }: Extract<Said, { ask: number }>, duties: Duties, socket: Socket | undefined): Promise<void> {
    try {
      this.#send({ answer: ask, value: await duties[what]?.(argument, socket) });
    } catch (error) {
      this.#send({ answer: ask, fault: sentFault(error) });
    }
  }

  #answered(said: Extract<Said, { answer: number }>): void {
    const pending = this.#pending.get(said.answer);
    this.#pending.delete(said.answer);
    if ('fault' in said) pending?.reject(receivedFault(said.fault));
    else pending?.resolve(said.value);
  }

  #send(said: Said, socket?: Socket): void {
    this.#end.send(said, socket, { keepOpen: true }, (error) => {
      // Of what has been said before the answers may still be read.
      if (error === null || !('ask' in said)) return;
      this.#pending.get(said.ask)?.reject(new Gone());
      this.#pending.delete(said.ask);
    });
  }

  #gone(): void {
    this.#isGone = true;
    for (const { reject } of this.#pending.values()) reject(new Gone());
    this.#pending.clear();
  }
}

function sentFault(error: unknown): SentFault {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, system: {} };
  const { message, stack, code, syscall, path } = error as NodeJS.ErrnoException;
  const sent: SentFault = { message, stack, system: { code, syscall, path } };
  if (!(error instanceof ProblemError)) return sent;
  const { slug, detail, at, retryAfterSeconds, cause } = error;
  return { ...sent, problem: { slug, detail, at, retryAfterSeconds, cause: cause === undefined ? undefined : sentFault(cause) } };
}

function receivedFault({ message, stack, system, problem }: SentFault): Error {
  if (problem === undefined) return Object.assign(new Error(message), system, { stack });
  const { slug, cause, ...told } = problem;
  return new ProblemError(slug, present({ ...told, cause: cause === undefined ? undefined : receivedFault(cause) }));
}

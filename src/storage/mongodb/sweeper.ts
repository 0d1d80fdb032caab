/** Does a piece of clearing up when it is told to, one piece at a time: nobody waits for it, and whatever is in its way, it is tried again. */
export class Sweeper {
  readonly #piece: () => Promise<void>;
  #running: Promise<void> | undefined;

  constructor(piece: () => Promise<void>) {
    this.#piece = piece;
  }

  /** Begins with a piece, unless one is at work. */
  sweep(): void {
    this.#running ??= this.#piece()
      .catch(() => {})
      .then(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when no piece is at work. */
  async close(): Promise<void> {
    await this.#running;
  }
}

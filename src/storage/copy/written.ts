/** Up to which place of its log a store is written, for whoever checks it meanwhile. Only the newest place is handed out. */
export class Written implements AsyncIterable<number> {
  #place = 0;
  #isEnded = false;
  #fault: Error | undefined;
  #wake: (() => void) | undefined;

  /** The events up to there are written. */
  upTo(place: number): void {
    this.#place = place;
    this.#wake?.();
  }

  /** All is written. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** No more will be written; nobody needs to go on with checking. */
  breakOff(): void {
    this.#fault ??= new Error('what was to be checked is broken off');
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    for (let told = -1; ; ) {
      if (this.#fault !== undefined) throw this.#fault;
      if (told < this.#place) {
        told = this.#place;
        yield told;
      } else if (this.#isEnded) return;
      else await this.#next();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

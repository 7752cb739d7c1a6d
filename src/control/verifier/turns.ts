// Who may go on, of many that want to at once: in the order of their coming, so many at a time. Called
// by execution-verifier.ts.

interface Waiting {
  start: () => void;
  tell: (ahead: number) => void;
}

export class Turns {
  readonly #parallel: number;
  #running = 0;
  readonly #waiting: Waiting[] = [];

  constructor(parallel: number) {
    this.#parallel = parallel;
  }

  /**
   * Resolves when it is one's turn, with what ends it. `tell`: how many are before one, at first and
   * whenever that changes. Rejects with the signal's reason where it is aborted, and is out of the queue.
   */
  async take(tell: (ahead: number) => void, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#running < this.#parallel) return this.#begin();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const own: Waiting = { start: resolve, tell };
    const giveUp = () => {
      const index = this.#waiting.indexOf(own);
      if (index < 0) return;
      this.#waiting.splice(index, 1);
      this.#tellFrom(index);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#waiting.push(own);
    tell(this.#waiting.length);
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
    return this.#ended();
  }

  #begin(): () => void {
    this.#running++;
    return this.#ended();
  }

  /** Gives the turn on: whoever is next runs in its place. */
  #ended(): () => void {
    let over = false;
    return () => {
      if (over) return;
      over = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next.start();
      this.#tellFrom(0);
    };
  }

  #tellFrom(index: number): void {
    for (const [at, { tell }] of this.#waiting.entries()) if (at >= index) tell(at + 1);
  }
}

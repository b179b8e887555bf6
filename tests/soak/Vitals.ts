import type { TestApplication } from "../support/TestApplication";

const INTERVAL_MS = 1_000;

/** Measurements of the application at one moment. */
export interface Sample {
  /** ms of the clock */
  readonly at: number;
  /** bytes */
  readonly heapUsed: number;
  /** 99th percentile since the sample before, in ms */
  readonly eventLoopDelay: number;
}

/** Samples an application once a second. */
export class Vitals {
  readonly samples: Sample[] = [];
  readonly #base: string;
  readonly #timer: NodeJS.Timeout;

  constructor({ port }: TestApplication) {
    this.#base = `http://127.0.0.1:${port}/_/probe`;
    this.#timer = setInterval(() => void this.#sample(), INTERVAL_MS);
  }

  async #sample(): Promise<void> {
    try {
      const { eventLoopDelay, heapUsed } = await this.#ask("vitals");
      this.samples.push({
        at: Date.now(),
        eventLoopDelay: Number(eventLoopDelay),
        heapUsed: Number(heapUsed),
      });
    } catch {
      // A fault is on: the next sample tells of this second, too.
    }
  }

  /** The bytes of the heap after a full collection. */
  async heapAfterCollection(): Promise<number> {
    return Number((await this.#ask("memory"))["heapUsed"]);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #ask(action: string): Promise<Record<string, number>> {
    const response = await fetch(`${this.#base}/${action}`);
    const { error, result } = (await response.json()) as {
      error: { message: string } | null;
      result: Record<string, number>;
    };
    if (error) {
      throw new Error(error.message);
    }

    return result;
  }
}

import type { ApiAnswer, ApiRequest } from "../support/request";
import type { Sender } from "../support/UpdateLedger";
import { KeptAliveHttp } from "./KeptAliveHttp";

interface Waiting {
  readonly request: ApiRequest;
  readonly resolve: (answer: ApiAnswer) => void;
  readonly reject: (error: unknown) => void;
}

interface BulkAnswer {
  readonly items: readonly { readonly update: { readonly status: number } }[];
}

/** Sends all updates that wait as one `_bulk` of Elasticsearch, as soon as the one before is back. */
export class BulkSender implements Sender {
  readonly #http: KeptAliveHttp;
  readonly #path: string;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(url: string) {
    this.#http = new KeptAliveHttp(url, 1);
    this.#path = `${new URL(url).pathname}/_bulk`;
  }

  send(request: ApiRequest): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ reject, request, resolve });
      if (!this.#busy) {
        this.#busy = true;
        setImmediate(() => void this.#drain());
      }
    });
  }

  close(): void {
    this.#http.close();
  }

  async #drain(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const { items } = await this.#bulk(batch);
      batch.forEach(({ resolve }, position) => {
        const status = items[position]?.update.status;
        resolve({ body: { error: status === 200 ? null : { status } } });
      });
    } catch (error) {
      for (const { reject } of batch) {
        reject(error);
      }
    }
    // Those that were answered send their next ones first.
    setImmediate(() => {
      this.#busy = this.#waiting.length > 0;
      if (this.#busy) {
        void this.#drain();
      }
    });
  }

  async #bulk(batch: readonly Waiting[]): Promise<BulkAnswer> {
    const lines = batch.map(
      ({ request: { _id, body } }) =>
        `${JSON.stringify({ update: { _id } })}\n${JSON.stringify({ doc: body })}\n`,
    );
    const { text } = await this.#http.send("POST", this.#path, lines.join(""), {
      "content-type": "application/x-ndjson",
    });

    return JSON.parse(text) as BulkAnswer;
  }
}

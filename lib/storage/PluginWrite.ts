import type { JSONObject, KuzzleRequest } from "kuzzle";

import type { ClientCall, Read, WriteTag } from "../kuzzle/WriteTag";
import type { WriteWay } from "./writeWay";

/** One update of the plugin, as it passes through Kuzzle to storage. */
export class PluginWrite implements WriteTag {
  #isReadSkipped = false;
  readonly #onStored: (() => void) | undefined;
  readonly #retries: number | undefined;
  protected readonly way: WriteWay;

  /**
   * @param retries how often storage retries after a conflict; by default, as Kuzzle asks for
   * @param onStored called once the update is stored, before Kuzzle notifies and answers
   */
  constructor(way: WriteWay, retries?: number, onStored?: () => void) {
    this.#onStored = onStored;
    this.#retries = retries;
    this.way = way;
  }

  onValidate(request: KuzzleRequest): boolean {
    this.#isReadSkipped = this.way.isReadForNothing(request);

    return this.#isReadSkipped;
  }

  get read(): Read | undefined {
    return this.way.read;
  }

  async onUpdate(asked: ClientCall): Promise<JSONObject> {
    const answer = await this.#send(this.#withRetries(asked));
    this.#onStored?.();

    return answer;
  }

  async #send(call: ClientCall): Promise<JSONObject> {
    if (!this.#isReadSkipped) {
      return this.store(call);
    }

    try {
      return await this.store(call);
    } catch (error) {
      const { statusCode } = Object(error) as { statusCode?: number };
      if (statusCode === 404 || statusCode === 400) {
        // Natively the document is read first, so a missing document is reported with the error of that
        // read.
        const { id, index } = call.params;
        await call.client.get({ id: id as string, index: index as string });
      }
      if (statusCode === 404) {
        // The read succeeded: the document has been created meanwhile.
        return this.store(call);
      }
      throw error;
    }
  }

  protected store(call: ClientCall): Promise<JSONObject> {
    return this.way.store(call);
  }

  #withRetries(call: ClientCall): ClientCall {
    return this.#retries === undefined
      ? call
      : {
          ...call,
          params: { ...call.params, retry_on_conflict: this.#retries },
        };
  }
}

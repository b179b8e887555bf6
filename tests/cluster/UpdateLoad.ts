import { setTimeout as pause } from "node:timers/promises";

import type { NodeNumber } from "../support/Cluster";
import type { ApiRequest } from "../support/request";
import {
  ConnectionLost,
  type WebSocketClient,
} from "../support/WebSocketClient";

/** Updates that a client sends at most, and ms between an answer and the next one. */
const LIMIT = 1_500;
const PAUSE_MS = 20;

/** An update that was sent, and what came of it. */
export interface SentUpdate {
  readonly _id: string;
  /** The fields it writes: no other update does. */
  readonly fields: readonly [string, string];
  readonly outcome: "acknowledged" | "refused" | "lost" | "unanswered";
  /** When it came of it, in ms of the clock. */
  readonly at: number;
  /** Why it was not acknowledged. */
  readonly reason?: string;
}

/** A client that sends one update after another, until it is told to stop or its connection ends. */
export class UpdateLoad {
  readonly sent: SentUpdate[] = [];
  /** Resolves when the last update was answered. */
  readonly ended: Promise<void>;
  readonly node: NodeNumber;
  readonly #client: WebSocketClient;
  readonly #name: string;
  #stopped = false;

  /**
   * @param node the client's
   * @param name the first part of its fields
   * @param request what all updates have in common
   * @param ids the documents to update in turns
   */
  constructor(
    client: WebSocketClient,
    node: NodeNumber,
    name: string,
    request: ApiRequest,
    ids: readonly string[],
  ) {
    this.node = node;
    this.#client = client;
    this.#name = name;
    this.ended = this.#run(request, ids);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** The updates that were acknowledged after a moment. */
  acknowledged(since = 0): SentUpdate[] {
    return this.sent.filter(
      ({ at, outcome }) => outcome === "acknowledged" && at > since,
    );
  }

  async #run(request: ApiRequest, ids: readonly string[]): Promise<void> {
    for (let count = 0; count < LIMIT && !this.#stopped; count++) {
      const update = await this.#send(
        request,
        String(ids[count % ids.length]),
        count,
      );
      this.sent.push(update);
      if (update.outcome === "lost") {
        return;
      }
      await pause(PAUSE_MS);
    }
    await this.#client.close();
  }

  async #send(
    request: ApiRequest,
    _id: string,
    count: number,
  ): Promise<SentUpdate> {
    const fields = [
      `${this.#name}-${count}-a`,
      `${this.#name}-${count}-b`,
    ] as const;
    const body = Object.fromEntries(fields.map((field) => [field, count]));
    const became = (outcome: SentUpdate["outcome"], reason = "") => ({
      _id,
      at: Date.now(),
      fields,
      outcome,
      reason,
    });

    try {
      const answer = await this.#client.send({ ...request, _id, body });
      const error = answer.body["error"];
      return error ? became("refused", error.id) : became("acknowledged");
    } catch (error) {
      return became(error instanceof ConnectionLost ? "lost" : "unanswered");
    }
  }
}

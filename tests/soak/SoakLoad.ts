import { setTimeout as pause } from "node:timers/promises";

import type { JSONObject } from "kuzzle-sdk";

import {
  type ApiAnswer,
  type ApiClient,
  type ApiRequest,
  protocols,
  type Target,
} from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { type Sender, UpdateLedger } from "../support/UpdateLedger";

const CLIENTS_PER_PROTOCOL = 4;
/** Updates of one document, before the next one's turn: each of them makes it longer. */
const UPDATES_PER_DOCUMENT = 100;
/** How long a client that cannot begin waits before it tries again, in ms. */
const PATIENCE_MS = 500;

/** Kinds of updates, in turns. */
const mix: readonly { args: JSONObject; changes: JSONObject }[] = [
  { args: {}, changes: { state: "open" } },
  { args: { source: true }, changes: { nested: { deep: { er: 1 } } } },
  { args: { silent: true }, changes: { list: [1, 2, 3] } },
  { args: { retryOnConflict: 3 }, changes: { text: "x".repeat(10_000) } },
  { args: { refresh: "wait_for" }, changes: {} },
];

/** Clients of every protocol that update documents until they are stopped. */
export class SoakLoad {
  readonly #ledgers: UpdateLedger[] = [];
  readonly #clients: readonly ReconnectingClient[];
  readonly #ended: Promise<unknown>;
  #stopped = false;

  constructor(
    application: TestApplication,
    elasticsearchUrl: string,
    target: Target,
  ) {
    this.#clients = protocols.flatMap((protocol) =>
      Array.from(
        { length: CLIENTS_PER_PROTOCOL },
        () => new ReconnectingClient(() => application.connect(protocol)),
      ),
    );
    this.#ended = Promise.all(
      this.#clients.map((client, number) =>
        this.#run(client, number, elasticsearchUrl, target),
      ),
    );
  }

  async #run(
    client: ReconnectingClient,
    number: number,
    elasticsearchUrl: string,
    target: Target,
  ): Promise<void> {
    for (let round = number; !this.#stopped; round++) {
      try {
        const ledger = await UpdateLedger.open(elasticsearchUrl, target, 1);
        this.#ledgers.push(ledger);
        const { args = {}, changes = {} } = mix[round % mix.length] ?? {};
        // The slowest kind is the shortest round.
        const count = args["refresh"] ? 5 : UPDATES_PER_DOCUMENT;
        await ledger.send(client, count, changes, args);
      } catch {
        // A fault is on: the document could not be created.
        await pause(PATIENCE_MS);
      }
    }
  }

  /** Cuts the connections of every other client, in the middle of what they do. */
  async cut(): Promise<void> {
    await Promise.all(
      this.#clients
        .filter((_, number) => number % 2 === 0)
        .map((client) => client.close()),
    );
  }

  /** Has every client finish its round, and hang up. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** Counts the updates against storage. */
  async audit(): Promise<{
    acknowledged: number;
    lost: number;
    errors: Record<string, number>;
  }> {
    const total = {
      acknowledged: 0,
      errors: {} as Record<string, number>,
      lost: 0,
    };
    for (const ledger of this.#ledgers) {
      const { acknowledged, lost } = await ledger.audit();
      total.acknowledged += acknowledged;
      total.lost += lost;
      for (const [outcome, count] of ledger.outcomes) {
        if (outcome !== "acknowledged") {
          total.errors[outcome] = (total.errors[outcome] ?? 0) + count;
        }
      }
    }

    return total;
  }
}

/**
 * Sends requests over a connection, and opens another one after a request without an answer: on the
 * old one that answer could still come, and be taken for the next one's.
 */
class ReconnectingClient implements Sender {
  readonly #connect: () => Promise<ApiClient>;
  #client: ApiClient | undefined;

  constructor(connect: () => Promise<ApiClient>) {
    this.#connect = connect;
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    this.#client ??= await this.#connect();
    try {
      return await this.#client.send(request);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }
}

import type { JSONObject } from "kuzzle-sdk";

import type { ApiClient, Target } from "./request";

/** The outcome of an update: `acknowledged`, the status and id of its error, or why there was no answer. */
export type Outcome = string;

/** A client that takes requests while others are under way. */
export type Sender = Pick<ApiClient, "send">;

interface Entry {
  readonly _id: string;
  /** The field that this update writes, and no other. */
  readonly field: string;
  readonly outcome: Outcome;
}

/** Intercepted, and by the plugin's own action. */
const CONTROLLERS = ["document", "document-update"] as const;

let ledgers = 0;

/** Sends updates, notes what came of each, and counts the acknowledged ones against storage. */
export class UpdateLedger {
  readonly entries: Entry[] = [];
  readonly #elasticsearchUrl: string;
  readonly #ids: readonly string[];
  readonly #target: Target;

  private constructor(
    elasticsearchUrl: string,
    target: Target,
    ids: readonly string[],
  ) {
    this.#elasticsearchUrl = elasticsearchUrl;
    this.#ids = ids;
    this.#target = target;
  }

  /** @param clients how many updates are under way at once: each client has its document */
  static async open(
    elasticsearchUrl: string,
    target: Target,
    clients = 16,
  ): Promise<UpdateLedger> {
    const name = `ledger-${++ledgers}`;
    const ids = Array.from({ length: clients }, (_, n) => `${name}-${n}`);
    const ledger = new UpdateLedger(elasticsearchUrl, target, ids);
    await Promise.all(
      ids.map((_id) => ledger.#elasticsearch("PUT", `_doc/${_id}`, {})),
    );

    return ledger;
  }

  /**
   * Sends updates, each client one after another.
   *
   * @param count of updates, in all
   * @param changes what they change, beside the field that tells them apart
   * @param args the options of the updates
   */
  async send(
    through: Sender,
    count: number,
    changes: JSONObject = {},
    args: JSONObject = {},
  ): Promise<void> {
    const first = this.entries.length;
    let next = first;

    const client = async (_id: string): Promise<void> => {
      while (next < first + count) {
        const number = next++;
        const field = `update-${number}`;
        const outcome = await outcomeOf(
          through.send({
            ...this.#target,
            _id,
            action: "update",
            args,
            body: { ...changes, [field]: true },
            controller: CONTROLLERS[number % CONTROLLERS.length],
          }),
        );
        this.entries.push({ _id, field, outcome });
      }
    };
    await Promise.all(this.#ids.map(client));
  }

  /** The answered updates of a document, in the order of their answers. */
  of(_id: string): readonly Entry[] {
    return this.entries.filter((entry) => entry._id === _id);
  }

  /** The number of updates by outcome. */
  get outcomes(): ReadonlyMap<Outcome, number> {
    const counts = new Map<Outcome, number>();
    for (const { outcome } of this.entries) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }

    return counts;
  }

  /** Reads from Elasticsearch itself which updates are stored. */
  async audit(): Promise<{
    acknowledged: number;
    lost: number;
    unacknowledged: number;
    storedAllTheSame: number;
  }> {
    const { docs } = (await this.#elasticsearch("POST", "_mget", {
      ids: this.#ids,
    })) as { docs: { _id: string; _source?: JSONObject }[] };
    const sources = new Map(docs.map(({ _id, _source }) => [_id, _source]));
    const isStored = ({ _id, field }: Entry) =>
      sources.get(_id)?.[field] === true;
    const acknowledged = this.entries.filter(
      ({ outcome }) => outcome === "acknowledged",
    );
    const others = this.entries.filter(
      ({ outcome }) => outcome !== "acknowledged",
    );

    return {
      acknowledged: acknowledged.length,
      lost: acknowledged.filter((entry) => !isStored(entry)).length,
      storedAllTheSame: others.filter(isStored).length,
      unacknowledged: others.length,
    };
  }

  async #elasticsearch(
    method: string,
    path: string,
    body: JSONObject,
  ): Promise<unknown> {
    const { collection, index } = this.#target;
    // Kuzzle's name for the collection, in Elasticsearch.
    const alias = encodeURIComponent(`@&${index}.${collection}`);
    const response = await fetch(`${this.#elasticsearchUrl}/${alias}/${path}`, {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
      method,
    });
    if (!response.ok) {
      throw new Error(`${path}: ${await response.text()}`);
    }

    return response.json();
  }
}

/** Says what a client got. */
export async function outcomeOf(
  answer: Promise<{ body: JSONObject }>,
): Promise<Outcome> {
  try {
    const { body } = await answer;
    if (body["error"] === null) {
      return "acknowledged";
    }
    // Kuzzle's HTTP server answers with the error alone where it does not get as far as the API.
    const { id, status } = body["error"] ?? body;
    return `${status} ${id}`;
  } catch (error) {
    const { name } = error as Error;
    return name === "TimeoutError" ? "no answer in time" : "connection lost";
  }
}

import assert from "node:assert/strict";
import { it } from "node:test";

import fc from "fast-check";
import type { JSONObject } from "kuzzle-sdk";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { statsOf } from "./setting";

const seed = Number(process.env["FOLD_SEED"] ?? Date.now() % 2 ** 31);
const RUNS = 40;

/**
 * Keys of changes: few, so that the same ones are written again and again.
 *
 * Not among them: "__proto__". Kuzzle's Elasticsearch client refuses to read a document that has it,
 * so that natively its updates fail ever after.
 */
const KEYS = ["a", "b", "a.b", "hasOwnProperty", "toString"];

const { changes } = fc.letrec<{ changes: JSONObject; value: unknown }>(
  (tie) => ({
    changes: fc
      .uniqueArray(fc.tuple(fc.constantFrom(...KEYS), tie("value")), {
        maxLength: 3,
        selector: ([key]) => key,
      })
      .map((entries): JSONObject => Object.fromEntries(entries)),
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, 0, 1.5, "text", [], {}, [null, { a: [1] }]),
      tie("changes"),
      tie("changes"),
    ),
  }),
);

export function foldAgainstStorage(of: () => TestApplication): void {
  it(`folds updates as Elasticsearch stores them one after another, of seed ${seed}`, async () => {
    const application = of();
    const target = await application.createCollection("fold-any", {
      mappings: { dynamic: "false", properties: {} },
    });
    const socket = await PipelinedSocket.connect(application.port);
    const { folds: before } = await statsOf(application);
    let documents = 0;

    const sequences = fc.array(changes, { maxLength: 10, minLength: 2 });
    const property = fc.asyncProperty(
      changes,
      sequences,
      async (source, bodies) => {
        const name = `document-${++documents}`;
        const folded = await Stored.create(target, `${name}-folded`, source);
        const reference = await Stored.create(target, name, source);

        await Promise.all(bodies.map((body) => folded.send(socket, body)));
        for (const body of bodies) {
          await reference.update(body);
        }

        assert.equal(await folded.content(), await reference.content());
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed });

    const { folds } = await statsOf(application);
    await socket.close();
    const count = folds.count - before.count;
    assert.ok(count >= RUNS / 2, `${count} folds`);
    assert.ok(folds.sum - before.sum > 2 * count, "folds of but two");
  });
}

/** A document as Elasticsearch itself has it. */
class Stored {
  readonly #id: string;
  readonly #target: Target;

  private constructor(target: Target, id: string) {
    this.#id = id;
    this.#target = target;
  }

  static async create(
    target: Target,
    id: string,
    source: JSONObject,
  ): Promise<Stored> {
    const stored = new Stored(target, id);
    await stored.#call("PUT", "_doc", JSON.stringify(source));

    return stored;
  }

  /** Updates it through the plugin. */
  async send(socket: PipelinedSocket, body: JSONObject): Promise<void> {
    const { body: answer } = await socket.send({
      ...this.#target,
      _id: this.#id,
      action: "update",
      body,
      controller: "document-update",
    });
    assert.equal(answer["error"], null);
  }

  /** Updates it without. */
  async update(changes: JSONObject): Promise<void> {
    await this.#call("POST", "_update", JSON.stringify({ doc: changes }));
  }

  /** Returns it as JSON, in an order of keys that does not depend on that of writing. */
  async content(): Promise<string> {
    const { _source } = JSON.parse(await this.#call("GET", "_doc")) as {
      _source: JSONObject;
    };
    delete _source["_kuzzle_info"];

    return JSON.stringify(sorted(_source));
  }

  async #call(method: string, api: string, body?: string): Promise<string> {
    const { collection, index } = this.#target;
    // Kuzzle's name for the collection, in Elasticsearch.
    const alias = encodeURIComponent(`@&${index}.${collection}`);
    const response = await fetch(
      `${process.env["ELASTICSEARCH_URL"]}/${alias}/${api}/${this.#id}`,
      {
        headers: { "content-type": "application/json" },
        method,
        ...(body !== undefined && { body }),
      },
    );
    const text = await response.text();
    assert.ok(response.ok, `${api}: ${text}`);

    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );

  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

import type { JSONObject } from "kuzzle-sdk";

import type { Target } from "../support/request";
import { COUNTER } from "./WriteLedger";

/** A document as Elasticsearch has it. */
export interface Stored {
  readonly version: number;
  /** Its counters, and its measures. */
  readonly counters: JSONObject;
}

const BULK = 5_000;
const READ = 1_000;
/** What a document has before it is updated. */
const FIRST = { [COUNTER]: 0, state: "new", text: "x".repeat(100) };

/** The documents of a collection, written and read past Kuzzle. */
export class Documents {
  readonly target: Target;
  readonly #base: string;
  /** Versions before the updates, by document. */
  readonly #versions: number[] = [];
  readonly #touched = new Set<number>();

  constructor(elasticsearchUrl: string, target: Target) {
    this.target = target;
    // Kuzzle's name for the collection, in Elasticsearch.
    const alias = `@&${target.index}.${target.collection}`;
    this.#base = `${elasticsearchUrl}/${encodeURIComponent(alias)}`;
  }

  /** Address of the collection. */
  get url(): string {
    return this.#base;
  }

  /** Has the first `count` documents there, as they were before any update. */
  async prepare(count: number): Promise<void> {
    const missing = Array.from(
      { length: Math.max(0, count - this.#versions.length) },
      (_, n) => this.#versions.length + n,
    );
    for (const numbers of chunks([...this.#touched, ...missing], BULK)) {
      await this.#write(numbers);
    }
    this.#touched.clear();
    await this.#post("_refresh", "");
  }

  /** Reads documents that were updated, by number. */
  async read(numbers: readonly number[]): Promise<Map<number, Stored>> {
    const stored = new Map<number, Stored>();
    for (const chunk of chunks(numbers, READ)) {
      const { docs } = (await this.#post(
        `_mget?_source_includes=w*,measures,${COUNTER}`,
        JSON.stringify({ ids: chunk.map(String) }),
      )) as { docs: { _id: string; _version: number; _source: JSONObject }[] };
      for (const { _id, _source, _version } of docs) {
        stored.set(Number(_id), { counters: _source, version: _version });
      }
    }
    for (const number of numbers) {
      this.#touched.add(number);
    }

    return stored;
  }

  /** Version of a document before the updates. */
  versionBefore(number: number): number {
    return Number(this.#versions[number]);
  }

  async #write(numbers: readonly number[]): Promise<void> {
    const lines = numbers.flatMap((number) => [
      { index: { _id: String(number) } },
      FIRST,
    ]);
    const { items } = (await this.#post(
      "_bulk",
      lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
    )) as { items: { index: { _id: string; _version: number } }[] };
    for (const { index } of items) {
      this.#versions[Number(index._id)] = index._version;
    }
  }

  async #post(path: string, body: string): Promise<unknown> {
    const response = await fetch(`${this.#base}/${path}`, {
      body,
      headers: { "content-type": "application/x-ndjson" },
      method: "POST",
    });
    if (!response.ok) {
      throw new Error(`${path}: ${await response.text()}`);
    }

    return response.json();
  }
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) {
    yield items.slice(start, start + size);
  }
}

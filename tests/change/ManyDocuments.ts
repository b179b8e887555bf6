import type { JSONObject } from "kuzzle-sdk";

import { type ApiRequest, protocols, type Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";

/** Documents that Kuzzle takes in one request, and requests that are under way at once. */
const CHUNK = 200;
const AT_ONCE = 64;

/** A document as it is stored. */
export interface Stored {
  readonly content: JSONObject;
  /** What Kuzzle adds to it. */
  readonly metadata: JSONObject;
}

/** Documents of a collection where any document is taken, as nothing of it is indexed. */
export class ManyDocuments {
  readonly #application: TestApplication;
  readonly #count: number;
  readonly #target: Target;

  private constructor(
    application: TestApplication,
    target: Target,
    count: number,
  ) {
    this.#application = application;
    this.#count = count;
    this.#target = target;
  }

  /** @param contents each becomes a document; its place is its number. Without content, there is none */
  static async store(
    application: TestApplication,
    name: string,
    contents: readonly (JSONObject | undefined)[],
  ): Promise<ManyDocuments> {
    const target = await application.createCollection(name, {
      mappings: { dynamic: "false" },
    });
    const documents = contents
      .map((body, n) => ({ _id: idOf(n), body }))
      .filter(({ body }) => body !== undefined);
    for (let first = 0; first < documents.length; first += CHUNK) {
      await application.stage.call({
        ...target,
        action: "mCreate",
        args: { strict: true },
        body: { documents: documents.slice(first, first + CHUNK) },
        controller: "document",
      });
    }

    return new ManyDocuments(application, target, contents.length);
  }

  /**
   * Sends a request for each document, many at once, over each protocol in turn.
   *
   * @returns the answers in the order of the documents
   */
  async send(
    requestFor: (n: number) => ApiRequest,
  ): Promise<readonly JSONObject[]> {
    const answers: JSONObject[] = [];
    let next = 0;
    const sendMany = async (place: number) => {
      const protocol = protocols[place % protocols.length]!;
      const client = await this.#application.connect(protocol);
      for (let n = next++; n < this.#count; n = next++) {
        const request = { ...this.#target, _id: idOf(n), ...requestFor(n) };
        answers[n] = (await client.send(request)).body;
      }
      await client.close();
    };
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, place) => sendMany(place)),
    );

    return answers;
  }

  /** Returns what is stored, in the order of the documents; nothing for those that do not exist. */
  async read(): Promise<readonly Stored[]> {
    const ids = Array.from({ length: this.#count }, (_, n) => idOf(n));
    const stored = new Map<string, Stored>();
    for (let first = 0; first < ids.length; first += CHUNK) {
      const { successes } = (await this.#application.stage.call({
        ...this.#target,
        action: "mGet",
        body: { ids: ids.slice(first, first + CHUNK) },
        controller: "document",
      })) as { successes: { _id: string; _source: JSONObject }[] };
      for (const { _id, _source } of successes) {
        const { _kuzzle_info: metadata, ...content } = _source;
        stored.set(_id, { content, metadata });
      }
    }

    return ids.map((_id) => stored.get(_id)!);
  }
}

function idOf(n: number): string {
  return `document-${n}`;
}

import type { JSONObject } from "kuzzle-sdk";

import { PipelinedSocket } from "../support/PipelinedSocket";
import type { ApiRequest, Target } from "../support/request";
import type { TestApplication } from "../support/TestApplication";
import { kept } from "./setting";

/** Documents that a request can create. */
const AT_ONCE = 200;

/** An update that was sent, and whether it has been answered. */
export interface Following {
  readonly _id: string;
  readonly answer: Promise<JSONObject>;
  isAnswered: boolean;
}

/** Documents in a collection of their own, and a connection that updates them at once. */
export class Flock {
  readonly ids: readonly string[];
  readonly target: Target;
  readonly #application: TestApplication;
  readonly #socket: PipelinedSocket;

  private constructor(
    application: TestApplication,
    target: Target,
    ids: readonly string[],
    socket: PipelinedSocket,
  ) {
    this.#application = application;
    this.ids = ids;
    this.target = target;
    this.#socket = socket;
  }

  static async of(
    application: TestApplication,
    name: string,
    count: number,
    definition: JSONObject = { mappings: { dynamic: "false" } },
  ): Promise<Flock> {
    const target = await application.createCollection(name, definition);
    const ids = Array.from({ length: count }, (_, n) => `${name}-${n}`);
    for (let first = 0; first < count; first += AT_ONCE) {
      await application.stage.call({
        ...target,
        action: "mCreate",
        body: {
          documents: ids
            .slice(first, first + AT_ONCE)
            .map((_id) => ({ _id, body: kept })),
        },
        controller: "document",
      });
    }
    const socket = await PipelinedSocket.connect(application.port);

    return new Flock(application, target, ids, socket);
  }

  /** Updates a document, and returns the whole answer. */
  async update(
    _id: string,
    body: unknown,
    more: ApiRequest = {},
  ): Promise<JSONObject> {
    const answer = await this.#socket.send({
      ...this.target,
      _id,
      action: "update",
      body,
      controller: "document-update",
      ...more,
    });

    return answer.body;
  }

  /** The same, returned with a flag that says whether it has been answered. */
  follow(_id: string, body: unknown, more: ApiRequest = {}): Following {
    const following: Following = {
      _id,
      answer: this.update(_id, body, more).finally(() => {
        following.isAnswered = true;
      }),
      isAnswered: false,
    };

    return following;
  }

  /** Returns all documents, without what Kuzzle adds to their content. */
  async contents(): Promise<readonly JSONObject[]> {
    const contents: JSONObject[] = [];
    for (let first = 0; first < this.ids.length; first += AT_ONCE) {
      const { successes } = await this.#application.stage.call({
        ...this.target,
        action: "mGet",
        body: { ids: this.ids.slice(first, first + AT_ONCE) },
        controller: "document",
      });
      for (const { _source } of successes) {
        delete _source._kuzzle_info;
        contents.push(_source);
      }
    }

    return contents;
  }

  async close(): Promise<void> {
    await this.#socket.close();
  }
}

/** The status and the id of the error of an answer, or its version. */
export function versionOrError({ error, result }: JSONObject): unknown {
  return error ? `${error.status} ${error.id}` : result._version;
}

import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";

import type { JSONObject } from "kuzzle-sdk";

import { isObject } from "./guardedFields";
import {
  type ClientVersion,
  type StorageClient,
  VERSION_7,
  VERSION_8,
} from "../../lib/kuzzle/storageClient";

/** Major versions of Elasticsearch, and of its clients, that Kuzzle speaks. */
export const versions = ["7", "8"] as const;

export type Version = (typeof versions)[number];

/** A request as Elasticsearch receives it. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly querystring: string;
  readonly body: string;
  /** How long the client waits for the answer, in ms. */
  readonly timeout: number;
}

/** What Elasticsearch answers; a text is sent as it is. */
export interface Reply {
  /** Added to the headers of every answer, or replacing them; undefined removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly status?: number;
  readonly body: unknown;
}

interface Stored {
  readonly source: JSONObject;
  readonly version: number;
}

type Done = (error: Error | null, response?: Readable) => void;

type Constructor<T> = new (...args: readonly unknown[]) => T;

interface Library {
  readonly Client: Constructor<StorageClient>;
  readonly Connection: Constructor<object>;
  readonly errors: Readonly<Record<string, Constructor<Error>>>;
}

const requireAsKuzzle = createRequire(require.resolve("kuzzle/package.json"));

/** A client's library, as Kuzzle has it. */
export function library(version: Version): Library {
  return requireAsKuzzle(`sdk-es${version}`) as Library;
}

/** What the plugin learns of a client. */
export function clientVersion(version: Version): ClientVersion {
  return {
    ...(version === "7" ? VERSION_7 : VERSION_8),
    ResponseError: library(version).errors["ResponseError"]!,
  };
}

/** Elasticsearch's own client, of either version, and what answers it in place of a server. */
export class FakeElasticsearch {
  readonly client: StorageClient;
  readonly sent: Sent[] = [];
  readonly stored = new Map<string, Stored>();
  /** The settings of every collection that are requested. */
  settings: JSONObject | undefined;
  /** The version that it says it is. */
  number: string;

  /** Why it refuses to store a document, where it does. */
  refuses: (source: JSONObject) => string | undefined = () => undefined;

  /** Answers in place of storage, where it answers; what it throws is a lost connection. */
  respond: (sent: Sent) => Reply | undefined | Promise<Reply | undefined> =
    () => undefined;

  /** @param maxRetries of the client; Kuzzle's has 3 */
  constructor(version: Version = "7", maxRetries = 0) {
    this.number = version === "7" ? "7.10.2" : "8.19.21";
    // A new class, so that what is set on it does not affect others.
    class KuzzlesClient extends library(version).Client {}
    this.client = new KuzzlesClient({
      Connection: connectionTo(version, (sent) => this.#answer(sent)),
      maxRetries,
      node: "http://localhost:9200",
    });
  }

  store(_id: string, source: JSONObject = {}, version = 1): void {
    this.stored.set(_id, { source, version });
  }

  /** The paths that were asked for. */
  get paths(): string[] {
    return this.sent.map(({ path }) => decodeURIComponent(path));
  }

  async #answer(sent: Sent): Promise<Reply> {
    this.sent.push(sent);
    const reply = await this.respond(sent);
    if (reply) {
      return reply;
    }
    const [, alias = "", kind, id = ""] =
      /^\/([^/]*)(?:\/([^/]*))?(?:\/(.*))?$/.exec(
        decodeURIComponent(sent.path),
      ) ?? [];
    switch (kind) {
      case undefined:
        return { body: { version: { number: this.number } } };
      case "_settings":
        return {
          body: this.settings && {
            [`${alias}-index`]: { settings: this.settings },
          },
        };
      case "_bulk":
        return { body: { items: this.#bulk(sent.body) } };
      case "_update": {
        const { doc } = JSON.parse(sent.body) as { doc: JSONObject };
        return single(this.#update(id, doc, conditionOf(sent)));
      }
      case "_mget": {
        const { ids } = JSON.parse(sent.body) as { ids: string[] };
        return { body: { docs: ids.map((each) => this.#get(each)) } };
      }
      default: {
        if (sent.method === "PUT") {
          const source = JSON.parse(sent.body) as JSONObject;
          return single(this.#index(id, source, conditionOf(sent)));
        }
        const body = this.#get(id);
        // Kuzzle takes the collection of a missing document from the name of its index.
        const _index = alias.replace("@", "");
        return body["found"]
          ? { body, status: 200 }
          : { body: { ...body, _index }, status: 404 };
      }
    }
  }

  #get(_id: string): JSONObject {
    const found = this.stored.get(_id);

    return found
      ? { _id, ...writeOf(found), _source: found.source, found: true }
      : { _id, found: false };
  }

  #bulk(body: string): JSONObject[] {
    const lines = body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as JSONObject);
    const items = [];
    for (let place = 0; place < lines.length; place += 2) {
      const { index, update } = lines[place]!;
      const source = lines[place + 1]!;
      items.push(
        index
          ? { index: this.#index(index._id, source, index) }
          : { update: this.#update(update._id, source["doc"], update) },
      );
    }

    return items;
  }

  #update(_id: string, doc: JSONObject, condition: JSONObject): JSONObject {
    const found = this.stored.get(_id);
    if (!found) {
      const reason = `[_doc][${_id}]: document missing`;
      const error = { reason, type: "document_missing_exception" };
      return { _id, error, status: 404 };
    }
    const source = merged(found.source, doc);
    const answer = this.#index(_id, source, condition);

    return answer["error"] ? answer : { ...answer, get: { _source: source } };
  }

  #index(_id: string, source: JSONObject, condition: JSONObject): JSONObject {
    const found = this.stored.get(_id) ?? { source: {}, version: 0 };
    const { if_primary_term, if_seq_no, op_type } = condition;
    const { _primary_term, _seq_no } = writeOf(found);
    if (
      (op_type === "create" && this.stored.has(_id)) ||
      (if_seq_no !== undefined &&
        (Number(if_seq_no) !== _seq_no ||
          Number(if_primary_term) !== _primary_term))
    ) {
      const reason = `[${_id}]: version conflict, required seqNo [${if_seq_no}]`;
      const error = { reason, type: "version_conflict_engine_exception" };
      return { _id, error, status: 409 };
    }
    const reason = this.refuses(source);
    if (reason !== undefined) {
      const error = { reason, type: "mapper_parsing_exception" };
      return { _id, error, status: 400 };
    }
    const stored = { source, version: found.version + 1 };
    this.stored.set(_id, stored);

    return { _id, ...writeOf(stored), status: 200 };
  }
}

/** What Elasticsearch makes of a partial update, its `XContentHelper.update`: objects are merged, all else is replaced, in copies. */
export function merged(source: JSONObject, changes: JSONObject): JSONObject {
  const result = new Map(Object.entries(source));
  for (const [name, value] of Object.entries(changes)) {
    const before: unknown = result.get(name);
    result.set(
      name,
      isObject(before) && isObject(value) ? merged(before, value) : value,
    );
  }

  return Object.fromEntries(result);
}

/** What tells a write of a document. */
export function writeOf({ version }: { readonly version: number }) {
  return { _primary_term: 3, _seq_no: version + 6, _version: version };
}

function conditionOf({ querystring }: Sent): JSONObject {
  return Object.fromEntries(new URLSearchParams(querystring));
}

/** Makes of an item of a bulk request the answer to a request of its own. */
function single({ error, status, ...answer }: JSONObject): Reply {
  return { body: error ? { error, status } : answer, status };
}

/** Makes the class of a client's connections, which send nothing. */
function connectionTo(
  version: Version,
  answer: (sent: Sent) => Promise<Reply>,
): unknown {
  const { Connection, errors } = library(version);
  const send = async (params: JSONObject, timeout: number) => {
    try {
      const {
        body,
        headers: own,
        status = 200,
      } = await answer({
        body: String(params["body"] ?? ""),
        method: params["method"],
        path: params["path"],
        querystring: String(params["querystring"] ?? ""),
        timeout,
      });
      const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
      const headers: Record<string, string | undefined> = {
        "content-length": String(Buffer.byteLength(text)),
        "content-type": "application/json",
        "x-elastic-product": "Elasticsearch",
        ...own,
      };
      const isGzip = headers["content-encoding"] === "gzip";

      return {
        body: isGzip ? gzipSync(text) : text,
        headers,
        statusCode: status,
      };
    } catch (error) {
      throw new errors["ConnectionError"]!((error as Error).message);
    }
  };
  if (version === "7") {
    return class extends Connection {
      request(params: JSONObject, done: Done) {
        void send(params, Number(params["timeout"])).then(
          ({ body, ...rest }) =>
            done(null, Object.assign(Readable.from([body]), rest)),
          done,
        );
        return { abort: () => {} };
      }
    };
  }
  const requireAsClient = createRequire(requireAsKuzzle.resolve("sdk-es8"));
  const { BaseConnection } = requireAsClient("@elastic/transport") as {
    BaseConnection: Constructor<object>;
  };

  return class extends BaseConnection {
    request(params: JSONObject, { timeout }: { timeout: number }) {
      return send(params, timeout);
    }
  };
}

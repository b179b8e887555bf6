import { changesOf, isVersion8 } from "../kuzzle/StorageSeam";
import type { ClientCall } from "../kuzzle/WriteTag";

/** An update that Kuzzle's client of Elasticsearch is asked for, in the terms of either version. */
export interface StorageRequest {
  readonly call: ClientCall;
  /** Name by which Elasticsearch knows the collection: `@&<index>.<collection>`. */
  readonly alias: string;
  readonly id: string;
  /** The two lines that it has in a bulk request. */
  readonly lines: string;
}

/** What Kuzzle asks for, and nothing else: by version of the client, and the same in its body. */
const KEYS = {
  7: ["_source", "body", "id", "index", "refresh", "retry_on_conflict"],
  8: ["_source", "doc", "id", "index", "refresh", "retry_on_conflict"],
};

/** Longest identifier that Elasticsearch takes, in bytes: with a longer one it refuses all of a bulk. */
const MAX_ID_BYTES = 512;

/** Begins the alias of a collection of the application's; those of Kuzzle's own begin with "@%". */
const PUBLIC = "@&";

/**
 * Reads an update of a document, as it can be sent in a bulk request.
 *
 * @returns nothing where the update is not exactly as expected, or would not do in a bulk request
 * what it does by itself: with `refresh`, or with a `retry_on_conflict` that a bulk request reads in
 * another way
 */
export function readStorageRequest(
  call: ClientCall,
): StorageRequest | undefined {
  const { params } = call;
  const { id, index: alias, refresh, retry_on_conflict: retries } = params;
  const changes = changesOf(params);
  if (
    !hasOnly(params, KEYS[isVersion8() ? 8 : 7]) ||
    !(isVersion8() || hasOnly(params["body"] as object, ["doc"])) ||
    String(params["_source"]) !== "true" ||
    typeof alias !== "string" ||
    !alias.startsWith(PUBLIC) ||
    typeof id !== "string" ||
    id === "" ||
    Buffer.byteLength(id) > MAX_ID_BYTES ||
    !(refresh === undefined || refresh === "false" || refresh === false) ||
    !isRetries(retries) ||
    typeof changes !== "object"
  ) {
    return undefined;
  }

  try {
    // Half of a surrogate pair would be sent as another identifier.
    encodeURIComponent(id);
    const action = {
      update: {
        _id: id,
        // A collection that was deleted meanwhile is not created anew under its alias.
        require_alias: true,
        retry_on_conflict: retries,
      },
    };
    const source = { _source: true, doc: changes };
    const lines = `${JSON.stringify(action)}\n${JSON.stringify(source)}\n`;
    return { alias, call, id, lines };
  } catch {
    // What cannot be written is answered the client's own error.
    return undefined;
  }
}

function hasOnly(params: object, keys: readonly string[]): boolean {
  return Object.keys(params).every((key) => keys.includes(key));
}

function isRetries(value: unknown): boolean {
  return (
    value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0)
  );
}

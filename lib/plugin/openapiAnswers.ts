import type { JSONObject } from "kuzzle";

/**
 * OpenAPI 3.1 response of a successful action.
 *
 * @see https://docs.kuzzle.io/core/2/guides/main-concepts/1-api/#kuzzle-response
 */
export function success(description: string, result: JSONObject): JSONObject {
  return answer(description, { error: { type: "null" }, result });
}

/**
 * OpenAPI 3.1 response with an error.
 *
 * @see https://docs.kuzzle.io/core/2/api/errors/types/#common-errors
 */
export function failure(description: string): JSONObject {
  const error = {
    properties: {
      code: { type: "integer" },
      id: { description: "Identifies the kind of error", type: "string" },
      message: { type: "string" },
      props: { items: {}, type: "array" },
      stack: {
        description: "Only in development",
        type: "string",
      },
      status: { type: "integer" },
    },
    required: ["message", "status"],
    type: "object",
  };
  const result = {
    description: "The result of the write, if a pipe failed after it",
    type: ["object", "null"],
  };

  return answer(description, { error, result });
}

function answer(description: string, outcome: JSONObject): JSONObject {
  const schema = {
    properties: {
      action: { type: "string" },
      collection: { type: "string" },
      controller: { type: "string" },
      index: { type: "string" },
      requestId: { type: "string" },
      status: { type: "integer" },
      volatile: { type: ["object", "null"] },
      ...outcome,
    },
    required: ["requestId", "status", ...Object.keys(outcome)],
    type: "object",
  };

  return { content: { "application/json": { schema } }, description };
}

/** Result of `update` and `modify`. */
export function changeResult(): JSONObject {
  return {
    properties: {
      _id: { type: "string" },
      _source: {
        description: "The changes, or the whole document with `source`",
        type: "object",
      },
      _updatedFields: {
        description:
          "Paths of the fields whose value changed: of `modify`, and with `skipUnchanged` or `dryRun`",
        items: { type: "string" },
        type: "array",
      },
      _version: { type: "integer" },
    },
    required: ["_id", "_source", "_version"],
    type: "object",
  };
}

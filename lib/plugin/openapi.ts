import type { JSONObject } from "kuzzle";

/**
 * OpenAPI 3.1 operation of one route of the `update` action.
 *
 * A fresh object for each route: Kuzzle writes its `tags` into what it is given. Nothing is shared by
 * reference, since the components of the definition are the application's own.
 *
 * @see https://docs.kuzzle.io/core/2/guides/develop-on-kuzzle/1-api-controllers/#openapi-specification
 */
export function updateOperation(
  controller: string,
  verb: "patch" | "put",
): JSONObject {
  const isPut = verb === "put";

  return {
    // As that of the native route.
    ...(isPut && { deprecated: true }),
    description:
      "Applies partial changes to a document. The document must exist.",
    // Unique in the whole definition, where other instances of the plugin are, too.
    operationId: `${controller}.update${isPut ? ".put" : ""}`,
    parameters: [
      pathParameter("index", "Index name"),
      pathParameter("collection", "Collection name"),
      pathParameter("_id", "Document identifier"),
      {
        description:
          '"wait_for": answer once the change can be found by a search',
        in: "query",
        name: "refresh",
        schema: { enum: ["wait_for", "false"], type: "string" },
      },
      {
        description: "How many times to try again after a version conflict",
        in: "query",
        name: "retryOnConflict",
        schema: { type: "integer" },
      },
      flag("silent", "Notify no subscriber"),
      flag("source", "Answer with the whole updated document"),
    ],
    requestBody: {
      content: {
        "application/json": {
          schema: {
            description: "Partial changes to apply to the document",
            type: "object",
          },
        },
      },
      required: true,
    },
    responses: {
      200: success("The document was updated", updateResult()),
      400: failure("An argument or the body is missing or invalid"),
      401: failure("The action requires authentication"),
      403: failure("The user has not the right to update the document"),
      404: failure("There is no such document, or the user is gone"),
      409: failure("Others change the document all the time"),
      412: failure("There is no such index or collection"),
      500: failure("Storage, or a pipe of the application, failed"),
      503: failure("Too many updates wait for the document"),
    },
    summary: "Update a document",
  };
}

/** OpenAPI 3.1 operation of the route of the `stats` action. */
export function statsOperation(controller: string): JSONObject {
  const figures = success("Figures of the node", { type: "object" });

  return {
    description:
      "Tells what the update action has done on the node that answers, since it started.",
    operationId: `${controller}.stats`,
    parameters: [
      {
        description: '"prometheus": answer with the text that Prometheus reads',
        in: "query",
        name: "format",
        schema: {
          default: "json",
          enum: ["json", "prometheus"],
          type: "string",
        },
      },
    ],
    responses: {
      200: {
        ...figures,
        content: {
          ...figures["content"],
          "text/plain": { schema: { type: "string" } },
        },
      },
      400: failure("The format is neither of the two"),
      401: failure("The action requires authentication"),
      403: failure("The user has not the right to see the figures"),
    },
    summary: "Figures of the update action",
  };
}

/** @see https://docs.kuzzle.io/core/2/guides/main-concepts/1-api/#kuzzle-response */
function success(description: string, result: JSONObject): JSONObject {
  return answer(description, { error: { type: "null" }, result });
}

/** @see https://docs.kuzzle.io/core/2/api/errors/types/#common-errors */
function failure(description: string): JSONObject {
  const error = {
    properties: {
      code: { type: "integer" },
      id: { description: "What to compare errors by", type: "string" },
      message: { type: "string" },
      props: { items: {}, type: "array" },
      stack: {
        description: "In development alone",
        type: "string",
      },
      status: { type: "integer" },
    },
    required: ["message", "status"],
    type: "object",
  };
  const result = {
    description: "That of the write, where a pipe failed after it",
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

function updateResult(): JSONObject {
  return {
    properties: {
      _id: { type: "string" },
      _source: {
        description: "The changes, or the whole document with `source`",
        type: "object",
      },
      _version: { type: "integer" },
    },
    required: ["_id", "_source", "_version"],
    type: "object",
  };
}

function pathParameter(name: string, description: string): JSONObject {
  return {
    description,
    in: "path",
    name,
    required: true,
    schema: { type: "string" },
  };
}

/** A boolean of the query string. Kuzzle looks at whether it is there, so no client may send `false`. */
function flag(name: string, description: string): JSONObject {
  return {
    allowEmptyValue: true,
    description: `${description}. A flag: where it is present, it is set, whatever its value; \`${name}=false\` sets it, too.`,
    in: "query",
    name,
    schema: { enum: [true], type: "boolean" },
  };
}

import type { JSONObject } from "kuzzle";

/**
 * OpenAPI operation of one route of the `update` action.
 *
 * A fresh object for each route: Kuzzle writes its `tags` into what it is given.
 *
 * @see https://docs.kuzzle.io/core/2/guides/develop-on-kuzzle/1-api-controllers/#openapi-specification
 */
export function updateOperation(): JSONObject {
  return {
    description:
      "Applies partial changes to a document. The document must exist.",
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
      200: {
        content: { "application/json": { schema: answerSchema() } },
        description: "The document was updated",
      },
      400: { description: "An argument or the body is missing or invalid" },
      401: { description: "The action requires authentication" },
      403: { description: "The user has not the right to update the document" },
      404: { description: "There is no such document" },
      409: { description: "Others change the document all the time" },
      412: { description: "There is no such index or collection" },
      503: { description: "Too many updates wait for the document" },
    },
    summary: "Update a document",
  };
}

/** OpenAPI operation of the route of the `stats` action. */
export function statsOperation(): JSONObject {
  return {
    description:
      "Tells what the update action has done on the node that answers, since it started.",
    parameters: [
      {
        description: '"prometheus": answer with the text that Prometheus reads',
        in: "query",
        name: "format",
        schema: { default: "json", enum: ["json", "prometheus"] },
      },
    ],
    responses: {
      200: {
        content: {
          "application/json": { schema: { type: "object" } },
          "text/plain": { schema: { type: "string" } },
        },
        description: "Figures of the node",
      },
      400: { description: "The format is neither of the two" },
      401: { description: "The action requires authentication" },
      403: { description: "The user has not the right to see the figures" },
    },
    summary: "Figures of the update action",
  };
}

function answerSchema(): JSONObject {
  return {
    properties: {
      action: { type: "string" },
      collection: { type: "string" },
      controller: { type: "string" },
      error: { nullable: true, type: "object" },
      index: { type: "string" },
      requestId: { type: "string" },
      result: {
        properties: {
          _id: { type: "string" },
          _source: {
            description: "The changes, or the whole document with `source`",
            type: "object",
          },
          _version: { type: "integer" },
        },
        type: "object",
      },
      status: { type: "integer" },
    },
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

/** A boolean of the query string: present, whatever its value, it is true. */
function flag(name: string, description: string): JSONObject {
  return {
    allowEmptyValue: true,
    description,
    in: "query",
    name,
    schema: { type: "boolean" },
  };
}

import type { JSONObject, Plugin } from "kuzzle";

import type { Handler } from "../request/statsAction";

/** Defines the controller: its actions, their routes, and their OpenAPI descriptions. */
export function apiDefinition(
  controller: string,
  handlers: Readonly<Record<"modify" | "stats" | "update", Handler>>,
): Required<Plugin>["api"] {
  const document = `/_/${controller}/:index/:collection/:_id`;

  return {
    [controller]: {
      actions: {
        modify: {
          handler: handlers.modify,
          http: [
            {
              openapi: modifyOperation(controller),
              path: `${document}/_modify`,
              verb: "post",
            },
          ],
        },
        stats: {
          handler: handlers.stats,
          http: [
            {
              openapi: statsOperation(controller),
              path: `/_/${controller}/_stats`,
              verb: "get",
            },
          ],
        },
        update: {
          handler: handlers.update,
          http: (["put", "patch"] as const).map((verb) => ({
            openapi: updateOperation(controller, verb),
            path: `${document}/_update`,
            verb,
          })),
        },
      },
    },
  };
}

/**
 * OpenAPI 3.1 operation of one route of the `update` action.
 *
 * Each route gets a new object, because Kuzzle writes its `tags` into it. Schemas are repeated rather than
 * referenced, because the components of the definition belong to the application.
 *
 * @see https://docs.kuzzle.io/core/2/guides/develop-on-kuzzle/1-api-controllers/#openapi-specification
 */
export function updateOperation(
  controller: string,
  verb: "patch" | "put",
): JSONObject {
  const isPut = verb === "put";

  return {
    // Like the native route.
    ...(isPut && { deprecated: true }),
    description:
      "Applies partial changes to a document. The document must exist.",
    // Must be unique in the whole definition, which may contain other instances of the plugin.
    operationId: `${controller}.update${isPut ? ".put" : ""}`,
    parameters: [
      ...changeParameters(),
      {
        description:
          "How many times Elasticsearch retries after a version conflict",
        in: "query",
        name: "retryOnConflict",
        schema: { type: "integer" },
      },
      ifMatchHeader(),
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
    responses: changeResponses(isPut ? {} : etagHeader()),
    summary: "Update a document",
  };
}

/** OpenAPI 3.1 operation of the route of the `modify` action. */
export function modifyOperation(controller: string): JSONObject {
  const operands = (type: string, description: string) => ({
    additionalProperties: { type },
    description: `${description}, by path`,
    type: "object",
  });
  const paths = (description: string) => ({
    description: `${description}, by their paths`,
    items: { type: "string" },
    type: "array",
  });
  const requestKey = () => ({ maxLength: 255, minLength: 1, type: "string" });

  return {
    description:
      "Applies changes that are computed from the stored document, in one step. The document must exist.",
    operationId: `${controller}.modify`,
    parameters: [
      ...changeParameters(),
      {
        description:
          "Idempotency key of this request: a repeat with the same key changes nothing, and gets the answer of the first request. Not for the anonymous user.",
        in: "query",
        name: "requestKey",
        schema: requestKey(),
      },
      ifMatchHeader(),
      {
        description: "Same as `requestKey`, if that is not given.",
        in: "header",
        name: "Idempotency-Key",
        schema: requestKey(),
      },
    ],
    requestBody: {
      content: {
        "application/json": {
          schema: {
            additionalProperties: false,
            properties: {
              changes: {
                description: "Partial changes to apply to the document",
                type: "object",
              },
              condition: {
                description: "A Koncorde filter that the document must match",
                type: "object",
              },
              operators: {
                additionalProperties: false,
                description:
                  "Changes that are computed from the stored document. Fields are named by paths: names joined by dots. A dot that is part of a name is escaped with a backslash.",
                properties: {
                  increment: operands("number", "Numbers to add"),
                  multiply: operands("number", "Numbers to multiply by"),
                  min: operands("number", "Numbers to keep if they are lower"),
                  max: operands("number", "Numbers to keep if they are higher"),
                  append: operands("array", "Elements to add at the end"),
                  prepend: operands("array", "Elements to add at the start"),
                  union: operands("array", "Elements to add, each once"),
                  remove: operands("array", "Elements to remove"),
                  now: paths(
                    "Fields to set to the current time, in ms since the epoch",
                  ),
                  unset: paths("Fields to remove"),
                },
                type: "object",
              },
            },
            type: "object",
          },
        },
      },
      required: true,
    },
    responses: {
      ...changeResponses(),
      409: failure(
        "Other writes, or a pipe, kept changing the document; it is not known whether the change is stored; or the same request is still under way",
      ),
      422: failure("The request key belongs to another request"),
      503: failure(
        "Too many updates wait for the document, this version of Kuzzle lacks something, or request keys cannot be stored",
      ),
    },
    summary: "Modify a document",
  };
}

function changeParameters(): JSONObject[] {
  return [
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
    flag("silent", "Notify no subscriber"),
    flag("source", "Answer with the whole updated document"),
    {
      description:
        "Version that the document must have. If it has another version, it is not changed.",
      in: "query",
      name: "ifVersion",
      schema: { minimum: 1, type: "integer" },
    },
    flag("skipUnchanged", "Write nothing if the document would stay as it is"),
    flag("dryRun", "Write nothing, and answer with what would be stored"),
  ];
}

function ifMatchHeader(): JSONObject {
  return {
    description:
      "Same as `ifVersion`: the `ETag` of the document, a list of several, or `*`. Weak entity tags never match.",
    example: '"3"',
    in: "header",
    name: "If-Match",
    schema: { type: "string" },
  };
}

function etagHeader(): JSONObject {
  return {
    ETag: {
      description: "Version of the document, for `If-Match`",
      example: '"3"',
      schema: { type: "string" },
    },
  };
}

/** @param headers of the answer if the document was updated */
function changeResponses(headers: JSONObject = {}): JSONObject {
  return {
    200: { ...success("The document was updated", changeResult()), headers },
    400: failure(
      "An argument, a header or the body is missing or invalid, or does not fit the document",
    ),
    401: failure("The action requires authentication"),
    403: failure(
      "The user has no right to update the document, or a field of it",
    ),
    404: failure("The document does not exist, or the user no longer does"),
    409: failure(
      "Other writes, or a pipe, kept changing the document; or it is not known whether the change is stored",
    ),
    412: failure(
      "The index or collection does not exist, or the document does not meet the condition. Nothing is stored.",
    ),
    500: failure("Storage, or a pipe of the application, failed"),
    503: failure(
      "Too many updates wait for the document, or this version of Kuzzle lacks something",
    ),
  };
}

/** OpenAPI 3.1 operation of the route of the `stats` action. */
export function statsOperation(controller: string): JSONObject {
  const figures = success("Statistics of the node", { type: "object" });

  return {
    description:
      "Returns statistics of `update` and `modify` on the node that answers, since it started.",
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
      400: failure("The format is invalid"),
      401: failure("The action requires authentication"),
      403: failure("The user has no right to see the statistics"),
    },
    summary: "Statistics of updates",
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

/** A flag of the query string. It is true whenever it is present, even as `false`. */
function flag(name: string, description: string): JSONObject {
  return {
    allowEmptyValue: true,
    description: `${description}. A flag: it is set if it is present, whatever its value, even as \`${name}=false\`.`,
    in: "query",
    name,
    schema: { enum: [true], type: "boolean" },
  };
}

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

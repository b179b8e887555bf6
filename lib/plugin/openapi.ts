import type { JSONObject, Plugin } from "kuzzle";

import type { Handler } from "../request/updateAction";

/** Defines the controller: its actions, their routes, and their OpenAPI descriptions. */
export function apiDefinition(
  controller: string,
  handlers: Readonly<Record<"modify" | "stats" | "update", Handler>>,
): Required<Plugin>["api"] {
  const { modify, stats, update } = handlers;
  const route = <TVerb extends "get" | "patch" | "post" | "put">(
    verb: TVerb,
    path: string,
    openapi: JSONObject,
  ) => ({ openapi, path: `/_/${controller}/${path}`, verb });
  const document = ":index/:collection/:_id";

  return {
    [controller]: {
      actions: {
        modify: {
          handler: modify,
          http: [
            route("post", `${document}/_modify`, modifyOperation(controller)),
          ],
        },
        stats: {
          handler: stats,
          http: [route("get", "_stats", statsOperation(controller))],
        },
        update: {
          handler: update,
          http: (["put", "patch"] as const).map((verb) =>
            route(
              verb,
              `${document}/_update`,
              updateOperation(controller, verb),
            ),
          ),
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
  const ETag = {
    description: "Version of the document, for `If-Match`",
    example: '"3"',
    schema: { type: "string" },
  };

  return {
    // Like the native route.
    ...(isPut && { deprecated: true }),
    description:
      "Applies partial changes to a document. The document must exist.",
    // Must be unique in the whole definition, which is that of the application.
    operationId: `${controller}.update${isPut ? ".put" : ""}`,
    parameters: [
      ...changeParameters(),
      parameter("retryOnConflict", "query", {
        description:
          "How many times Elasticsearch retries after a version conflict",
        schema: { type: "integer" },
      }),
    ],
    requestBody: body({
      description: "Partial changes to apply to the document",
      type: "object",
    }),
    responses: changeResponses(isPut ? {} : { ETag }),
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
  const requestKey = { maxLength: 255, minLength: 1, type: "string" };

  return {
    description:
      "Applies changes that are computed from the stored document, in one step. The document must exist.",
    operationId: `${controller}.modify`,
    parameters: [
      ...changeParameters(),
      parameter("requestKey", "query", {
        description:
          "Idempotency key of this request: a repeat with the same key changes nothing, and gets the answer of the first request (409 until there is one, 503 if keys cannot be stored). Not for the anonymous user.",
        schema: requestKey,
      }),
      parameter("Idempotency-Key", "header", {
        description: "Same as `requestKey`, if that is not given.",
        schema: { ...requestKey },
      }),
    ],
    requestBody: body({
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
    }),
    responses: {
      ...changeResponses(),
      ...failures({ 422: "The request key belongs to another request" }),
    },
    summary: "Modify a document",
  };
}

/** OpenAPI 3.1 operation of the route of the `stats` action. */
export function statsOperation(controller: string): JSONObject {
  const { content, ...figures } = answer("Statistics of the node", {
    error: { type: "null" },
    result: { type: "object" },
  });
  const text = { "text/plain": { schema: { type: "string" } } };

  return {
    description:
      "Returns statistics of `update` and `modify` on the node that answers, since it started.",
    operationId: `${controller}.stats`,
    parameters: [
      parameter("format", "query", {
        description: '"prometheus": answer with the text that Prometheus reads',
        schema: {
          default: "json",
          enum: ["json", "prometheus"],
          type: "string",
        },
      }),
    ],
    responses: {
      200: { ...figures, content: { ...content, ...text } },
      ...failures({
        400: "The format is invalid",
        401: "The action requires authentication",
        403: "The user has no right to see the statistics",
      }),
    },
    summary: "Statistics of updates",
  };
}

/** Parameters of `update` and `modify`. */
function changeParameters(): JSONObject[] {
  const inPath = (name: string, description: string) =>
    parameter(name, "path", {
      description,
      required: true,
      schema: { type: "string" },
    });
  // True whenever it is present, even as `false`.
  const flag = (name: string, description: string) =>
    parameter(name, "query", {
      allowEmptyValue: true,
      description: `${description}. A flag: it is set if it is present, whatever its value, even as \`${name}=false\`.`,
      schema: { enum: [true], type: "boolean" },
    });

  return [
    inPath("index", "Index name"),
    inPath("collection", "Collection name"),
    inPath("_id", "Document identifier"),
    parameter("refresh", "query", {
      description:
        '"wait_for": answer once the change can be found by a search',
      schema: { enum: ["wait_for", "false"], type: "string" },
    }),
    flag("silent", "Notify no subscriber"),
    flag("source", "Answer with the whole updated document"),
    parameter("ifVersion", "query", {
      description:
        "Version that the document must have. If it has another version, it is not changed.",
      schema: { minimum: 1, type: "integer" },
    }),
    parameter("If-Match", "header", {
      description:
        "Same as `ifVersion`: the `ETag` of the document, a list of several, or `*`. Weak entity tags never match.",
      example: '"3"',
      schema: { type: "string" },
    }),
    flag("skipUnchanged", "Write nothing if the document would stay as it is"),
    flag("dryRun", "Write nothing, and answer with what would be stored"),
  ];
}

function parameter(
  name: string,
  place: "header" | "path" | "query",
  more: JSONObject,
): JSONObject {
  return { in: place, name, ...more };
}

function body(schema: JSONObject): JSONObject {
  return { content: { "application/json": { schema } }, required: true };
}

/**
 * Responses of `update` and `modify`.
 *
 * @param headers of the answer if the document was updated
 */
function changeResponses(headers: JSONObject = {}): JSONObject {
  const result = {
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
  const error = { type: "null" };

  return {
    200: { ...answer("The document was updated", { error, result }), headers },
    ...failures({
      400: "An argument, a header or the body is missing or invalid, or does not fit the document",
      401: "The action requires authentication",
      403: "The user has no right to update the document, or a field of it",
      404: "The document does not exist, or the user no longer does",
      409: "Other writes, or a pipe, kept changing the document; or it is not known whether the change is stored",
      412: "The index or collection does not exist, or the document does not meet the condition. Nothing is stored.",
      500: "Storage, or a pipe of the application, failed",
      503: "Too many updates wait for the document, or this version of Kuzzle lacks something",
    }),
  };
}

/**
 * OpenAPI 3.1 responses with an error, by their status.
 *
 * @see https://docs.kuzzle.io/core/2/api/errors/types/#common-errors
 */
function failures(descriptions: Readonly<Record<number, string>>): JSONObject {
  const error = {
    properties: {
      code: { type: "integer" },
      id: { description: "Identifies the kind of error", type: "string" },
      message: { type: "string" },
      props: { items: {}, type: "array" },
      stack: { description: "Only in development", type: "string" },
      status: { type: "integer" },
    },
    required: ["message", "status"],
    type: "object",
  };
  const result = {
    description: "The result of the write, if a pipe failed after it",
    type: ["object", "null"],
  };

  return Object.fromEntries(
    Object.entries(descriptions).map(([status, description]) => [
      status,
      answer(description, { error, result }),
    ]),
  );
}

/**
 * OpenAPI 3.1 response of Kuzzle.
 *
 * @see https://docs.kuzzle.io/core/2/guides/main-concepts/1-api/#kuzzle-response
 */
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

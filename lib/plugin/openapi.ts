import type { JSONObject, Plugin } from "kuzzle";

import { MAX_STEPS } from "../change/modification";
import type { Handler } from "../request/updateAction";

/** Defines the controller: its actions, their routes, and their OpenAPI descriptions. */
export function apiDefinition(
  controller: string,
  handlers: Readonly<Record<"modify" | "stats" | "update", Handler>>,
): Required<Plugin>["api"] {
  const route = <TVerb extends "get" | "patch" | "post" | "put">(
    verb: TVerb,
    path: string,
    openapi: JSONObject,
  ) => ({ openapi, path: `/_/${controller}/${path}`, verb });
  const update = ":index/:collection/:_id/_update";
  const modify = ":index/:collection/:_id/_modify";

  return {
    [controller]: {
      actions: {
        modify: {
          handler: handlers.modify,
          http: [route("post", modify, modifyOperation(controller))],
        },
        stats: {
          handler: handlers.stats,
          http: [route("get", "_stats", statsOperation(controller))],
        },
        update: {
          handler: handlers.update,
          http: (["put", "patch"] as const).map((verb) =>
            route(verb, update, updateOperation(controller, verb)),
          ),
        },
      },
    },
  };
}

// Schemas are repeated in the definition rather than referenced, because its components belong to the
// application.

const text = { type: "string" };

function parameter(
  name: string,
  place: "header" | "path" | "query",
  more: JSONObject,
): JSONObject {
  return { in: place, name, ...more };
}

function inPath(name: string, description: string): JSONObject {
  return parameter(name, "path", { description, required: true, schema: text });
}

/** An argument that is true whenever it is present, even as `false`. */
function flag(name: string, description: string): JSONObject {
  return parameter(name, "query", {
    allowEmptyValue: true,
    description: `${description}. A flag: it is set if it is present, whatever its value, even as \`${name}=false\`.`,
    schema: { enum: [true], type: "boolean" },
  });
}

/** Parameters of `update` and `modify`. */
const changeParameters = [
  inPath("index", "Index name"),
  inPath("collection", "Collection name"),
  inPath("_id", "Document identifier"),
  parameter("refresh", "query", {
    description: '"wait_for": answer once the change can be found by a search',
    schema: { ...text, enum: ["wait_for", "false"] },
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
    schema: text,
  }),
  flag("skipUnchanged", "Write nothing if the document would stay as it is"),
  flag("dryRun", "Write nothing, and answer with what would be stored"),
];

function body(schema: JSONObject): JSONObject {
  return { content: { "application/json": { schema } }, required: true };
}

/**
 * OpenAPI 3.1 response of Kuzzle.
 *
 * @see https://docs.kuzzle.io/core/2/guides/main-concepts/1-api/#kuzzle-response
 */
function answer(description: string, outcome: JSONObject): JSONObject {
  const schema = {
    properties: {
      action: text,
      collection: text,
      controller: text,
      index: text,
      requestId: text,
      status: { type: "integer" },
      volatile: { type: ["object", "null"] },
      ...outcome,
    },
    required: ["requestId", "status", ...Object.keys(outcome)],
    type: "object",
  };

  return { content: { "application/json": { schema } }, description };
}

const noError = { type: "null" };

/**
 * Responses with an error, which docs/errors.md explains one by one.
 *
 * @see https://docs.kuzzle.io/core/2/api/errors/types/#common-errors
 */
const failure = answer(
  "The error has a status, and an `id` that identifies its kind",
  {
    error: {
      properties: {
        code: { type: "integer" },
        id: text,
        message: text,
        props: { items: {}, type: "array" },
        stack: { ...text, description: "Only in development" },
        status: { type: "integer" },
      },
      required: ["message", "status"],
      type: "object",
    },
    result: {
      description: "The result of the write, if a pipe failed after it",
      type: ["object", "null"],
    },
  },
);
const failures = { "4XX": failure, "5XX": failure };

/** Responses of `update` and `modify`. */
const changeResponses = {
  200: answer("The document was updated", {
    error: noError,
    result: {
      properties: {
        _id: text,
        _source: {
          description: "The changes, or the whole document with `source`",
          type: "object",
        },
        created: {
          description:
            "Whether the document was created, or would be by a dry run: of `modify` with `default`",
          type: "boolean",
        },
        steps: {
          description:
            "Which of the steps were applied: of `modify` with `steps`",
          items: { type: "boolean" },
          type: "array",
        },
        _updatedFields: {
          description:
            "Paths of the fields whose value changed: of `modify`, and with `skipUnchanged` or `dryRun`",
          items: text,
          type: "array",
        },
        _version: { type: "integer" },
      },
      required: ["_id", "_source", "_version"],
      type: "object",
    },
  }),
  ...failures,
};

/**
 * OpenAPI 3.1 operation of one route of the `update` action. Each route gets a new object, because Kuzzle
 * writes its `tags` into it.
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
    schema: text,
  };

  return {
    // Like the native route.
    ...(isPut && { deprecated: true }),
    description:
      "Applies partial changes to a document. The document must exist.",
    // Must be unique in the whole definition, which is that of the application.
    operationId: `${controller}.update${isPut ? ".put" : ""}`,
    parameters: [
      ...changeParameters,
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
    responses: {
      ...changeResponses,
      200: { ...changeResponses[200], headers: isPut ? {} : { ETag } },
    },
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
    items: text,
    type: "array",
  });
  const step = {
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
        set: {
          additionalProperties: {},
          description: "Values to replace as a whole, by path",
          type: "object",
        },
        now: paths("Fields to set to the current time, in ms since the epoch"),
        unset: paths("Fields to remove"),
      },
      type: "object",
    },
  };
  const requestKey = { ...text, maxLength: 255, minLength: 1 };

  return {
    description:
      "Applies changes that are computed from the stored document, in one step. The document must exist, unless there is a `default`.",
    operationId: `${controller}.modify`,
    parameters: [
      ...changeParameters,
      parameter("requestKey", "query", {
        description:
          "Idempotency key of this request: a repeat with the same key changes nothing, and gets the answer of the first request (409 until there is one, 503 if keys cannot be stored). Not for the anonymous user.",
        schema: requestKey,
      }),
      parameter("Idempotency-Key", "header", {
        description: "Same as `requestKey`, if that is not given.",
        schema: requestKey,
      }),
    ],
    requestBody: body({
      additionalProperties: false,
      properties: {
        ...step,
        default: {
          description:
            "Content from which the document is created, with the changes applied to it, if it does not exist",
          type: "object",
        },
        steps: {
          description:
            "Steps in place of `changes` and `operators`, applied in their order by one write. One whose condition is not met is left out.",
          items: {
            additionalProperties: false,
            properties: step,
            type: "object",
          },
          maxItems: MAX_STEPS,
          type: "array",
        },
      },
      type: "object",
    }),
    responses: changeResponses,
    summary: "Modify a document",
  };
}

/** OpenAPI 3.1 operation of the route of the `stats` action. */
function statsOperation(controller: string): JSONObject {
  const { content, ...figures } = answer("Statistics of the node", {
    error: noError,
    result: { type: "object" },
  });

  return {
    description:
      "Returns statistics of `update` and `modify` on the node that answers, since it started.",
    operationId: `${controller}.stats`,
    parameters: [
      parameter("format", "query", {
        description: '"prometheus": answer with the text that Prometheus reads',
        schema: { ...text, default: "json", enum: ["json", "prometheus"] },
      }),
    ],
    responses: {
      200: {
        ...figures,
        content: { ...content, "text/plain": { schema: text } },
      },
      ...failures,
    },
    summary: "Statistics of updates",
  };
}

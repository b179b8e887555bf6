import type { JSONObject } from "kuzzle";

import { changeResult, failure, success } from "./openapiAnswers";

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
      ...changeParameters(),
      {
        description: "How many times to try again after a version conflict",
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
      "Applies changes to a document that are computed from what it holds, in one step. The document must exist.",
    operationId: `${controller}.modify`,
    parameters: [
      ...changeParameters(),
      {
        description:
          "Name of this request: a repeat with the same one is answered what the first was, and changes nothing. Not for the anonymous user.",
        in: "query",
        name: "requestKey",
        schema: requestKey(),
      },
      ifMatchHeader(),
      {
        description: "As `requestKey`, where there is none.",
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
                  "Changes that are computed from what is stored. A path has dots between its names, and a backslash before a dot that is part of one.",
                properties: {
                  increment: operands("number", "Numbers to add"),
                  multiply: operands("number", "Numbers to multiply by"),
                  min: operands("number", "Numbers to keep the lower of"),
                  max: operands("number", "Numbers to keep the higher of"),
                  append: operands("array", "Elements to add at the end"),
                  prepend: operands("array", "Elements to add at the start"),
                  union: operands("array", "Elements to add, each once"),
                  remove: operands("array", "Elements to remove"),
                  now: paths("Fields to set to the present, in ms"),
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
        "Others change the document all the time, or a pipe did; whether the change is stored is not known; or the request was sent before, and is under way",
      ),
      422: failure("The request key belongs to another request"),
      503: failure(
        "Too many updates wait for the document, Kuzzle is not as expected, or request keys cannot be kept",
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
        "Version that the document must have: with any other one, it is left as it is",
      in: "query",
      name: "ifVersion",
      schema: { minimum: 1, type: "integer" },
    },
    flag(
      "skipUnchanged",
      "Write nothing where the document would stay as it is",
    ),
    flag("dryRun", "Write nothing, and answer what would be stored"),
  ];
}

function ifMatchHeader(): JSONObject {
  return {
    description:
      "As `ifVersion`: the `ETag` of the document, a list of several, or `*`. Weak ones match nothing.",
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

/** @param headers of the answer where the document was updated */
function changeResponses(headers: JSONObject = {}): JSONObject {
  return {
    200: { ...success("The document was updated", changeResult()), headers },
    400: failure(
      "An argument, a header or the body is missing or invalid, or does not suit the document",
    ),
    401: failure("The action requires authentication"),
    403: failure(
      "The user has not the right to update the document, or a field",
    ),
    404: failure("There is no such document, or the user is gone"),
    409: failure(
      "Others change the document all the time, or a pipe did; or whether the change is stored is not known",
    ),
    412: failure(
      "There is no such index or collection, or the document is not as demanded: nothing is stored",
    ),
    500: failure("Storage, or a pipe of the application, failed"),
    503: failure(
      "Too many updates wait for the document, or Kuzzle is not as expected",
    ),
  };
}

/** OpenAPI 3.1 operation of the route of the `stats` action. */
export function statsOperation(controller: string): JSONObject {
  const figures = success("Figures of the node", { type: "object" });

  return {
    description:
      "Tells what `update` and `modify` have done on the node that answers, since it started.",
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
    summary: "Figures of updates",
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

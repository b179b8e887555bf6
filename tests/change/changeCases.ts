import type { JSONObject } from "kuzzle-sdk";

import type { ApiRequest, Protocol } from "../support/request";

const PLUGIN = "plugin.document-update";

/** What a document holds at first. */
export const content: JSONObject = {
  n: 1,
  o: { a: 1, b: 2 },
  tags: ["a", "b"],
  text: "x",
};

/** What a client may send that native `document:update` does not know, and what becomes of it. */
export interface ChangeCase {
  readonly name: string;
  /** @default every protocol */
  readonly on?: readonly Protocol[];
  /** What the document holds at first, too. */
  readonly beside?: JSONObject;
  readonly request: ApiRequest;
  /** Status and id. The document stays as it is. */
  readonly error?: string;
  /** Fields that then have another value, undefined for those that are gone. @default none: no write */
  readonly stored?: JSONObject;
  /** Paths that the answer tells, in order. @default `n` of `modify`, none of `update` */
  readonly updatedFields?: readonly string[];
}

/** Beyond what JavaScript tells from the next integer. */
const large = 2 ** 60;

const ifMatch = (header: string) => ({
  on: ["http"] as const,
  request: { http: { headers: { "if-match": header } } },
});

/** Of both actions, with a change of `n` to 2. */
export const optionCases: readonly ChangeCase[] = [
  {
    name: "ifVersion",
    request: { args: { ifVersion: 1 } },
    stored: { n: 2 },
  },
  {
    name: "ifVersion in digits",
    request: { args: { ifVersion: "1" } },
    stored: { n: 2 },
  },
  {
    error: `412 ${PLUGIN}.version_mismatch`,
    name: "ifVersion of another version",
    request: { args: { ifVersion: 7 } },
  },
  {
    error: `400 ${PLUGIN}.invalid_argument`,
    name: "ifVersion that is no version",
    request: { args: { ifVersion: "NaN" } },
  },
  { name: "If-Match", ...ifMatch('"4", "1"'), stored: { n: 2 } },
  { name: "If-Match of any version", ...ifMatch("*"), stored: { n: 2 } },
  {
    error: `412 ${PLUGIN}.version_mismatch`,
    name: "a weak If-Match",
    ...ifMatch('W/"1"'),
  },
  {
    error: `400 ${PLUGIN}.invalid_argument`,
    name: "a malformed If-Match",
    ...ifMatch("1"),
  },
  {
    error: `400 ${PLUGIN}.invalid_argument`,
    name: "If-Match that contradicts ifVersion",
    on: ["http"],
    request: { ...ifMatch('"1"').request, args: { ifVersion: 2 } },
  },
  {
    name: "skipUnchanged of a change",
    request: { args: { skipUnchanged: true } },
    stored: { n: 2 },
    updatedFields: ["n"],
  },
  {
    name: "skipUnchanged=false, over HTTP a flag all the same",
    on: ["http"],
    request: { args: { skipUnchanged: "false" } },
    stored: { n: 2 },
    updatedFields: ["n"],
  },
  {
    error: "400 api.assert.invalid_type",
    name: "skipUnchanged of a wrong type",
    on: ["websocket", "mqtt"],
    request: { args: { skipUnchanged: "true" } },
  },
];

/** Of the plugin's own actions, with the same change: to a native one, Kuzzle itself fires events. */
export const dryRunCases: readonly ChangeCase[] = [
  {
    name: "dryRun",
    request: { args: { dryRun: true } },
    updatedFields: ["n"],
  },
  {
    name: "dryRun and ifVersion",
    request: { args: { dryRun: true, ifVersion: 1 } },
    updatedFields: ["n"],
  },
  {
    error: `412 ${PLUGIN}.version_mismatch`,
    name: "dryRun and ifVersion of another version",
    request: { args: { dryRun: true, ifVersion: 7 } },
  },
];

export const refusedDryRun: ChangeCase = {
  error: `400 ${PLUGIN}.invalid_argument`,
  name: "dryRun",
  request: { args: { dryRun: true } },
};

/** Of `update` alone. */
export const updateCases: readonly ChangeCase[] = [
  {
    name: "skipUnchanged of what is there",
    request: { args: { skipUnchanged: true }, body: { n: 1, o: { b: 2 } } },
    updatedFields: [],
  },
  {
    name: "condition and operators in the body: fields like any other",
    request: {
      args: { ifVersion: 1 },
      body: { condition: { exists: "none" }, operators: { unset: ["n"] } },
    },
    stored: { condition: { exists: "none" }, operators: { unset: ["n"] } },
  },
];

/** Of `modify` alone. */
export const modifyCases: readonly ChangeCase[] = [
  {
    name: "every operator",
    request: {
      body: {
        changes: { text: "y" },
        operators: {
          append: { tags: ["b"] },
          increment: { n: 4 },
          max: { "o.a": 7 },
          min: { "o.b": 1 },
          multiply: { "new\\.name": 3 },
          prepend: { before: [1] },
          remove: { none: [1] },
          union: { set: [1, 1] },
        },
      },
    },
    stored: {
      before: [1],
      n: 5,
      "new.name": 3,
      none: [],
      o: { a: 7, b: 1 },
      set: [1],
      tags: ["a", "b", "b"],
      text: "y",
    },
    updatedFields: [
      "before",
      "n",
      "new\\.name",
      "none",
      "o.a",
      "o.b",
      "set",
      "tags",
      "text",
    ],
  },
  {
    name: "a condition that is met",
    request: {
      body: {
        changes: { n: 3 },
        condition: { and: [{ equals: { text: "x" } }, { exists: "o.a" }] },
      },
    },
    stored: { n: 3 },
    updatedFields: ["n"],
  },
  {
    error: `412 ${PLUGIN}.condition_not_met`,
    name: "a condition that is not met",
    request: {
      body: { changes: { n: 3 }, condition: { range: { n: { gt: 1 } } } },
    },
  },
  {
    error: `400 ${PLUGIN}.invalid_condition`,
    name: "a condition that is no filter",
    request: { body: { condition: { likes: { n: 1 } } } },
  },
  {
    error: `400 ${PLUGIN}.invalid_operators`,
    name: "an operator that there is not",
    request: { body: { operators: { divide: { n: 2 } } } },
  },
  {
    error: `400 ${PLUGIN}.operator_path`,
    name: "a path through a text",
    request: { body: { operators: { increment: { "text.n": 1 } } } },
  },
  {
    error: `400 ${PLUGIN}.operator_type`,
    name: "an operator on a value of another type",
    request: { body: { operators: { append: { text: ["y"] } } } },
  },
  {
    beside: { large },
    error: `400 ${PLUGIN}.operator_result`,
    name: "a result that would be rounded",
    request: { body: { operators: { increment: { large: 1 } } } },
  },
  {
    beside: { large },
    error: `400 ${PLUGIN}.unset_refused`,
    name: "unset where the document cannot be written back",
    request: { body: { operators: { unset: ["text"] } } },
  },
  {
    name: "unset",
    request: {
      body: { changes: { n: 2 }, operators: { unset: ["text", "o.a"] } },
    },
    stored: { n: 2, o: { b: 2 }, text: undefined },
    updatedFields: ["n", "o.a", "text"],
  },
  {
    error: `400 ${PLUGIN}.invalid_argument`,
    name: "a body with another key",
    request: { body: { $set: { n: 1 } } },
  },
  {
    error: "400 api.assert.invalid_type",
    name: "changes that are no object",
    request: { body: { changes: [1] } },
  },
  {
    name: "skipUnchanged of what is there",
    request: {
      args: { skipUnchanged: true },
      body: { operators: { max: { n: 0 }, union: { tags: ["a"] } } },
    },
    updatedFields: [],
  },
];

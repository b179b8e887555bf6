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

/** A case whose request stores a change of `n` to 2, as all requests without a body ask for. */
const changes = (
  name: string,
  request: ApiRequest,
  more: Partial<ChangeCase> = {},
): ChangeCase => ({ name, request, stored: { n: 2 }, ...more });

/** A case whose request is refused by an error of the plugin's. */
const refused = (
  error: string,
  name: string,
  request: ApiRequest,
  more: Partial<ChangeCase> = {},
): ChangeCase => ({
  error: error.replace(" ", ` ${PLUGIN}.`),
  name,
  request,
  ...more,
});

const overHttp = { on: ["http"] } as const;
const ifMatch = (header: string, args?: JSONObject) => ({
  ...(args && { args }),
  http: { headers: { "if-match": header } },
});
const ofN = { updatedFields: ["n"] };

/** Of both actions, with a change of `n` to 2. */
export const optionCases: readonly ChangeCase[] = [
  changes("ifVersion", { args: { ifVersion: 1 } }),
  changes("ifVersion in digits", { args: { ifVersion: "1" } }),
  refused("412 version_mismatch", "ifVersion of another version", {
    args: { ifVersion: 7 },
  }),
  refused("400 invalid_argument", "ifVersion that is no version", {
    args: { ifVersion: "NaN" },
  }),
  changes("If-Match", ifMatch('"4", "1"'), overHttp),
  changes("If-Match of any version", ifMatch("*"), overHttp),
  refused(
    "412 version_mismatch",
    "a weak If-Match",
    ifMatch('W/"1"'),
    overHttp,
  ),
  refused(
    "400 invalid_argument",
    "a malformed If-Match",
    ifMatch("1"),
    overHttp,
  ),
  refused(
    "400 invalid_argument",
    "If-Match that contradicts ifVersion",
    ifMatch('"1"', { ifVersion: 2 }),
    overHttp,
  ),
  changes("skipUnchanged of a change", { args: { skipUnchanged: true } }, ofN),
  changes(
    "skipUnchanged=false, over HTTP a flag all the same",
    { args: { skipUnchanged: "false" } },
    { ...overHttp, ...ofN },
  ),
  {
    error: "400 api.assert.invalid_type",
    name: "skipUnchanged of a wrong type",
    on: ["websocket", "mqtt"],
    request: { args: { skipUnchanged: "true" } },
  },
];

/** Of the plugin's own actions, with the same change: to a native one, Kuzzle itself fires events. */
export const dryRunCases: readonly ChangeCase[] = [
  { name: "dryRun", request: { args: { dryRun: true } }, ...ofN },
  {
    name: "dryRun and ifVersion",
    request: { args: { dryRun: true, ifVersion: 1 } },
    ...ofN,
  },
  refused("412 version_mismatch", "dryRun and ifVersion of another version", {
    args: { dryRun: true, ifVersion: 7 },
  }),
];

export const refusedDryRun = refused("400 invalid_argument", "dryRun", {
  args: { dryRun: true },
});

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
      ...["before", "n", "new\\.name", "none", "o.a", "o.b", "set", "tags"],
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
  refused("412 condition_not_met", "a condition that is not met", {
    body: { changes: { n: 3 }, condition: { range: { n: { gt: 1 } } } },
  }),
  refused("400 invalid_condition", "a condition that is no filter", {
    body: { condition: { likes: { n: 1 } } },
  }),
  refused("400 invalid_operators", "an operator that there is not", {
    body: { operators: { divide: { n: 2 } } },
  }),
  refused("400 operator_path", "a path through a text", {
    body: { operators: { increment: { "text.n": 1 } } },
  }),
  refused("400 operator_type", "an operator on a value of another type", {
    body: { operators: { append: { text: ["y"] } } },
  }),
  refused(
    "400 operator_result",
    "a result that would be rounded",
    { body: { operators: { increment: { large: 1 } } } },
    { beside: { large } },
  ),
  refused(
    "400 unset_refused",
    "unset where the document cannot be written back",
    { body: { operators: { unset: ["text"] } } },
    { beside: { large } },
  ),
  {
    name: "unset",
    request: {
      body: { changes: { n: 2 }, operators: { unset: ["text", "o.a"] } },
    },
    stored: { n: 2, o: { b: 2 }, text: undefined },
    updatedFields: ["n", "o.a", "text"],
  },
  refused("400 invalid_argument", "a body with another key", {
    body: { $set: { n: 1 } },
  }),
  {
    error: "400 plugin.document-update.invalid_argument",
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

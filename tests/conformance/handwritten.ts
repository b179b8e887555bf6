import { type ConformanceCase, startingDocument } from "./ConformanceCase";
import type { Reaction } from "../application/probe";
import type { ApiRequest, Protocol } from "../support/request";

/** Protocols that carry any JSON; HTTP has its path, its query string and its own rules. */
const json: readonly Protocol[] = ["websocket", "mqtt"];
const http: readonly Protocol[] = ["http"];

const oddValues: readonly (readonly [string, unknown])[] = [
  ["null", null],
  ["a number", 42],
  ["zero", 0],
  ["a boolean", true],
  ["false", false],
  ["an object", { a: 1 }],
  ["a list", ["a"]],
  ["an empty string", ""],
  ["an oversized string", "x".repeat(2000)],
];

/** Cases of requests, by their names, that have the rest in common. */
const cases = (
  shared: Partial<ConformanceCase>,
  requests: Readonly<Record<string, ApiRequest>>,
): ConformanceCase[] =>
  Object.entries(requests).map(([name, request]) => ({
    ...shared,
    name,
    request,
  }));

const withSource = { args: { source: true } };

/** Every argument with a value of every wrong kind, and left out. */
const wrongArguments: readonly ConformanceCase[] = [
  ...["_id", "index", "collection", "body", "volatile", "requestId", "jwt"],
].flatMap((argument) =>
  [["left out", undefined] as const, ...oddValues].map(([kind, value]) => ({
    name: `argument ${argument}: ${kind}`,
    on: json,
    request: { [argument]: value },
  })),
);

const wrongOptions: readonly ConformanceCase[] = [
  "silent",
  "source",
  "refresh",
  "retryOnConflict",
].flatMap((option) =>
  oddValues.map(([kind, value]) => ({
    name: `${option}: ${kind}`,
    on: json,
    request: { args: { [option]: value } },
  })),
);

const httpOptions: readonly ConformanceCase[] = [
  { source: true },
  { source: "false" },
  { source: "" },
  { silent: true },
  { silent: "false" },
  { refresh: "wait_for" },
  { refresh: "false" },
  { refresh: "true" },
  { refresh: "" },
  { refresh: true },
  { retryOnConflict: "3" },
  { retryOnConflict: "abc" },
  { retryOnConflict: "2.5" },
  { retryOnConflict: "-1" },
  { retryOnConflict: "" },
  { retryOnConflict: "0" },
  { silent: true, source: true, refresh: "wait_for", retryOnConflict: "1" },
  { unknown: "argument" },
  { triggerEvents: "true", __kuid__: "-1", __checkRights__: "true" },
].map((args) => ({
  name: `HTTP ${JSON.stringify(args)}`,
  on: http,
  request: { args },
}));

const httpBodies: readonly ConformanceCase[] = [
  ["no body", ""],
  ["null", "null"],
  ["a number", "42"],
  ["a string", '"text"'],
  ["a boolean", "true"],
  ["an empty list", "[]"],
  ["a list", "[1]"],
  ["an empty object", "{}"],
  ["broken JSON", '{"a":'],
  ["duplicate keys", '{"a":1,"a":2}'],
  [
    "__proto__",
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  ],
].map(([kind = "", rawBody = ""]) => ({
  name: `HTTP body: ${kind}`,
  on: http,
  request: { http: { rawBody } },
}));

const headers = (name: string, value: string) => ({
  http: { headers: { [name]: value } },
});

const httpOthers: readonly ConformanceCase[] = [
  ...cases(
    { on: http },
    {
      PUT: { http: { method: "PUT" } },
      "PUT with source": { ...withSource, http: { method: "PUT" } },
    },
  ),
  ...cases(
    { document: null, on: http },
    { "PUT without a document": { http: { method: "PUT" } } },
  ),
  ...cases(
    { on: http },
    {
      "x-kuzzle-volatile": { volatile: { from: "a header" } },
      "no request id": { requestId: undefined },
      "content type: text": headers("content-type", "text/plain"),
      "content type: none": headers("content-type", ""),
      "a form": {
        http: {
          headers: { "content-type": "application/x-www-form-urlencoded" },
          rawBody: "state=closed",
        },
      },
      "an index of the query string": { args: { index: "another" } },
      "an unknown origin": headers("origin", "https://example.org"),
      "no encoding": headers("accept-encoding", "identity"),
    },
  ),
];

const bodies: readonly ConformanceCase[] = (
  [
    ["a new field", { added: true }],
    ["the same value", { state: "open" }],
    ["nothing", {}],
    ["null", { state: null }],
    ["a nested field", { nested: { b: 2 } }],
    ["a nested null", { nested: { a: null } }],
    ["a list", { nested: { list: [9] } }],
    ["an empty list", { nested: { list: [] } }],
    [
      "an object in place of a value",
      { extra: { deep: { deeper: [{ a: [1, [2]] }] } } },
    ],
    ["a dotted key", { "nested.a": 5 }],
    ["an empty key", { "": 1 }],
    ["unicode", { clé: "é 漢字 🚕 \u0000 \u2028", "emoji🚕": "‮" }],
    [
      "numbers",
      {
        big: 9007199254740991,
        exp: 1e300,
        float: 0.1,
        negative: -0,
        tiny: 5e-324,
      },
    ],
    ["_kuzzle_info", { _kuzzle_info: { author: "forged", updater: "forged" } }],
    ["_id", { _id: "another" }],
    ["_source and _version", { _source: { a: 1 }, _version: 99 }],
    [
      "names of arguments",
      {
        action: "delete",
        body: { a: 1 },
        controller: "security",
        index: "x",
        source: false,
      },
    ],
    [
      "reserved names",
      { __checkRights__: false, __kuid__: "-1", triggerEvents: true },
    ],
    [
      "names of prototypes",
      { constructor: "c", hasOwnProperty: "h", toString: "t" },
    ],
    [
      "20 levels",
      Array.from({ length: 20 }).reduce<object>(
        (inner, _, level) => ({ [`level${level}`]: inner }),
        { end: 1 },
      ),
    ],
    [
      "200 fields",
      Object.fromEntries(
        Array.from({ length: 200 }, (_, n) => [`field${n}`, n]),
      ),
    ],
    ["100 kB", { text: "x".repeat(100_000) }],
    ["a field of the wrong type", { count: "not a number" }],
    ["an object where a number is mapped", { count: { a: 1 } }],
    ["a date", { date: "2026-11-22T15:47:11Z" }],
  ] as const
).flatMap(([kind, body]) => [
  { name: `body: ${kind}`, request: { body } },
  { name: `body: ${kind}, with source`, request: { ...withSource, body } },
]);

const targets: readonly ConformanceCase[] = [
  { document: null, name: "no such document" },
  ...cases({ document: null }, { "no such document, with source": withSource }),
  ...cases(
    {},
    {
      "no such index": { index: "no-such-index" },
      "no such collection": { collection: "no-such-collection" },
      "an index with upper case": { index: "UPPER" },
      "an index with a wildcard": { index: "tests-*" },
      "an index of Kuzzle's own": { collection: "users", index: "kuzzle" },
      "an index with a prefix": { index: "&tests" },
      "an identifier with special characters": { _id: "a b/c?d=é#🚕" },
      "an identifier of 513 bytes": { _id: "x".repeat(513) },
      "an identifier that begins with an underscore": { _id: "_search" },
    },
  ),
  { name: "the anonymous user", caller: "anonymous" },
  { name: "a caller without the native right", caller: "outsider" },
  { name: "an invalid token", request: { jwt: "not a token" } },
];

const options: readonly ConformanceCase[] = [
  { source: true },
  { source: false },
  { silent: true },
  { silent: false },
  { silent: true, source: true },
  { refresh: "wait_for" },
  { refresh: "false" },
  { refresh: "true" },
  { refresh: "other" },
  { retryOnConflict: 5 },
  { retryOnConflict: 0 },
  { retryOnConflict: -1 },
  { retryOnConflict: 2.5 },
  { retryOnConflict: "3" },
  { retryOnConflict: "abc" },
  { queuable: false, timeout: 1 },
  { targets: [] },
  { targets: [{ collections: ["c"], index: "i" }] },
  { timestamp: 1700000000000 },
  { timestamp: "text" },
  { headers: { a: 1 } },
  { cookieAuth: true },
  { triggerEvents: true },
  { __checkRights__: true, __kuid__: "-1" },
  { __kuid__: 42 },
].map((args) => ({
  name: `options ${JSON.stringify(args)}`,
  on: json,
  request: { args },
}));

const sdkName = "js@7.17.1";

const volatiles: readonly ConformanceCase[] = Object.entries({
  empty: {},
  custom: { deep: { a: [1] }, trace: "abc" },
  "that of an SDK": { sdkInstanceId: "an-instance", sdkName },
  "sdkName alone": { sdkName },
  "reserved names": { __kuid__: "-1", triggerEvents: true },
  "of an incompatible SDK": { sdkName: "js@5.0.0" },
}).map(([kind, volatile]) => ({
  name: `volatile: ${kind}`,
  request: { volatile },
}));

const subscriptions: readonly ConformanceCase[] = [
  ...Object.entries({
    "a filter that the update enters": { equals: { state: "closed" } },
    "a filter that the update leaves": { equals: { state: "open" } },
    "a filter that never matches": { equals: { state: "other" } },
    "a filter that matches throughout": { exists: { field: "count" } },
  }).map(([name, filter]) => ({ filter, name })),
  {
    filter: { equals: { state: "open" } },
    name: "a silent update that leaves a filter",
    request: { args: { silent: true } },
  },
  { filter: {}, name: "no filter" },
  {
    filter: { range: { count: { gt: 5 } } },
    name: "a range that the update enters",
    request: { body: { count: 10 } },
  },
  {
    filter: { exists: { field: "added" } },
    name: "a field that the update adds",
    request: { body: { added: 1 } },
  },
];

const specifications: readonly ConformanceCase[] = (
  ["specified", "strict"] as const
).flatMap((collection) => [
  ...Object.entries({
    "a valid change": { count: 5 },
    "a value of the wrong type": { count: "five" },
    "a value out of range": { count: 5000 },
    "a field that is not specified": { other: 1 },
    "two errors": { count: "five", state: 5 },
  }).map(([kind, body]) => ({
    collection,
    name: `${collection}: ${kind}`,
    request: { body },
  })),
  {
    collection,
    document: null,
    name: `${collection}: no such document`,
    request: { body: { count: 5 } },
  },
  { collection, name: `${collection}: an empty change`, request: { body: {} } },
]);

/** An object within objects. */
const nested = (levels: number): object =>
  Array.from({ length: levels }).reduce<object>((inner) => ({ level: inner }), {
    end: 1,
  });

const rigidValues: readonly ConformanceCase[] = (
  [
    ["a mapped field", { count: 2 }],
    ["a field that is not mapped", { other: 2 }],
    ["two fields that are not mapped", { another: 1, other: 2 }],
    ["a value of the wrong type", { count: "x" }],
    ["a number in text", { count: "7" }],
    ["a number with a fraction", { count: 2.5 }],
    ["a number out of range", { count: 2 ** 40 }],
    ["an object where a value is mapped", { count: { a: 1 } }],
    ["a list with a wrong one", { count: [1, "x"] }],
    ["a value where an object is mapped", { nested: 5 }],
    ["a list of values where an object is mapped", { nested: [5] }],
    ["a field in an object that is not mapped", { nested: { other: 1 } }],
    ["a wrong value in an object", { nested: { count: "x" } }],
    ["an object for a value, deep", { nested: { deep: { word: { a: 1 } } } }],
    ["a value for an object, deep", { nested: { deep: "x" } }],
    ["a dotted name that is mapped", { "nested.count": 3 }],
    ["a dotted name with a wrong value", { "nested.count": "x" }],
    ["a dotted name that is not mapped", { "nested.other": 3 }],
    ["a dotted name of a value", { "count.other": 3 }],
    ["a name that ends with a dot", { "nested.": 3 }],
    ["two dots in a name", { "nested..count": 3 }],
    ["a blank for a name", { " ": 3 }],
    ["no name in an object", { nested: { "": 3 } }],
    ["nested: a value", { list: 5 }],
    ["nested: a list of objects", { list: [{ a: 1 }, { a: 2 }] }],
    ["nested: a wrong value", { list: [{ a: 1 }, { a: "x" }] }],
    ["nested: a field that is not mapped", { list: [{ b: 1 }] }],
    ["no date", { date: "yesterday" }],
    ["no boolean", { flag: "maybe" }],
    ["no address", { ip: "300.1.1.1" }],
    ["no place", { place: { lat: 200, lon: 0 } }],
    ["half a place", { place: { lat: 1 } }],
    ["a word too long for the index", { word: "x".repeat(33_000) }],
    ["two errors", { count: "x", flag: "maybe" }],
  ] as const
).flatMap(([kind, body]) => [
  {
    collection: "rigid",
    document: { count: 1 },
    name: `rigid mapping: ${kind}`,
    request: { body },
  },
]);

const mappings: readonly ConformanceCase[] = [
  ...rigidValues,
  {
    collection: "rigid",
    document: { count: 1 },
    name: "rigid mapping: an error, with source, retries and no notification",
    request: {
      args: { retryOnConflict: 3, silent: true, source: true },
      body: { count: "x" },
    },
  },
  {
    collection: "rigid",
    document: null,
    name: "rigid mapping: no such document, and an error",
    request: { body: { count: "x" } },
  },
  {
    document: { turns: "text" },
    name: "mapping: an object where a document had a value",
    request: { body: { turns: { a: 1 } } },
  },
  {
    document: { turning: { a: 1 } },
    name: "mapping: a value where a document had an object",
    request: { body: { turning: 5 } },
  },
  {
    name: "mapping: deeper than it may be",
    request: { body: { pit: nested(40) } },
  },
  {
    // No other case adds fields to it: storage tells how many there are.
    collection: "crowded",
    name: "mapping: more fields than it may have",
    request: {
      body: Object.fromEntries(
        Array.from({ length: 1500 }, (_, n) => [`crowd${n}`, n]),
      ),
    },
  },
  {
    collection: "loose",
    name: "no mapping: an object within 900 objects",
    request: { body: { pit: nested(900) } },
  },
  {
    collection: "loose",
    name: "no mapping: an object within 1,200 objects",
    request: { body: { pit: nested(1_200) } },
  },
];

/** Arguments that are wrong, of a document that is missing: which error comes first? */
const wrongAndMissing: readonly ConformanceCase[] = [
  { retryOnConflict: 2.5 },
  { retryOnConflict: "abc" },
  { retryOnConflict: -1 },
  { retryOnConflict: "3" },
  { refresh: "nonsense" },
  { refresh: "" },
  { refresh: "wait_for" },
  { refresh: "wait_for", source: true },
  { silent: true },
].map((args) => ({
  document: null,
  name: `no such document, ${JSON.stringify(args)}`,
  on: json,
  request: { args },
}));

const identifiers: readonly ConformanceCase[] = [
  ["512 bytes", "x".repeat(512)],
  ["513 bytes in 257 letters", `${"é".repeat(256)}x`],
  ["1,000 bytes", "x".repeat(1_000)],
  ["a slash", "a/b"],
  ["dots", ".."],
  ["a comma", "a,b"],
  ["a quote and a line", '"\n"'],
].map(([kind = "", _id = ""]) => ({
  document: null,
  name: `an identifier: ${kind}`,
  on: json,
  request: { _id },
}));

/** What a neighbour in the same request to storage must not notice. */
const neighbours: readonly ConformanceCase[] = (
  [
    { name: "neighbours that the client refuses to read" },
    {
      name: "neighbours that the client refuses to read, with source",
      request: withSource,
    },
    {
      name: "neighbours that the client refuses to read, no such document",
      document: null,
    },
    {
      name: "a document that the client refuses to read: __proto__",
      storedPastKuzzle: '{"__proto__":{"a":1},"count":1}',
    },
    {
      name: "a document that the client refuses to read: constructor",
      storedPastKuzzle: '{"constructor":{"prototype":{"a":1}},"count":1}',
    },
    {
      name: "a document that the client refuses to read, with source",
      request: withSource,
      storedPastKuzzle: '{"a":[{"__proto__":{"a":1}}],"count":1}',
    },
  ] satisfies ConformanceCase[]
).map((each) => ({ collection: "poisoned", ...each }));

const gone = { collection: "gone", document: null } as const;

const past: readonly ConformanceCase[] = [
  ...(["piped", "finallyPiped"] as const).flatMap((collection) => [
    { collection, name: `${collection}: a valid change` },
    {
      collection,
      name: `${collection}: a valid change, with source`,
      request: withSource,
    },
    { collection, document: null, name: `${collection}: no such document` },
  ]),
  { ...gone, name: "gone: a valid change" },
  { ...gone, name: "gone: a valid change, with source", request: withSource },
  {
    ...gone,
    name: "gone: wrong retries",
    on: json,
    request: { args: { retryOnConflict: "abc" } },
  },
  {
    ...gone,
    name: "gone: wait_for",
    request: { args: { refresh: "wait_for" } },
  },
];

const requestEvents = ["document:beforeUpdate", "document:afterUpdate"];
const genericEvents = [
  "generic:document:beforeUpdate",
  "generic:document:afterUpdate",
];
const METADATA = "generic:document:injectMetadata";
const ERROR = "document:errorUpdate";

const vetoes: readonly ConformanceCase[] = [
  ...requestEvents,
  ...genericEvents,
  METADATA,
].flatMap((event) =>
  (["KuzzleError", "Error", "string"] as const).flatMap((throws) => {
    const name = `${event} throws a ${throws}`;
    const pipes = { [event]: { throws } };
    const recovered = { recover: true, result: { recovered: event } };

    return [
      { name, pipes },
      { name: `${name}, with source`, pipes, request: withSource },
      ...Object.entries<Reaction>({
        recovers: recovered,
        "recovers without a result": { recover: true },
        "throws another": { throws: "KuzzleError" },
        "throws a plain error": { throws: "Error" },
      }).map(([what, reaction]) => ({
        name: `${name}, the error event ${what}`,
        pipes: { [ERROR]: reaction, ...pipes },
      })),
    ];
  }),
);

/** A case for each reaction of a pipe to an event. */
const at = (
  event: string,
  reactionsByName: Readonly<Record<string, Reaction>>,
): ConformanceCase[] =>
  Object.entries(reactionsByName).map(([name, reaction]) => ({
    name,
    pipes: { [event]: reaction },
  }));

const reactions: readonly ConformanceCase[] = [
  ...at("generic:document:beforeUpdate", {
    "generic before changes the body": {
      documents: [{ _id: "ID", _source: { changed: 1 } }],
    },
    "generic before changes the id": {
      documents: [{ _id: "OTHER", _source: { changed: 1 } }],
    },
    "generic before returns no document": { documents: [] },
    "generic before returns no id": { documents: [{ _source: { a: 1 } }] },
    "generic before returns two documents": {
      documents: [
        { _id: "ID", _source: { a: 1 } },
        { _id: "OTHER", _source: { b: 1 } },
      ],
    },
  }),
  ...at("document:beforeUpdate", {
    "before adds a field": { set: { "input.body.added": "by a pipe" } },
    "before removes a field": { set: { "input.body.state": undefined } },
    "before changes the id": { set: { "input.args._id": "OTHER" } },
    "before removes the id": { set: { "input.args._id": undefined } },
    "before makes the id a number": { set: { "input.args._id": 42 } },
    "before removes the body": { set: { "input.body": null } },
    "before asks for the source": { set: { "input.args.source": true } },
    "before makes it silent": { set: { "input.args.silent": true } },
    "before changes the collection": {
      set: { "input.args.collection": "no-such-collection" },
    },
    "before changes the volatile": {
      set: { "input.volatile": { by: "a pipe" } },
    },
    "before changes the options": { set: { "input.args.refresh": "nonsense" } },
    "before returns another request": { replaceBody: { replaced: true } },
    "before sets the status": { status: 202 },
    "before sets headers": { headers: { "X-Before": "yes" } },
  }),
  ...at("document:afterUpdate", {
    "after sets the result": { result: { other: "result" } },
    "after sets the result and the status": {
      result: { _id: "x" },
      status: 203,
    },
    "after adds to the result": { set: { "result._source.computed": 1 } },
    "after sets headers": {
      headers: { "X-After": "yes", "x-kuzzle-node": "mine" },
    },
    "after sets headers of the protocol": {
      protocolHeaders: [
        ["X-Hidden", "a"],
        ["X-Hidden", "b"],
      ],
    },
    "after sets cookies": {
      protocolHeaders: [
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2; Path=/"],
      ],
    },
    "after sets cookies in the answer": { headers: { "Set-Cookie": "a=1" } },
    "after answers raw": { raw: true, result: { bare: true } },
    "after answers raw text": {
      headers: { "Content-Type": "text/plain" },
      raw: true,
      result: "plain text",
    },
    "after returns another request": { replaceBody: { replaced: true } },
    "after adds a deprecation": { deprecation: "old" },
  }),
  ...at("generic:document:afterUpdate", {
    "generic after changes the result": {
      documents: [{ _id: "ID", _source: { seen: "otherwise" }, _version: 7 }],
    },
    "generic after returns no document": { documents: [] },
  }),
  ...at(METADATA, {
    "metadata: a field is added": { result: { reviewed: true } },
    "metadata: the updater is replaced": { result: { updater: "a pipe" } },
  }),
  {
    name: "before mends the arguments",
    pipes: { "document:beforeUpdate": { set: { "input.args._id": "ID" } } },
    request: { _id: "" },
    on: json,
  },
  {
    name: "after answers raw, then it fails",
    pipes: {
      "document:afterUpdate": { raw: true },
      "generic:document:afterUpdate": { throws: "KuzzleError" },
    },
  },
  {
    name: "metadata, with source",
    pipes: { [METADATA]: { result: { reviewed: true } } },
    request: { args: { source: true } },
  },
  {
    name: "the error event sets headers",
    document: null,
    pipes: { [ERROR]: { headers: { "X-Error": "yes" } } },
  },
  {
    name: "the error event recovers a missing document",
    document: null,
    pipes: { [ERROR]: { recover: true, result: { made: "up" } } },
  },
  {
    name: "the error event recovers with a status",
    document: null,
    pipes: { [ERROR]: { recover: true, result: { made: "up" }, status: 203 } },
  },
  {
    name: "the error event recovers a missing body",
    on: json,
    pipes: { [ERROR]: { recover: true, result: {} } },
    request: { body: undefined },
  },
  {
    name: "the error event replaces a native error",
    document: null,
    pipes: { [ERROR]: { throws: "KuzzleError" } },
  },
  {
    name: "the error event changes the request",
    document: null,
    pipes: { [ERROR]: { set: { "input.args.seen": true } } },
  },
  {
    name: "every stage reacts",
    pipes: {
      "document:afterUpdate": { set: { "result._source.after": 1 } },
      "document:beforeUpdate": { set: { "input.body.before": 1 } },
      [METADATA]: { result: { step: 3 } },
    },
  },
];

/** Pipes that forget to return what they were given. */
const forgetful: readonly ConformanceCase[] = [
  ...requestEvents,
  ...genericEvents,
  ERROR,
].map((event) => ({
  document: event === ERROR ? null : startingDocument,
  name: `${event} returns nothing`,
  pipes: { [event]: { returnsNothing: true } },
}));

/** The cases that people thought of. */
export const handwritten: readonly ConformanceCase[] = [
  { name: "a plain update" },
  ...targets,
  ...options,
  ...httpOptions,
  ...bodies,
  ...httpBodies,
  ...httpOthers,
  ...volatiles,
  ...subscriptions,
  ...specifications,
  ...mappings,
  ...wrongAndMissing,
  ...identifiers,
  ...neighbours,
  ...past,
  ...vetoes,
  ...reactions,
  ...forgetful,
  ...wrongArguments,
  ...wrongOptions,
];

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { it } from "node:test";
import { runInThisContext } from "node:vm";

import { type KuzzleError, KuzzleRequest } from "kuzzle";
import type { JSONObject } from "kuzzle-sdk";

import { readCondition } from "../../../lib/change/conditions";
import { readModification } from "../../../lib/change/modification";
import { readOperators } from "../../../lib/change/operators";
import { RequestKeys } from "../../../lib/request/requestKeys";
import { manifest, pluginError } from "../../../lib/errors";
import { readConfiguration } from "../../../lib/plugin/configuration";
import { modifyOperation, updateOperation } from "../../../lib/plugin/openapi";
import { toPrometheus } from "../../../lib/request/statsAction";
import packageJson from "../../../package.json";
import { knownDifferences, ways } from "../../conformance/knownDifferences";
import { goals, targetOf } from "../../bench/goals";
import { FakeRedis } from "../../support/FakeRedis";
import { blocksOf, tableOf } from "../../support/markdown";

const guardKinds = ["`readOnly`", "`writableBy`", "`immutable`"];
/** Actions of Kuzzle's `bulk`. */
const BULK = ["deleteByQuery", "import", "mWrite", "updateByQuery", "write"];

const read = (path: string) => readFileSync(path, "utf8");

/** The paths of all files in a folder and its folders whose names end like this. */
const filesOf = (folder: string, end: string) =>
  readdirSync(folder, { encoding: "utf8", recursive: true })
    .filter((name) => name.endsWith(end))
    .map((name) => `${folder}/${name}`);

const ERRORS = [
  ...["error", "code", "status", "from"],
  ...["message", "meaning", "what to do"],
] as const;
const errorRows = () => tableOf(read("docs/errors.md"), ...ERRORS);

it("docs/errors.md is the catalogue of manifest.json, and says what to do", () => {
  const names = Object.keys(
    manifest.errors,
  ) as (keyof typeof manifest.errors)[];

  assert.deepEqual(
    errorRows().map(([name, code, status, , message = "", meaning]) => [
      name,
      code,
      status,
      // What it names, `props` have.
      message.replace(/\{\w+\}/g, "%s"),
      meaning,
    ]),
    names.map((name) => {
      const { class: className, description, message } = manifest.errors[name];
      const { code, status } = pluginError(name);
      return [
        `\`${name}\``,
        `0x${code.toString(16).padStart(8, "0")}`,
        `${status} ${className}`,
        message,
        description,
      ];
    }),
  );
  for (const [name, , , from, , , whatToDo] of errorRows()) {
    assert.ok(from && whatToDo, name);
  }
});

it("docs/promises.md has the known differences of the conformance tests", () => {
  const rows = tableOf(
    read("docs/promises.md"),
    "where",
    "met by",
    "native",
    "plugin",
    "reason",
  );

  assert.deepEqual(
    rows,
    knownDifferences.map(({ by, native, plugin, reason, where }) => [
      where,
      by.length === ways.length ? "all" : by.join(", "),
      native,
      plugin,
      reason,
    ]),
  );
});

it("docs/configuration.md has each key of the configuration, with what it accepts and its default", () => {
  const rows = tableOf(
    read("docs/configuration.md"),
    ...["key", "type", "default", "meaning", "its price"],
  );
  const defaults = Object.entries(readConfiguration({}));

  assert.deepEqual(
    rows.map(([key, , byDefault]) => [key, byDefault]),
    defaults.map(([key, value]) => [
      `\`${key}\``,
      `\`${JSON.stringify(value)}\``,
    ]),
  );
  for (const [key = "", type = ""] of rows) {
    assert.throws(
      () => readConfiguration({ [key.replaceAll("`", "")]: Symbol("wrong") }),
      (error: Error) => error.message.includes(`expected ${type}`),
    );
  }
});

it("the supported versions are the same in package.json, manifest.json, README and docs", () => {
  const { peerDependencies } = packageJson;
  const supported = tableOf(
    read("docs/promises.md"),
    "what",
    "supported",
    "tested",
  );
  assert.equal(manifest.kuzzleVersion, peerDependencies.kuzzle);
  assert.deepEqual(
    supported.slice(0, 2).map(([what, range]) => [what, range]),
    Object.entries(peerDependencies).map(([name, range]) => [
      name,
      `\`${range}\``,
    ]),
  );
  const inReadme = supported.map(([what, range]) => `${what} ${range}`);
  assert.ok(read("README.md").includes(`${inReadme.join(", ")}: `));
});

it("both ends of a range are tested, and docs/promises.md names them", () => {
  const { devDependencies, peerDependencies } = packageJson;
  const rows = tableOf(read("docs/promises.md"), "what", "supported", "tested");

  for (const name of ["kuzzle", "kuzzle-sdk"] as const) {
    const tested = rows.find(([what]) => what === name)?.[2]?.split(", ");
    const [lowest = "", highest] = tested ?? [];

    assert.ok(peerDependencies[name].startsWith(`>=${lowest} `), lowest);
    assert.equal(highest, devDependencies[name]);
  }
});

/** Calls of `app.config.set` in the blocks of a page that configure the plugin. */
function configurationsOf(path: string): unknown[] {
  const calls: [key: string, value: unknown][] = [];
  const app = {
    config: { set: (key: string, value: unknown) => calls.push([key, value]) },
  };
  for (const { code } of blocksOf(read(path))) {
    if (code.includes('app.config.set("plugins.document-update"')) {
      const run = runInThisContext(`(app) => {${code}}`) as (
        application: typeof app,
      ) => void;
      run(app);
    }
  }
  assert.ok(calls.every(([key]) => key === "plugins.document-update"));

  return calls.map(([, value]) => value);
}

it("each configuration in README and docs is valid", () => {
  const found = ["README.md", ...filesOf("docs", ".md")].flatMap((path) =>
    configurationsOf(path).map((configuration) => {
      assert.doesNotThrow(() => readConfiguration(configuration), path);
      return path;
    }),
  );

  assert.deepEqual(found.sort(), [
    "README.md",
    "docs/configuration.md",
    "docs/guards.md",
    "docs/promises.md",
  ]);
});

it("the override of uWebSockets.js in docs/troubleshooting.md is that of package.json", () => {
  const [override] = blocksOf(read("docs/troubleshooting.md"));
  const name = "uWebSockets.js";

  assert.deepEqual(JSON.parse(String(override?.code)), {
    devDependencies: { [name]: packageJson.devDependencies[name] },
    overrides: packageJson.overrides,
  });
});

/** Texts in the headings of docs/troubleshooting.md that are not the plugin's: of Kuzzle, npm, Node.js. */
const othersTexts = [
  "API URL not found",
  'API action "document-update":"…" not found',
  'API controller "document-update" not found.',
  "Another node share the same IP address as this one (…). Shutting down.",
  "Cannot find module './uws_linux_x64_….node'",
  "ETag",
  "Falling back to a NodeJS implementation",
  "Idempotency-Key",
  "If-Match",
  'Initialization timed out after 10000ms. Try to increase the configuration "plugins.common.initTimeout".',
  "Named export 'WebSocket' not found. The requested module 'kuzzle-sdk' is a CommonJS module",
  'No URL found for "document-update:update".',
  "This version of uWS.js supports only Node.js versions …",
  "This version of µWS is not compatible with your Node.js build",
  "Version mismatch: current Kuzzle version … does not match the manifest requirements",
  "[CLUSTER] No suitable IP address found with the provided configuration",
  "[…]: version conflict, required seqNo …",
  "api.process.overloaded",
  "circuit_breaking_exception",
  "cluster_block_exception … read-only / allow delete",
  "document:update",
  "npm error ERESOLVE … peer kuzzle",
  "npm install",
  "security.rights.forbidden",
  "security.rights.unauthorized",
  "services.storage.unexpected_error",
  "too much backpressure: client is too slow",
];

it("docs/troubleshooting.md quotes the plugin's messages as they are, and each of its warnings", () => {
  const headings = read("docs/troubleshooting.md").match(/^### .*$/gm) ?? [];
  const quoted = headings.flatMap((heading) =>
    [...heading.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text),
  );
  const sources = filesOf("lib", ".ts").map(read);
  const errors = Object.entries(manifest.errors).map(
    ([name, { message }]) => `${name}: ${message}`,
  );
  /** Tells whether a text contains the parts of a quote, between which something is left out. */
  const isQuoted = (text: string, quote: string) => {
    const parts = quote.split("…").map((part) => part.trim());
    let end = 0;
    return parts.every((part) => {
      const start = text.indexOf(part, end);
      end = start + part.length;
      return start !== -1;
    });
  };

  for (const text of othersTexts) {
    assert.ok(quoted.includes(text), text);
  }
  const own = quoted.filter((text) => !othersTexts.includes(text));
  for (const quote of own) {
    assert.ok(
      [...sources, ...errors].some((text) => isQuoted(text, quote)),
      quote,
    );
  }
  const warnings = sources.flatMap((source) =>
    [...source.matchAll(/arn\(\s*["`](.+)["`]/g)].map(([, text = ""]) => text),
  );
  assert.ok(warnings.length >= 2);
  for (const warning of warnings) {
    assert.ok(
      own.some((quote) => isQuoted(warning, quote)),
      warning,
    );
  }
});

it("docs/benchmarks.md has as gain what takes less time than natively, and as cost what takes more", () => {
  const rows = tableOf(
    read("docs/benchmarks.md"),
    "mode",
    "gain",
    "cost",
    "when",
  );
  const times = (column: number) =>
    rows.flatMap((row) =>
      [...String(row[column]).matchAll(/takes ([\d.]+) × as long/g)].map(
        ([, ratio]) => Number(ratio),
      ),
    );

  assert.ok(times(1).length + times(2).length > 0);
  assert.ok(times(1).every((ratio) => ratio <= 1));
  assert.ok(times(2).every((ratio) => ratio >= 1));
});

it("CONTRIBUTING.md has the goals of the benchmark", () => {
  assert.deepEqual(
    tableOf(read("CONTRIBUTING.md"), "goal", "target"),
    goals.map((goal) => [goal.name, targetOf(goal)]),
  );
});

it("the Prometheus queries in the docs use existing metrics", () => {
  const histogram = {
    buckets: [{ count: 1, le: "+Inf" as const }],
    count: 1,
    sum: 1,
  };
  const metrics = toPrometheus({
    batches: histogram,
    conflicts: 0,
    failures: { "services.storage.not_found": 1 },
    folds: histogram,
    node: "knode",
    queues: { documents: 0, longest: 0, longestEver: 0 },
    retries: 0,
    updates: 1,
    writeDuration: histogram,
  });
  const names = new Set(
    [...metrics.matchAll(/^(\w+)[ {]/gm)].map(([, name]) => name),
  );
  const queries = tableOf(read("docs/api/stats.md"), "question", "query");
  const asked = [
    ...queries
      .flat()
      .join()
      .matchAll(/kuzzle_document_update_\w+/g),
  ].flat();

  assert.ok(asked.length > 0);
  for (const name of asked) {
    assert.ok(
      names.has(name) || names.has(`${name}_sum`),
      `${name} of ${[...names].join(", ")}`,
    );
  }
});

const operations = [
  ["update", updateOperation("document-update", "patch")],
  ["modify", modifyOperation("document-update")],
] as const;

for (const [action, { parameters }] of operations) {
  const path = `docs/api/${action}.md`;

  it(`${path} documents exactly the arguments of the OpenAPI operation`, () => {
    const text = read(path);
    const section = text.slice(
      text.indexOf("## Arguments"),
      text.indexOf("## Body properties"),
    );
    const documented = [...section.matchAll(/^- `(\w+)`: /gm)].map(
      ([, name]) => name,
    );

    const named = (isHeader: boolean) =>
      (parameters as { in: string; name: string }[])
        .filter((parameter) => (parameter.in === "header") === isHeader)
        .map(({ name }) => name);

    assert.deepEqual(documented.sort(), named(false).sort());
    for (const header of named(true)) {
      assert.match(text, new RegExp(`^Headers: .*\\[${header}: `, "m"));
      assert.match(section, new RegExp(`header \`${header}[:\`]`));
    }
  });
}

it("docs/guards.md lists each action that writes documents, and its role allows none that gets past guards", () => {
  const guards = read("docs/guards.md");
  const rows = tableOf(guards, "action", ...guardKinds);
  const { actions } = createRequire(require.resolve("kuzzle/package.json"))(
    "./dist/lib/api/controllers/documentController",
  ) as { readonly actions: Readonly<Record<string, string>> };
  const writes = Object.keys(actions).filter((action) =>
    ["delete", "update", "write"].includes(actions[action]!),
  );
  const actionOf = (row: readonly string[]) => row[0]!.split("`")[1]!;
  const told = rows.map(actionOf);

  for (const action of [
    ...writes.map((name) => `document:${name}`),
    ...BULK.map((name) => `bulk:${name}`),
  ]) {
    assert.ok(told.includes(action), action);
  }
  const [role = ""] = blocksOf(guards)
    .filter(({ language }) => language === "json")
    .map(({ code }) => code);
  const { controllers } = JSON.parse(role) as {
    readonly controllers: Record<string, { readonly actions: object }>;
  };
  const passing = rows
    .filter((row) => row.includes("gets past"))
    .map(actionOf)
    // A client's request is intercepted.
    .filter((action) => action !== "document:update");
  for (const [controller, { actions: allowed }] of Object.entries(
    controllers,
  )) {
    for (const action of Object.keys(allowed)) {
      assert.ok(!passing.includes(`${controller}:${action}`), action);
    }
  }
});

it("docs/api/modify.md has each operator of the OpenAPI operation", () => {
  const rows = tableOf(
    read("docs/api/modify.md"),
    "operator",
    "operand",
    "stores",
    "where the field is missing, or null",
  );
  const documented = rows.flatMap(([names = ""]) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  const { requestBody } = modifyOperation("document-update");
  const { schema } = requestBody.content["application/json"];

  assert.deepEqual(
    documented,
    Object.keys(schema.properties.operators.properties as object),
  );
});

/** A filter of as many levels; the last is that of a field's name. */
const nested = (levels: number): JSONObject =>
  levels === 2 ? { exists: "a" } : { not: nested(levels - 1) };

const aCondition = (condition: unknown) => () => void readCondition(condition);

/** For each row of the tables of limits: a call with that many of them. */
const withAsMany: Readonly<
  Record<string, (count: number) => Promise<void> | void>
> = {
  "characters of a request key": async (count) => {
    const keys = new RequestKeys(new FakeRedis(), 60_000, 60_000);
    const requestKey = "k".repeat(count);
    const user = { _id: "joe" };
    await keys.begin(new KuzzleRequest({ requestKey }, { user }), () => ({}));
  },
  "characters, as JSON": (count) =>
    aCondition({
      equals: { a: "x".repeat(count - '{"equals":{"a":""}}'.length) },
    })(),
  "levels, from the filter to the values in it": (count) =>
    aCondition(nested(count))(),
  "names in a path": (count) =>
    void readOperators({ now: [Array(count).fill("a").join(".")] }, {}),
  "paths in all operators": (count) =>
    void readOperators(
      { unset: Array.from({ length: count }, (_, n) => `f${n}`) },
      {},
    ),
  steps: (count) => void readModification({ steps: Array(count).fill({}) }),
  // Three of them around the elements.
  "values: objects, lists and what they hold": (count) =>
    aCondition({ match: { a: Array(count - 3).fill("x") } })(),
};

it("docs/api/modify.md has the limits of conditions and modifications as they are", async () => {
  const text = read("docs/api/modify.md");
  const rows = ["of a condition", "of a modification"].flatMap((of) =>
    tableOf(text, of, "at most"),
  );

  assert.deepEqual(
    rows.map(([what]) => what).sort(),
    Object.keys(withAsMany).sort(),
  );
  for (const [what = "", limit] of rows) {
    const act = async (count: number) => withAsMany[what]!(count);
    await assert.doesNotReject(act(Number(limit)), what);
    await assert.rejects(
      act(Number(limit) + 1),
      ({ id }: KuzzleError) => id.startsWith("plugin.document-update."),
      what,
    );
  }
});

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .replace(/\s/g, "-");

it("every link from one document to another leads somewhere", () => {
  for (const path of [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docker/README.md",
    ...filesOf("docs", ".md"),
  ]) {
    const links = read(path).matchAll(
      /\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g,
    );
    for (const [, link = "", anchor] of links) {
      const name = link.endsWith("/") ? `${link}README.md` : link;
      const target = new URL(name, `file://${process.cwd()}/${path}`).pathname;
      assert.doesNotThrow(() => read(target), `${link} of ${path}`);
      if (anchor !== undefined) {
        const headings = read(target).matchAll(/^#+ (.*)$/gm);
        const anchors = [...headings].map(([, each = ""]) => anchorOf(each));
        assert.ok(anchors.includes(anchor), `${link}#${anchor} of ${path}`);
      }
    }
  }
});

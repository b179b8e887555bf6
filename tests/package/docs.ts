import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, beforeEach, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { root } from "../../scripts/paths.mjs";
import { type Block, blocksOf } from "../support/markdown";
import { PATTERNS } from "./patterns";
import { CLIENT_WITH_NAMES } from "./readme";
import { only } from "./readmeBlocks";
import {
  curl,
  runClient,
  sample,
  type Served,
  type Setting,
  start,
  stored,
  storeSample,
} from "./serve";

/** The blocks that are run here: not the shapes of requests and answers, nor commands of other programs. */
const blocks = readdirSync(`${root}docs`, { encoding: "utf8", recursive: true })
  .filter((page) => page.endsWith(".md") && page !== PATTERNS)
  .flatMap((page) => blocksOf(readFileSync(`${root}docs/${page}`, "utf8")))
  .filter(isRun);

function isRun({ code, language }: Block): boolean {
  return (
    // Run with those of the README.
    !code.includes(CLIENT_WITH_NAMES) &&
    // Configurations, which the unit tests read.
    !code.includes('app.config.set("plugins.document-update"') &&
    // Takes 20 minutes.
    !code.includes("npm run bench") &&
    (["sh", "ts"].includes(language) ||
      (language === "js" && code.includes("kuzzle.")))
  );
}

/** The examples in the comments of the client and of its types. */
const examples = ["api", "client"].flatMap((name) =>
  [
    ...readFileSync(`${root}lib/${name}.ts`, "utf8").matchAll(
      /^ *\* @example\n((?: *\*(?! @|\/).*\n)+)/gm,
    ),
  ].map(([, lines = ""]) => ({
    code: lines.replace(/^ *\* ?/gm, ""),
    language: "ts",
  })),
);

/** The examples, each by a text that only it contains, with what they leave of the sample. */
const commented: Readonly<Record<string, JSONObject>> = {
  ": DocumentOperators": {
    rides: 1,
    seats: 4,
    size: { total: -3 },
    tags: ["yellow"],
  },
  "documentUpdate.modify": { rides: 1, seats: 4 },
  "documentUpdate.updateWithRetry": { seats: 5 },
  "kuzzle.useController": { seats: 5 },
};

/** The blocks of clients, each by a text that only it contains, with what they leave of the sample. */
const clients: Readonly<Record<string, JSONObject>> = {
  "condition: {": { driver: "Liia", rides: 1, seats: 4 },
  "crypto.randomUUID()": { rides: 1, seats: 4 },
  "documentUpdate.updateWithRetry": { seats: 5 },
  "ifVersion: _version": { seats: 3 },
};

/** Text of the block with which an administrator gives Prometheus access. */
const PROMETHEUS = "kuzzle.security.createApiKey";

const lines: Readonly<Record<string, JSONObject>> = {
  "liia/_modify": { rides: 1, seats: 4 },
  "liia/_update": { seats: 5 },
};

/** The blocks of server code. */
const servers = {
  headers: "http.accessControlAllowHeaders",
  modify: "function countRide",
  readers: "function writersMustBeReaders",
  update: "function setSeats",
  updateWith: "plugin.updateWith",
} as const;

/** That of a front end in TypeScript, a module of its own. */
const typed = "function trySeats";

const block = (text: string) => only(blocks, text);
const example = (text: string) => only(examples, text);

/** Completes a block of a client to a program, in which `kuzzle` is connected and logged in. */
const asClient = (code: string) => `import kuzzleSdk from "kuzzle-sdk";
import { DocumentUpdateController } from "kuzzle-plugin-document-update/client";
const { Kuzzle, WebSocket } = kuzzleSdk;
const kuzzle = new Kuzzle(new WebSocket("localhost"));
${code.includes("kuzzle.useController") ? "" : 'kuzzle.useController(DocumentUpdateController, "documentUpdate");'}
await kuzzle.connect();
kuzzle.jwt = process.env["README_JWT"] ?? null;
${code}
kuzzle.disconnect();`;

/** Completes an example of operators to a modification. */
const modifying = (code: string) =>
  code.includes(": DocumentOperators")
    ? `import type { DocumentOperators } from "kuzzle-plugin-document-update";
${code}
await kuzzle.documentUpdate.modify("nyc-open-data", "yellow-taxi", "liia", { operators });`
    : code;

const application = `import { Backend } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";
import { countRide } from "./docs-modify.mjs";
import { writersMustBeReaders } from "./docs-readers.mjs";
import { setSeats } from "./docs-update.mjs";
import { dropStop } from "./docs-updateWith.mjs";
import { countRide as countRideOfReadme } from "./countRide.mjs";
const app = new Backend("taxis");
const sample = ${JSON.stringify(sample)};
const plugin = new DocumentUpdatePlugin();
app.plugin.use(plugin);
${block(servers.headers)}
writersMustBeReaders(app);
app.controller.register("taxis", {
  actions: {
    countRide: { handler: (request) => countRide(app, request.getKuid()!) },
    dropStop: { handler: () => dropStop(plugin, "a") },
    setOwnSeats: { handler: () => app.sdk.query({ ...sample, action: "update", body: { seats: 8 }, controller: "document-update" }) },
    setSeats: { handler: (request) => setSeats(app, request.getKuid()!, 6) },
    countRideOfReadme: { handler: (request) => countRideOfReadme(app, request.getKuid()!) },
  },
});
app.start();`;

/** The blocks that are TypeScript, in files. */
export const docsSources = {
  "docs-application.mts": application,
  "docs-modify.mts": block(servers.modify),
  "docs-operators.mts": asClient(modifying(example(": DocumentOperators"))),
  "docs-readers.mts": block(servers.readers),
  "docs-update.mts": block(servers.update),
  "docs-updateWith.mts": block(servers.updateWith),
};

/** The block with the SDK's `kuzzle.documentUpdate`, whose types the import declares, and what it then refuses. */
export const declaring = `${block(typed)}
// @ts-expect-error there is no such error
export const wrong: DocumentUpdateErrorId = "plugin.document-update.no_such_error";
export const refused = (kuzzle: Kuzzle) => [
  // @ts-expect-error there is no such action
  kuzzle.documentUpdate.updateAll("i", "c"),
  // @ts-expect-error an identifier is a string
  kuzzle.documentUpdate.update("i", "c", 1, {}),
  // @ts-expect-error the SDK's own controllers keep their types
  kuzzle.document.take("i", "c", "a"),
];`;

/** A client of it. */
export const trySeats =
  asClient(`import { trySeats } from "./declaring-nodenext.mjs";
const { _version } = await kuzzle.document.get("nyc-open-data", "yellow-taxi", "liia");
console.log(await trySeats(kuzzle, 5, _version!), await trySeats(kuzzle, 6, _version!));`);

/** Runs the blocks of the docs, and the README's server code, once they are compiled. */
export function docs(setting: () => Setting): void {
  it("the docs have no program that is not run, except the benchmark and configurations", () => {
    const all = [clients, lines].flatMap(Object.keys);
    all.push(...Object.values(servers), PROMETHEUS, typed);

    assert.equal(blocks.length, all.length);
    all.forEach(block);
    assert.equal(examples.length, Object.keys(commented).length);
  });

  describe("the docs' server code", () => {
    let application: Served;

    /** Runs a client's program, and returns what it prints. */
    const run = (name: string, code?: string) => {
      if (code !== undefined) {
        setting().project.write(name, code);
      }
      return runClient(setting().project, application.port, name);
    };
    /** What is left of the sample. */
    const left = async () => {
      const content = await stored(application.stage);
      // A timestamp.
      delete content["seenAt"];
      return content;
    };

    before(async () => {
      application = await start(setting(), "docs-application.mjs");
      // The programs of clients find it there.
      process.env["README_JWT"] = await application.users.createUser("driver", {
        "*": { actions: { "*": true } },
      });
    });
    after(() => application.stop());
    beforeEach(() => storeSample(application.stage));

    it("updates and modifies in the name of a user", async () => {
      const { stage } = application;

      await stage.call({ action: "setSeats", controller: "taxis" });
      await stage.call({ action: "countRide", controller: "taxis" });
      assert.deepEqual(await left(), { rides: 1, seats: 6 });
      await stage.call({ action: "countRideOfReadme", controller: "taxis" });
      assert.deepEqual(await left(), { rides: 2, seats: 6 });
    });

    it("updates without a user, whom the pipe on the right to read does not look for", async () => {
      await application.stage.call({
        action: "setOwnSeats",
        controller: "taxis",
      });

      assert.deepEqual(await left(), { seats: 8 });
    });

    it("updates a document by what a function makes of it", async () => {
      const { stage } = application;
      const stops = [{ id: "a" }, { id: "b" }];
      await stage.call({
        ...sample,
        action: "update",
        body: { stops },
        controller: "document",
      });

      await stage.call({ action: "dropStop", controller: "taxis" });

      assert.deepEqual(await left(), { seats: 4, stops: [{ id: "b" }] });
    });

    for (const [text, expected] of Object.entries(clients)) {
      it(`answers the client with ${text}`, async () => {
        run("docs-client.mjs", asClient(block(text)));

        assert.deepEqual(await left(), expected);
      });
    }

    for (const [text, expected] of Object.entries(commented)) {
      it(`answers the example in lib with ${text}`, async () => {
        if (text === ": DocumentOperators") {
          run("docs-operators.mjs");
        } else {
          run("docs-client.mjs", asClient(example(text)));
        }

        assert.deepEqual(await left(), expected);
      });
    }

    it("answers the typed client, and refuses it another version", async () => {
      assert.equal(run("trySeats.mjs"), "true false\n");
      assert.deepEqual(await left(), { seats: 5 });
    });

    for (const [text, expected] of Object.entries(lines)) {
      it(`answers the curl line of ${text}`, async () => {
        const { port } = application;

        const { body } = curl(setting().project, port, block(text));
        assert.equal(body.error, null);
        assert.deepEqual(await left(), expected);
      });
    }

    it("lets browsers send its headers, and read the one in the answer", () =>
      allowsItsHeaders(application.port));

    it("lets Prometheus read the statistics, and nothing else", () =>
      readsStatistics(
        application.port,
        run("docs-client.mjs", asClient(block(PROMETHEUS))),
      ));

    it("refuses a condition to a writer who may not read", async () => {
      const jwt = await application.users.createUser("writer", {
        "document-update": { actions: { modify: true } },
        document: { actions: { update: true } },
      });

      const { body } = await application.stage.send({
        ...sample,
        action: "modify",
        body: { condition: { equals: { seats: 4 } } },
        controller: "document-update",
        jwt,
      });

      assert.equal(body["error"].id, "taxis.read");
    });
  });
}

/** Requests the statistics as Prometheus does, with the printed token, which allows nothing else. */
async function readsStatistics(port: number, told: string): Promise<void> {
  const authorization = `Bearer ${told.trim()}`;
  const scrape = blocksOf(
    readFileSync(`${root}docs/api/stats.md`, "utf8"),
  ).find(({ language }) => language === "yaml");
  const [, path] = /metrics_path: (\S+)/.exec(String(scrape?.code)) ?? [];
  const [, format] = /format: \[(\w+)\]/.exec(String(scrape?.code)) ?? [];
  const url = `http://127.0.0.1:${port}${path}?format=${format}`;

  const answer = await fetch(url, { headers: { authorization } });
  assert.equal(answer.status, 200);
  assert.match(
    await answer.text(),
    /^kuzzle_document_update_updates_total \d/m,
  );

  const { _id, collection, index } = sample;
  const other = await fetch(
    `http://127.0.0.1:${port}/${index}/${collection}/${_id}`,
    { headers: { authorization } },
  );
  assert.equal(other.status, 403);
}

/** Checks that a browser may send these headers, and read the one in the answer. */
async function allowsItsHeaders(port: number): Promise<void> {
  const { _id, collection, index } = sample;
  const url = `http://127.0.0.1:${port}/_/document-update/${index}/${collection}/${_id}/_update`;
  const origin = "https://taxis.example";

  const asked = await fetch(url, { headers: { origin }, method: "OPTIONS" });
  const allowed = asked.headers.get("access-control-allow-headers") ?? "";
  assert.match(allowed, /X-Kuzzle-Volatile, If-Match, Idempotency-Key$/);

  const { headers } = await fetch(url, {
    body: "{}",
    headers: { "content-type": "application/json", origin },
    method: "PATCH",
  });
  assert.equal(headers.get("access-control-expose-headers"), "ETag");
  assert.match(headers.get("etag") ?? "", /^"\d+"$/);
}

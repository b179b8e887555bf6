import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import { root } from "../../scripts/paths.mjs";
import type { Services } from "../../scripts/services/index.mjs";
import type { BareProject } from "../support/BareProject";
import { type Block, blocksOf } from "../support/markdown";
import { WebSocketClient } from "../support/WebSocketClient";
import { CLIENT_WITH_NAMES, curl, runClient } from "./readme";
import { compile, sample, serve } from "./serve";
import { createUser, login, PASSWORD } from "./users";

/** The blocks that are run here: not the shapes of requests and answers, nor commands of other programs. */
const blocks = readdirSync(`${root}docs`, { encoding: "utf8", recursive: true })
  .filter((page) => page.endsWith(".md"))
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
  ].map(([, lines = ""]) => lines.replace(/^ *\* ?/gm, "")),
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
} as const;

/** That of a front end in TypeScript, a module of its own. */
const typed = "declare module";

const block = (text: string) =>
  only(
    blocks.map(({ code }) => code),
    text,
  );
const example = (text: string) => only(examples, text);

function only(codes: readonly string[], text: string): string {
  const [found, ...others] = codes.filter((code) => code.includes(text));
  assert.ok(found !== undefined && others.length === 0, `blocks: ${text}`);

  return found;
}

/** Completes a block of a client to a program, in which `kuzzle` is connected and logged in. */
const asClient = (code: string) => `import kuzzleSdk from "kuzzle-sdk";
import { DocumentUpdateController } from "kuzzle-plugin-document-update/client";
const { Kuzzle, WebSocket } = kuzzleSdk;
const kuzzle = new Kuzzle(new WebSocket("localhost"));
${code.includes("kuzzle.useController") ? "" : 'kuzzle.useController(DocumentUpdateController, "documentUpdate");'}
await kuzzle.connect();
await kuzzle.auth.login("local", { password: "${PASSWORD}", username: "driver" });
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
const app = new Backend("taxis");
app.plugin.use(new DocumentUpdatePlugin());
${block(servers.headers)}
writersMustBeReaders(app);
app.controller.register("taxis", {
  actions: {
    countRide: { handler: (request) => countRide(app, request.getKuid()!) },
    setSeats: { handler: (request) => setSeats(app, request.getKuid()!, 6) },
  },
});
app.start();`;

/**
 * Runs the blocks of the docs.
 *
 * @param project with the plugin, Kuzzle and kuzzle-sdk installed
 * @param services of its own: the index of the examples has one name
 */
export function docs(project: () => BareProject, services: () => Services) {
  it("the docs have no program that is not run, except the benchmark and configurations", () => {
    const texts = [clients, lines].flatMap(Object.keys);
    texts.push(...Object.values(servers), PROMETHEUS, typed);

    assert.equal(blocks.length, texts.length);
    texts.forEach(block);
    assert.equal(examples.length, Object.keys(commented).length);
  });

  it("the docs' blocks do what they say", async () => {
    for (const name of ["modify", "readers", "update"] as const) {
      project().write(`docs-${name}.mts`, block(servers[name]));
    }
    compile(project(), "nodenext", "docs.mts", application);

    await serve(project(), services(), "docs.mjs", async (port) => {
      const stage = await WebSocketClient.connect(port);
      const all = { "*": { actions: { "*": true } } };
      await createUser(stage, "driver", all);
      await createUser(stage, "writer", {
        "document-update": { actions: { modify: true } },
        document: { actions: { update: true } },
      });

      const programs = [
        ...Object.keys(clients).map(block),
        ...Object.keys(commented).map((text) => modifying(example(text))),
      ];
      const outcomes = [clients, commented].flatMap(Object.values);
      for (const [position, code] of programs.entries()) {
        await replaceSample(stage);
        const client = asClient(code);
        if (code.includes(": DocumentOperators")) {
          compile(project(), "nodenext", "docs-client.mts", client);
        } else {
          project().write("docs-client.mjs", client);
        }
        runClient(project(), port, "docs-client.mjs");
        assert.deepEqual(await storedSample(stage), outcomes[position], code);
      }
      for (const [text, expected] of Object.entries(lines)) {
        await replaceSample(stage);
        assert.equal(curl(project(), port, block(text)).error, null);
        assert.deepEqual(await storedSample(stage), expected, text);
      }
      await replaceSample(stage);
      project().write("docs-typed.mts", block(typed));
      compile(
        project(),
        "nodenext",
        "docs-client.mts",
        asClient(`import { trySeats } from "./docs-typed.mjs";
const { _version } = await kuzzle.document.get("nyc-open-data", "yellow-taxi", "liia");
console.log(await trySeats(kuzzle, 5, _version!), await trySeats(kuzzle, 6, _version!));`),
      );
      assert.equal(
        runClient(project(), port, "docs-client.mjs"),
        "true false\n",
      );
      assert.deepEqual(await storedSample(stage), { seats: 5 });

      await replaceSample(stage);
      await stage.call({ action: "setSeats", controller: "taxis" });
      await stage.call({ action: "countRide", controller: "taxis" });
      assert.deepEqual(await storedSample(stage), { rides: 1, seats: 6 });

      await allowsItsHeaders(port);
      project().write("docs-client.mjs", asClient(block(PROMETHEUS)));
      await readsStatistics(
        port,
        runClient(project(), port, "docs-client.mjs"),
      );
      const jwt = await login(stage, "writer");
      const { body } = await stage.send({
        ...sample,
        action: "modify",
        body: { condition: { equals: { seats: 6 } } },
        controller: "document-update",
        jwt,
      });
      assert.equal(body["error"].id, "taxis.read");
      await stage.close();
    });
  });
}

const replaceSample = (stage: WebSocketClient) =>
  stage.call({
    ...sample,
    action: "createOrReplace",
    body: { seats: 4 },
    controller: "document",
  });

async function storedSample(stage: WebSocketClient): Promise<JSONObject> {
  const { _source } = await stage.call({
    ...sample,
    action: "get",
    controller: "document",
  });
  // Timestamps.
  delete _source._kuzzle_info;
  delete _source.seenAt;

  return _source;
}

/** Requests the statistics as Prometheus does, with the printed token, which allows nothing else. */
async function readsStatistics(port: number, told: string): Promise<void> {
  const authorization = `Bearer ${told.trim()}`;
  const scrape = blocksOf(readFileSync(`${root}docs/tuning.md`, "utf8")).find(
    ({ language }) => language === "yaml",
  );
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

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { it } from "node:test";

import { build } from "esbuild";
import type { JSONObject } from "kuzzle-sdk";

import packageJson from "../../package.json";
import { root } from "../../scripts/paths.mjs";
import type { Services } from "../../scripts/services/index.mjs";
import type { BareProject } from "../support/BareProject";
import { HttpClient } from "../support/HttpClient";
import { type Block, blocksOf } from "../support/markdown";
import { WebSocketClient } from "../support/WebSocketClient";
import { compile, preload, sample, serve } from "./serve";
import { createUser, login } from "./users";

const blocksOfPage = (path: string) =>
  blocksOf(readFileSync(`${root}${path}`, "utf8"));
const blocks = blocksOfPage("README.md");

/** The blocks of the README, each by a text that only it contains. */
const texts = {
  "client, an ES module": "await kuzzle.connect()",
  configuration: "app.config.set",
  curl: "curl",
  install: "npm install kuzzle-plugin-document-update",
  kuzzlerc: '"plugins"',
  role: '"controllers"',
  "server code": "app.sdk.as",
  start: "npm start",
  "the application": "app.start",
} as const;

/** Text of the block of docs/api/update.md that is the client for bundlers and CommonJS. */
export const CLIENT_WITH_NAMES = "export const kuzzle";

function block(name: keyof typeof texts): string {
  return only(blocks, texts[name]);
}

function clientWithNames(): string {
  return only(blocksOfPage("docs/api/update.md"), CLIENT_WITH_NAMES);
}

function only(all: readonly Block[], text: string): string {
  const found = all.filter(({ code }) => code.includes(text));
  assert.equal(found.length, 1, `blocks with ${text}`);

  return String(found[0]?.code);
}

/**
 * Runs the blocks of the README as they stand, each as a file of its own, except those with npm's
 * commands.
 *
 * @param project with the plugin, Kuzzle and kuzzle-sdk installed
 * @param services of its own: the README's index has one name
 */
export function readme(
  project: () => BareProject,
  services: () => Services,
): void {
  it("the README has no blocks but those that are run below, and npm's commands with names that exist", () => {
    assert.equal(blocks.length, Object.keys(texts).length);
    for (const name of Object.keys(texts)) {
      block(name as keyof typeof texts);
    }
    // Not run as they stand: the package is installed from a tarball here, the tests in tests/demo start
    // the demo, and `npm test` runs this test.
    assert.equal(block("install"), `npm install ${packageJson.name}\n`);
    const commands = block("start").trimEnd().split("\n");
    for (const command of commands) {
      const [, script = command] = /^npm (\w+) +# /.exec(command) ?? [];
      assert.ok(script in packageJson.scripts, script);
    }
  });

  it("the README's application runs as an ES module, and its curl line and its client reach it", async () => {
    project().write("server.mjs", block("the application"));
    project().write("client.mjs", block("client, an ES module"));

    await serve(project(), services(), "server.mjs", async (port) => {
      assert.equal(
        curl(project(), port, block("curl")).result._source.seats,
        5,
      );
      await setSeats(port, 4);
      runClient(project(), port, "client.mjs");
      assert.equal(await seats(port), 5);
      assert.equal(await rides(port), 1);
    });
  });

  it("the README's application and its client run as TypeScript that stays ES modules", async () => {
    compile(project(), "nodenext", "server-esm.mts", block("the application"));
    compile(
      project(),
      "nodenext",
      "client-esm.mts",
      block("client, an ES module"),
    );

    await serve(project(), services(), "server-esm.mjs", async (port) => {
      runClient(project(), port, "client-esm.mjs");
      assert.equal(await seats(port), 5);
    });
  });

  for (const resolution of ["node10", "nodenext"] as const) {
    it(`the README's application and the docs' client with names run as TypeScript that becomes CommonJS, moduleResolution ${resolution}`, async () => {
      compile(
        project(),
        resolution,
        `server-${resolution}.ts`,
        block("the application"),
      );
      compile(
        project(),
        resolution,
        `client-${resolution}.ts`,
        clientWithNames(),
      );
      project().write(
        "useClient.cjs",
        `const { kuzzle } = require(process.argv[2]);
(async () => {
  await kuzzle.connect();
  await kuzzle.documentUpdate.update("nyc-open-data", "yellow-taxi", "liia", { seats: 5 });
  kuzzle.disconnect();
})();`,
      );

      await serve(
        project(),
        services(),
        `server-${resolution}.js`,
        async (port) => {
          runClient(
            project(),
            port,
            "useClient.cjs",
            `./client-${resolution}.js`,
          );
          assert.equal(await seats(port), 5);
        },
      );
    });
  }

  it("a bundler takes the docs' client with names, and what it makes connects", async () => {
    const entry = project().write("front.ts", clientWithNames());

    for (const platform of ["browser", "node"] as const) {
      await build({
        bundle: true,
        entryPoints: [entry],
        format: "cjs",
        outfile: `${project().folder}/front-${platform}.cjs`,
        platform,
      });
    }

    await serve(project(), services(), "server.mjs", async (port) => {
      runClient(project(), port, "useClient.cjs", "./front-node.cjs");
      assert.equal(await seats(port), 5);
    });
  });

  it("the README's server code updates in the name of a user", async () => {
    compile(project(), "nodenext", "setSeats.ts", block("server code"));
    project().write(
      "asUser.cjs",
      `const { Backend } = require("kuzzle");
const { DocumentUpdatePlugin } = require("kuzzle-plugin-document-update");
const { setSeats } = require("./setSeats.js");
const app = new Backend("taxis");
app.plugin.use(new DocumentUpdatePlugin());
app.controller.register("taxis", {
  actions: { setSeats: { handler: async (request) => (await setSeats(app, request.getKuid(), 6)).result } },
});
app.start();`,
    );

    await serve(project(), services(), "asUser.cjs", async (port) => {
      const client = await WebSocketClient.connect(port);
      await client.call({ action: "setSeats", controller: "taxis" });
      await client.close();
      assert.equal(await seats(port), 6);
    });
  });

  it("the README's configuration and its kuzzlerc are the same, and an application starts with each", async () => {
    const application = block("the application");
    const configured = application.replace(
      "app.start",
      `${block("configuration")}app.start`,
    );
    compile(project(), "nodenext", "configured.mts", configured);
    const inKuzzlerc = JSON.parse(block("kuzzlerc")).plugins;

    await serve(project(), services(), "configured.mjs", async (port) => {
      assert.deepEqual(await configurationOf(port), inKuzzlerc);
      // With interception, the native action gives an answer that only the plugin gives.
      assert.equal(await nativeIfVersion(port), 412);
    });

    project().write("server.mjs", application);
    project().write(".kuzzlerc", block("kuzzlerc"));
    try {
      await serve(project(), services(), "server.mjs", async (port) => {
        assert.deepEqual(await configurationOf(port), inKuzzlerc);
        assert.equal(await nativeIfVersion(port), 412);
      });
    } finally {
      rmSync(`${project().folder}/.kuzzlerc`);
    }
  });

  it("the README's role lets a user update and modify, and nothing else of the plugin", async () => {
    project().write("server.mjs", block("the application"));

    await serve(project(), services(), "server.mjs", async (port) => {
      const stage = await WebSocketClient.connect(port);
      const { controllers } = JSON.parse(block("role"));
      await createUser(stage, "adopter", controllers);
      const jwt = await login(stage, "adopter");
      const statusOf = async (request: JSONObject) =>
        (await stage.send({ ...request, jwt })).body["status"];
      const own = { ...sample, controller: "document-update" };

      assert.equal(
        await statusOf({ ...own, action: "update", body: { seats: 3 } }),
        200,
      );
      const operators = { increment: { seats: 1 } };
      assert.equal(
        await statusOf({ ...own, action: "modify", body: { operators } }),
        200,
      );
      assert.equal(await seats(port), 4);
      assert.equal(
        await statusOf({ action: "stats", controller: "document-update" }),
        403,
      );
      assert.equal(
        await statusOf({ ...sample, action: "delete", controller: "document" }),
        403,
      );
      await stage.close();
    });
  });
}

/** Runs a line of curl's, and returns the answer. */
export function curl(project: BareProject, port: number, line: string) {
  // curl finds Kuzzle where the test has it.
  project.write(
    ".curlrc",
    `connect-to = "localhost:7512:127.0.0.1:${port}"\nsilent\n`,
  );
  project.write("curl.sh", line);

  return JSON.parse(
    project.run("env", `CURL_HOME=${project.folder}`, "sh", "curl.sh"),
  );
}

/** Runs a file of a client, which connects to Kuzzle's usual port, and returns what it prints. */
export function runClient(
  project: BareProject,
  port: number,
  ...args: readonly string[]
): string {
  return project.run(
    "env",
    `README_PORT=${port}`,
    process.execPath,
    preload("toPort.mjs"),
    ...args,
  );
}

async function setSeats(port: number, count: number): Promise<void> {
  const { body } = await new HttpClient(port).send({
    ...sample,
    body: { seats: count },
    controller: "document-update",
  });
  assert.equal(body["error"], null);
}

/** The plugin's configuration in an application. */
async function configurationOf(port: number): Promise<JSONObject> {
  const client = await WebSocketClient.connect(port);
  const { plugins } = await client.call({
    action: "getConfig",
    controller: "server",
  });
  await client.close();

  return { "document-update": plugins["document-update"] };
}

/** Status of a native update with an `ifVersion` that the document does not have. */
async function nativeIfVersion(port: number): Promise<number> {
  const client = await WebSocketClient.connect(port);
  const { body } = await client.send({
    ...sample,
    action: "update",
    args: { ifVersion: 1_000_000 },
    body: { seats: 9 },
    controller: "document",
  });
  await client.close();

  return body["status"];
}

const seats = async (port: number) => (await stored(port))["seats"];
const rides = async (port: number) => (await stored(port))["rides"];

async function stored(port: number): Promise<JSONObject> {
  const client = await WebSocketClient.connect(port);
  const { _source } = await client.call({
    ...sample,
    action: "get",
    controller: "document",
  });
  await client.close();

  return _source;
}

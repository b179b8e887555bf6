import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { after, before, beforeEach, describe, it } from "node:test";

import type { JSONObject } from "kuzzle-sdk";

import packageJson from "../../package.json";
import { root } from "../../scripts/paths.mjs";
import { isWithoutChromium } from "../support/chromium";
import { blocksOf } from "../support/markdown";
import type { WebSocketClient } from "../support/WebSocketClient";
import { updateFromBundle } from "./bundled";
import { block, blocks, configured, only, texts } from "./readmeBlocks";
import {
  runClient,
  sample,
  serve,
  type Served,
  type Setting,
  start,
  stored,
  storeSample,
} from "./serve";

/** Text of the block of docs/api/update.md that is the client for bundlers and CommonJS. */
export const CLIENT_WITH_NAMES = "export const kuzzle";

const clientWithNames = only(
  blocksOf(readFileSync(`${root}docs/api/update.md`, "utf8")),
  CLIENT_WITH_NAMES,
);

/** The README's blocks in files, by how TypeScript resolves their modules. */
export const readmeSources = {
  node10: {
    "client-node10.ts": clientWithNames,
    "server-node10.ts": block("the application"),
  },
  nodenext: {
    "client-esm.mts": block("client, an ES module"),
    "client-typed.mts": `${block("client, an ES module")}
// @ts-expect-error there is no such action: it is not any
kuzzle.documentUpdate.updateAll(index, collection);`,
    "client-nodenext.ts": clientWithNames,
    "configured.mts": configured,
    "server-nodenext.ts": block("the application"),
    "countRide.mts": block("server code"),
  },
};

/** Uses a client with names: a file that is given as an argument. */
const useClient = `const { kuzzle } = require(process.argv[2]);
(async () => {
  await kuzzle.connect();
  await kuzzle.documentUpdate.update("nyc-open-data", "yellow-taxi", "liia", { seats: 5 });
  kuzzle.disconnect();
})();`;

/** The clients of the README and of the docs, each with the arguments that run it. */
const clients: Readonly<Record<string, readonly string[]>> = {
  "in TypeScript that stays an ES module": ["client-esm.mjs"],
  "with names, in CommonJS, moduleResolution node10": [
    "useClient.cjs",
    "./client-node10.js",
  ],
  "with names, in CommonJS, moduleResolution nodenext": [
    "useClient.cjs",
    "./client-nodenext.js",
  ],
};

/** Runs the blocks of the README, once they are compiled. */
export function readme(setting: () => Setting): void {
  it("the README has no blocks but those that are run", () => {
    assert.equal(blocks.length, Object.keys(texts).length);
    for (const name of Object.keys(texts)) {
      block(name as keyof typeof texts);
    }
    // Not run as it stands: the package is installed from a tarball here.
    assert.equal(block("install"), `npm install ${packageJson.name}\n`);
  });

  describe("the README's application, as TypeScript that becomes CommonJS", () => {
    let application: Served;

    before(async () => {
      setting().project.write("useClient.cjs", useClient);
      application = await start(setting(), "server-nodenext.js");
    });
    after(() => application.stop());
    beforeEach(() => storeSample(application.stage));

    it("is the same for each moduleResolution", () => {
      const [one, other] = ["node10", "nodenext"].map((resolution) =>
        setting().project.read(`server-${resolution}.js`),
      );

      assert.equal(one, other);
    });

    for (const [name, args] of Object.entries(clients)) {
      it(`is updated by the client ${name}`, async () => {
        runClient(setting().project, application.port, ...args);

        assert.equal((await stored(application.stage))["seats"], 5);
      });
    }

    it(
      "is updated from a browser, by a front end that Vite has bundled",
      { skip: isWithoutChromium },
      () => updateFromBundle(setting().project, application.port),
    );

    it("lets a user with the README's role update and modify, and nothing else of the plugin", async () => {
      const { stage, users } = application;
      const { controllers } = JSON.parse(block("role"));
      const jwt = await users.createUser("adopter", controllers);
      const statusOf = async (request: JSONObject) =>
        (await stage.send({ ...request, jwt })).body["status"];
      const own = { ...sample, controller: "document-update" };
      const operators = { increment: { seats: 1 } };

      assert.deepEqual(
        [
          await statusOf({ ...own, action: "update", body: { seats: 3 } }),
          await statusOf({ ...own, action: "modify", body: { operators } }),
          await statusOf({ action: "stats", controller: "document-update" }),
          await statusOf({
            ...sample,
            action: "delete",
            controller: "document",
          }),
        ],
        [200, 200, 403, 403],
      );
      assert.equal((await stored(stage))["seats"], 4);
    });
  });

  describe("the configuration of docs/configuration.md", () => {
    const own = blocksOf(readFileSync(`${root}docs/configuration.md`, "utf8"));
    const kuzzlerc = only(own, '"plugins"');
    const isInForce = async ({ stage }: Served) => {
      assert.deepEqual(
        await configurationOf(stage),
        JSON.parse(kuzzlerc).plugins,
      );
      // With interception, the native action gives an answer that only the plugin gives.
      assert.equal(await nativeIfVersion(stage), 412);
    };

    it("is in force where the application sets it", () => {
      setting().project.write(
        "configured.mjs",
        block("the application").replace(
          "app.start",
          `${only(own, "app.config.set")}app.start`,
        ),
      );
      return serve(setting(), "configured.mjs", isInForce);
    });

    it("is the same, and in force, in the .kuzzlerc", async () => {
      const { project } = setting();
      project.write(".kuzzlerc", kuzzlerc);
      try {
        await serve(setting(), "server-nodenext.js", isInForce);
      } finally {
        rmSync(`${project.folder}/.kuzzlerc`);
      }
    });
  });
}

/** The plugin's configuration in an application. */
async function configurationOf(stage: WebSocketClient): Promise<JSONObject> {
  const { plugins } = await stage.call({
    action: "getConfig",
    controller: "server",
  });

  return { "document-update": plugins["document-update"] };
}

/** Status of a native update with an `ifVersion` that the document does not have. */
async function nativeIfVersion(stage: WebSocketClient): Promise<number> {
  const { body } = await stage.send({
    ...sample,
    action: "update",
    args: { ifVersion: 1_000_000 },
    body: { seats: 9 },
    controller: "document",
  });

  return body["status"];
}

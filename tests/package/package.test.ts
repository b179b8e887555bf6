import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";

import { root } from "../../scripts/paths.mjs";
import { type Services, startServices } from "../../scripts/services/index.mjs";
import { build } from "esbuild";

import packageJson from "../../package.json";
import { BareProject, pack, type Tarball } from "../support/BareProject";
import { HttpClient } from "../support/HttpClient";
import { browser } from "./browser";
import { docs } from "./docs";
import { readme } from "./readme";
import { compile, sample, serve } from "./serve";

// Services of their own: the index of the README's examples has one name.
process.env["ELASTICSEARCH_URL"] = "";
process.env["REDIS_URL"] = "";

describe("the package", () => {
  const folder = new BareProject({});
  let tarball: Tarball;

  before(() => {
    tarball = pack(folder.folder);
  });
  after(() => folder.delete());

  it("runs nothing when it is installed, and depends on nothing but its peers", () => {
    const scripts = Object.keys(packageJson.scripts);

    assert.deepEqual(
      scripts.filter((name) => /^(pre|post)?install$|^prepare$/.test(name)),
      [],
    );
    assert.equal("dependencies" in packageJson, false);
  });

  describe("in a bare Kuzzle application", () => {
    let project: BareProject;
    let services: Services;

    before(async () => {
      const {
        kuzzle,
        "kuzzle-sdk": sdk,
        typescript,
        "@types/node": node,
      } = packageJson.devDependencies;
      // Where Kuzzle's own build of uWebSockets.js is out of reach, an application overrides it too.
      const { overrides, devDependencies } = packageJson as {
        overrides?: object;
        devDependencies: Record<string, string>;
      };
      const uWebSockets = devDependencies["uWebSockets.js"];
      project = new BareProject({
        dependencies: {
          kuzzle,
          "kuzzle-plugin-document-update": `file:${tarball.path}`,
          "kuzzle-sdk": sdk,
        },
        devDependencies: {
          "@types/node": node,
          typescript,
          ...(uWebSockets && { "uWebSockets.js": uWebSockets }),
        },
        ...(overrides && { overrides }),
      });
      project.run("npm", "install", "--no-audit", "--no-fund");
      services = await startServices();
    });

    after(async () => {
      project.delete();
      await services.stop();
    });

    it("runs as CommonJS", async () => {
      project.write(
        "app.cjs",
        `const { Backend } = require("kuzzle");
const { DocumentUpdatePlugin } = require("kuzzle-plugin-document-update");
const app = new Backend("bare");
app.plugin.use(new DocumentUpdatePlugin());
app.start();`,
      );

      await serve(project, services, "app.cjs", async (port) => {
        const { body } = await new HttpClient(port).send({
          ...sample,
          body: { seats: 5 },
          controller: "document-update",
        });
        assert.equal(body["error"], null);
        assert.equal(body["result"]._source.seats, 5);
      });
    });

    readme(
      () => project,
      () => services,
    );
    docs(
      () => project,
      () => services,
    );
    browser(
      () => project,
      () => services,
    );

    it("types the requests and the results", () => {
      compile(
        project,
        "nodenext",
        "types.ts",
        `import type { ApiDocumentUpdateRequest, ApiDocumentUpdateResult, DocumentUpdateConfiguration, DocumentUpdateErrorId } from "kuzzle-plugin-document-update";
import { DocumentUpdateController } from "kuzzle-plugin-document-update/client";
import { Kuzzle, WebSocket } from "kuzzle-sdk";
interface Taxi { seats: number; driver: string }
const request: ApiDocumentUpdateRequest<Taxi> = { action: "update", controller: "document-update", index: "i", collection: "c", _id: "a", body: { seats: 1 } };
// @ts-expect-error the controller is a literal
const wrong: ApiDocumentUpdateRequest = { ...request, controller: "document" };
const configuration: DocumentUpdateConfiguration = { interceptNative: true };
const controller = new DocumentUpdateController(new Kuzzle(new WebSocket("localhost")));
const native = controller.kuzzle.document;
const updated: Promise<ApiDocumentUpdateResult<Taxi>> = controller.update<Taxi>("i", "c", "a", { seats: 1 }, { source: true });
const same: typeof native.update = controller.update;
const id: DocumentUpdateErrorId = "plugin.document-update.version_conflict";
void [request, wrong, configuration, updated, same, id];`,
      );
    });

    for (const resolution of ["bundler", "node10", "nodenext"] as const) {
      it(`types kuzzle.documentUpdate once it is declared, moduleResolution ${resolution}`, () => {
        compile(
          project,
          resolution,
          `declared-${resolution}.ts`,
          `import type { DocumentUpdateController, DocumentUpdateErrorId } from "kuzzle-plugin-document-update/client";
import type { Kuzzle } from "kuzzle-sdk";
declare module "kuzzle-sdk" {
  interface Kuzzle {
    documentUpdate: DocumentUpdateController;
  }
}
export async function updated(kuzzle: Kuzzle): Promise<number> {
  // @ts-expect-error there is no such action
  void kuzzle.documentUpdate.updateAll("i", "c");
  // @ts-expect-error an identifier is a string
  void kuzzle.documentUpdate.update("i", "c", 1, {});
  const { _source } = await kuzzle.documentUpdate.update<{ seats: number }>("i", "c", "a", { seats: 1 });
  // The SDK's own controllers keep their types.
  await kuzzle.document.get("i", "c", "a");
  // @ts-expect-error there is no such method
  void kuzzle.document.take("i", "c", "a");
  return _source.seats;
}
export const id: DocumentUpdateErrorId = "plugin.document-update.version_mismatch";
// @ts-expect-error there is no such error
export const wrong: DocumentUpdateErrorId = "plugin.document-update.no_such_error";`,
        );
      });
    }
  });

  it("is all that a front end installs, with kuzzle-sdk, to use ./client", async () => {
    const project = new BareProject({
      dependencies: { "kuzzle-plugin-document-update": `file:${tarball.path}` },
    });
    try {
      project.run("npm", "install", "--no-audit", "--no-fund");

      assert.equal(existsSync(`${project.folder}/node_modules/kuzzle`), false);
      assert.equal(
        existsSync(`${project.folder}/node_modules/kuzzle-sdk`),
        true,
      );

      const entry = project.write(
        "front.mjs",
        `export { DocumentUpdateController } from "kuzzle-plugin-document-update/client"; export { Kuzzle, WebSocket } from "kuzzle-sdk";`,
      );
      const { metafile } = await build({
        bundle: true,
        entryPoints: [entry],
        format: "esm",
        metafile: true,
        platform: "browser",
        write: false,
      });
      const packages = Object.keys(metafile.inputs).flatMap(
        (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
      );
      // "ws" is kuzzle-sdk's own dependency.
      assert.deepEqual([...new Set(packages)].sort(), [
        "kuzzle-plugin-document-update",
        "kuzzle-sdk",
        "ws",
      ]);

      project.write(
        "front.mts",
        `import { DocumentUpdateController, type ApiDocumentUpdateResult } from "kuzzle-plugin-document-update/client";
import { Kuzzle, WebSocket } from "kuzzle-sdk";
const controller = new DocumentUpdateController(new Kuzzle(new WebSocket("localhost")));
const updated: Promise<ApiDocumentUpdateResult<{ seats: number }>> = controller.update("i", "c", "a", { seats: 1 });
// @ts-expect-error the identifier is a string
void [updated, controller.update("i", "c", 42, {})];`,
      );
      project.run(
        "node",
        `${root}node_modules/typescript/bin/tsc`,
        "--strict",
        "--noEmit",
        "--skipLibCheck",
        "--target",
        "es2022",
        "--module",
        "nodenext",
        "front.mts",
      );

      // And in Node.js, where an ES module imports it by name.
      assert.equal(
        project.run(
          "node",
          "--input-type=module",
          "--eval",
          `import { DocumentUpdateController } from "kuzzle-plugin-document-update/client"; console.log(DocumentUpdateController.name)`,
        ),
        "DocumentUpdateController\n",
      );
    } finally {
      project.delete();
    }
  });
});

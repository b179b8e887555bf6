import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";

import type { Application } from "../../scripts/kuzzle.mjs";
import { startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { type Services, startServices } from "../../scripts/services/index.mjs";
import { build } from "esbuild";

import packageJson from "../../package.json";
import { BareProject, pack, type Tarball } from "../support/BareProject";
import { HttpClient } from "../support/HttpClient";
import { blocksOf } from "../support/markdown";
import { deleteIndices, isolated } from "../support/TestApplication";
import { WebSocketClient } from "../support/WebSocketClient";

const readme = blocksOf(readFileSync(`${root}README.md`, "utf8"));
const blockWith = (text: string): string => {
  const block = readme.find(({ code }) => code.includes(text));
  assert.ok(block, `no block of the README has ${text}`);
  return block.code;
};

const target = { _id: "liia", collection: "yellow-taxi" };
const start = `
process.once("disconnect", () => process.exit());
app.start().then(() => process.send("ready"), (error) => { console.error(error); process.exit(1); });
`;

describe("the package", () => {
  const folder = new BareProject({});
  let tarball: Tarball;

  before(() => {
    tarball = pack(folder.folder);
  });
  after(() => folder.delete());

  it("holds what a user needs, and no more", () => {
    const compiled = readdirSync(`${root}lib`, {
      recursive: true,
      withFileTypes: true,
    })
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) =>
        `${parentPath}/${name}`
          .slice(`${root}lib/`.length)
          .replace(/\.ts$/, ""),
      )
      .flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.js`]);

    assert.deepEqual(
      tarball.files,
      [
        ...compiled,
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "docs/api/stats.md",
        "docs/api/update.md",
        "docs/cluster.md",
        "docs/compatibility.md",
        "docs/contention.md",
        "docs/differences.md",
        "docs/errors.md",
        "docs/interception.md",
        "docs/reliability.md",
        "manifest.json",
        "package.json",
      ].sort(),
    );
  });

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
    let application: Application | undefined;

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

    /** Stores the document of the README's examples, in an index with a name of its own. */
    async function store(port: number, index: string): Promise<void> {
      const stage = await WebSocketClient.connect(port);
      const { _id, collection } = target;
      await stage.call({ action: "create", controller: "index", index });
      await stage.call({
        action: "create",
        body: {},
        collection,
        controller: "collection",
        index,
      });
      await stage.call({
        _id,
        action: "create",
        body: { seats: 4 },
        collection,
        controller: "document",
        index,
      });
      await stage.close();
    }

    /** Starts an application of the project, updates a document through it, and stops it. */
    async function serve(
      name: string,
      code: string,
      use: (port: number, index: string) => Promise<void> = async () => {},
    ): Promise<void> {
      const { env, suffix } = isolated();
      application = await startKuzzle({
        cwd: project.folder,
        entry: project.write(name, code),
        env,
        execArgv: [],
        log: `${servicesFolder}/package.log`,
        services,
      });
      try {
        const { port } = application;
        const index = `nyc-open-data-${suffix}`;
        await store(port, index);
        const client = new HttpClient(port);
        const { body } = await client.send({
          ...target,
          body: { seats: 5 },
          index,
          controller: "document-update",
        });
        assert.equal(body["error"], null);
        assert.equal(body["result"]._source.seats, 5);
        await use(port, index);
      } finally {
        await application.stop();
        await deleteIndices(services.elasticsearchUrl, suffix);
      }
    }

    it("runs as CommonJS", async () => {
      await serve(
        "app.cjs",
        `const { Backend } = require("kuzzle");
const { DocumentUpdatePlugin } = require("kuzzle-plugin-document-update");
const app = new Backend("bare");
app.plugin.use(new DocumentUpdatePlugin());
${start}`,
      );
    });

    it("runs as an ES module", async () => {
      await serve(
        "app.mjs",
        `import { Backend } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";
const app = new Backend("bare");
app.plugin.use(new DocumentUpdatePlugin());
${start}`,
      );
    });

    for (const resolution of ["node10", "nodenext"] as const) {
      it(`compiles and runs in TypeScript with moduleResolution ${resolution}: the README's server and client`, async () => {
        const server = blockWith("app.plugin.use").replace("app.start();", "");
        compile(
          resolution,
          "server.ts",
          `${server}\ndeclare const process: any;\n${start}`,
        );

        await serve(
          `server-${resolution}.js`,
          project.read("server.js"),
          async (port, index) => {
            const curl = blockWith("curl")
              .replace("7512", String(port))
              .replace("nyc-open-data", index);
            assert.equal(
              JSON.parse(project.run("sh", "-c", curl)).result._source.seats,
              5,
            );

            const client = blockWith("useController")
              .replace("nyc-open-data", index)
              .replace('"localhost"', `"localhost", { port: ${port} }`)
              .replace(
                "await kuzzle.documentUpdate.update",
                "const updated = await kuzzle.documentUpdate.update",
              );
            const [imports = "", body = ""] = client
              .split("\n\n", 1)
              .concat(client.slice(client.indexOf("\n\n")));
            compile(
              resolution,
              "client.ts",
              `${imports}\n(async () => {${body}\nconsole.log(JSON.stringify(updated));\nkuzzle.disconnect();\n})();`,
            );

            assert.equal(
              JSON.parse(project.run("node", "client.js"))._source.seats,
              5,
            );
          },
        );
      });
    }

    it("compiles the README's other blocks", () => {
      const preamble = `import { Backend } from "kuzzle";\ndeclare const app: Backend;\ndeclare const kuid: string;\n`;

      compile("nodenext", "config.ts", preamble + blockWith("app.config.set"));
      compile(
        "nodenext",
        "server-code.ts",
        `${preamble}(async () => {${blockWith("app.sdk.as")}})();`,
      );
    });

    it("types the requests and the results", () => {
      compile(
        "nodenext",
        "types.ts",
        `import type { ApiDocumentUpdateRequest, ApiDocumentUpdateResult, DocumentUpdateConfiguration } from "kuzzle-plugin-document-update";
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
void [request, wrong, configuration, updated, same];`,
      );
    });

    function compile(
      resolution: "node10" | "nodenext",
      name: string,
      code: string,
    ): void {
      project.write(name, code);
      const module_ =
        resolution === "node10"
          ? ["--module", "commonjs", "--ignoreDeprecations", "6.0"]
          : ["--module", "nodenext"];
      project.run(
        "npx",
        "tsc",
        "--strict",
        "--target",
        "es2022",
        "--types",
        "node",
        "--skipLibCheck",
        "--moduleResolution",
        resolution,
        ...module_,
        name,
      );
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

  it("the README has no block that no test covers", () => {
    const covered = [
      "npm start",
      "npm test",
      "npm install kuzzle-plugin-document-update",
      "app.plugin.use",
      "curl",
      "useController",
      "app.sdk.as",
      "app.config.set",
    ];

    assert.deepEqual(
      readme.filter(({ code }) => !covered.some((text) => code.includes(text))),
      [],
    );
  });
});

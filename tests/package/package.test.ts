import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";

import { build } from "esbuild";

import { root } from "../../scripts/paths.mjs";
import {
  BareProject,
  kuzzleProject,
  linkedProject,
  pack,
  type Tarball,
} from "../support/BareProject";
import { startSampleServices } from "../support/sampleServices";
import { declaring, docs, docsSources, trySeats } from "./docs";
import { patterns, patternsSources } from "./patterns";
import { readme, readmeSources } from "./readme";
import { runReadme } from "./readmeBlocks";
import { compile, type Resolution, type Setting } from "./serve";

/** Redis database of the applications. */
const DATABASE = 11;

/** What is compiled, in programs of their own: a declaration is in force in all of its program. */
const programs: readonly (readonly [
  Resolution,
  Readonly<Record<string, string>>,
])[] = [
  [
    "nodenext",
    { ...readmeSources.nodenext, ...docsSources, ...patternsSources },
  ],
  [
    "nodenext",
    { "declaring-nodenext.mts": declaring, "trySeats.mts": trySeats },
  ],
  ["node10", { ...readmeSources.node10, "declaring-node10.ts": declaring }],
  ["bundler", { "declaring-bundler.ts": declaring }],
];

describe("the package", () => {
  const folder = new BareProject({});
  let tarball: Tarball;
  let stranger: BareProject;
  let installed: Promise<void> | undefined;
  let setting: Setting;

  before(async () => {
    tarball = pack(folder.folder);
    stranger = kuzzleProject(tarball);
    // Takes minutes, in which the other tests run.
    installed = stranger.install();
    installed.catch(() => {});
    setting = {
      project: linkedProject(tarball),
      services: await startSampleServices(DATABASE),
    };
  });
  after(async () => {
    const started = setting as Setting | undefined;
    await started?.services.stop();
    await installed?.catch(() => {});
    for (const project of [folder, stranger, started?.project]) {
      project?.delete();
    }
  });

  for (const [resolution, files] of programs) {
    it(`its types, and the blocks of README and docs, compile strictly, moduleResolution ${resolution}: ${Object.keys(files).join(", ")}`, () =>
      compile(setting.project, resolution, files));
  }

  readme(() => setting);
  docs(() => setting);
  patterns(() => setting);

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

  it("installs next to a Kuzzle from the registry, where the README's application and its clients run", async () => {
    await installed;

    await runReadme({ ...setting, project: stranger });
  });
});

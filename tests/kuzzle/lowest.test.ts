import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import manifest from "../../manifest.json";
import packageJson from "../../package.json";
import { root } from "../../scripts/paths.mjs";
import { blocksOf } from "../support/markdown";
import { project } from "../support/project";

/** What users write, and what has to be an error in it. */
const sources = {
  // An application.
  "application.mts": `import { Backend, type KuzzleRequest } from "kuzzle";
import { type ApiDocumentUpdateResult, type DocumentUpdateConfiguration, DocumentUpdatePlugin } from "kuzzle-plugin-document-update";
const app = new Backend("taxis");
const configuration: DocumentUpdateConfiguration = { checkRights: false };
app.plugin.use(new DocumentUpdatePlugin());
app.config.set("plugins.document-update", configuration);
app.pipe.register("document:beforeUpdate", async (request: KuzzleRequest) => request);
// @ts-expect-error a plugin is not a number
app.plugin.use(1);
// @ts-expect-error there are seats in the result, and no wheels
export const wheels = ({ _source }: ApiDocumentUpdateResult<{ seats: number }>) => _source.wheels;`,
  // Server code, as in docs/api/update.md.
  "server.mts": `${blockWith("function setSeats")}
import type { ApiDocumentUpdateRequest, ApiDocumentUpdateResult, DocumentUpdatePlugin } from "kuzzle-plugin-document-update";
declare const app: Backend;
declare const plugin: DocumentUpdatePlugin;
await plugin.updateWith<{ seats: number }>("i", "c", "a", ({ _source }) => ({ seats: _source.seats + 1 }), { events: false, user: { _id: "joe" } });
await plugin.updateWith("i", "c", "a", async () => ({ operators: { increment: { seats: 1 } } }));
await plugin.updateWith("i", "c", "a", () => undefined);
// @ts-expect-error seats is a number
await plugin.updateWith<{ seats: number }>("i", "c", "a", () => ({ seats: "5" }));
await new DocumentUpdateController(app.sdk).modify("i", "c", "a", { default: {}, steps: [{ changes: {} }] }, { events: false });
const updated = await setSeats(app, "joe", 5);
const seats: number = updated.seats;
// @ts-expect-error there are no wheels among the changes
void updated.wheels;
const { result } = await app.sdk.query<ApiDocumentUpdateRequest, ApiDocumentUpdateResult>({
  controller: "document-update", action: "update", index: "i", collection: "c", _id: "a", body: {},
});
const { _kuzzle_info } = result._source;
// @ts-expect-error the metadata have no such property
export const wheels = _kuzzle_info?.wheels;
export { seats };`,
  // A front end.
  "front.mts": `import { type ApiDocumentUpdateRequest, DocumentUpdateController } from "kuzzle-plugin-document-update/client";
import { Kuzzle, WebSocket } from "kuzzle-sdk";
const kuzzle = new Kuzzle(new WebSocket("localhost"));
kuzzle.useController(DocumentUpdateController, "documentUpdate");
const controller = new DocumentUpdateController(kuzzle);
const same: typeof kuzzle.document.update<{ seats: number }> = controller.update<{ seats: number }>;
const request: ApiDocumentUpdateRequest = { _id: "a", action: "update", body: {}, collection: "c", controller: "document-update", index: "i" };
const options = { refresh: "wait_for", retryOnConflict: 3, silent: true, source: true } as const;
const { _source } = await controller.update("i", "c", "a", { seats: 1 }, options);
const seats: number = _source.seats;
// @ts-expect-error retryOnConflict is a number
void controller.update("i", "c", "a", { seats: 1 }, { retryOnConflict: "3" });
// @ts-expect-error seats is a number
const wrong: string = (await controller.update<{ seats: number }>("i", "c", "a", {}))._source.seats;
export { request, same, seats, wrong };`,
  // Kuzzle.documentUpdate, as in docs/api/update.md.
  "declared.mts": `${blockWith("function trySeats")}
declare const kuzzle: Kuzzle;
const { _source } = await kuzzle.documentUpdate.update<{ seats: number }>("i", "c", "a", { seats: 1 });
export const seats: number = _source.seats;
// @ts-expect-error seats is a number
export const wrong: string = _source.seats;
// @ts-expect-error there is no such action: it is not any
void kuzzle.documentUpdate.updateAll("i", "c");
// @ts-expect-error there is no such error
export const id: DocumentUpdateErrorId = "plugin.document-update.no_such_error";
// The SDK's own properties are as they were.
export const native: typeof kuzzle.documentUpdate.update = kuzzle.document.update;`,
};

describe("the lowest Kuzzle and kuzzle-sdk that the plugin supports", () => {
  it(
    "are those that these tests run on",
    { skip: Boolean(process.env["KUZZLE_VERSION"]) },
    () => {
      const { "kuzzle-sdk": sdk } = packageJson.peerDependencies;

      assert.ok(manifest.kuzzleVersion.startsWith(`>=${versionOf("kuzzle")} `));
      assert.ok(sdk.startsWith(`>=${versionOf("kuzzle-sdk")} `));
    },
  );

  it("have the types that applications, server code and front ends use", () => {
    const names = Object.keys(sources);
    for (const [name, code] of Object.entries(sources)) {
      writeFileSync(join(project, name), code);
    }
    // Kuzzle's and the SDK's own types do not all compile.
    const options =
      "--strict --ignoreConfig --noEmit --skipLibCheck --target es2022 --module nodenext";

    const { status, stdout } = spawnSync(
      process.execPath,
      [
        join(root, "node_modules/typescript/bin/tsc"),
        ...options.split(" "),
        ...names,
      ],
      { cwd: project, encoding: "utf8" },
    );
    assert.deepEqual({ status, stdout }, { status: 0, stdout: "" });
  });
});

/** The block of docs/api/update.md with some text. */
function blockWith(text: string): string {
  const page = readFileSync(`${root}docs/api/update.md`, "utf8");
  const block = blocksOf(page).find(({ code }) => code.includes(text));
  assert.ok(block, `docs/api/update.md has no block with ${text}`);

  return block.code;
}

function versionOf(name: string): string {
  const path = join(project, "node_modules", name, "package.json");
  const { version } = JSON.parse(readFileSync(path, "utf8")) as {
    version: string;
  };

  return version;
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import packageJson from "../../package.json";
import { block, runReadme } from "../package/readmeBlocks";
import { compile, type Setting } from "../package/serve";
import { BareProject, linkedProject, pack } from "../support/BareProject";
import { startSampleServices } from "../support/sampleServices";

/** Redis database of the application. */
const DATABASE = 12;

/** Uses the types of all that the package exports. */
const types = `import type { ApiDocumentUpdateRequest, ApiDocumentUpdateResult, DocumentUpdateConfiguration, DocumentUpdateErrorId } from "kuzzle-plugin-document-update";
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
// @ts-expect-error there is no such error
const wrongId: DocumentUpdateErrorId = "plugin.document-update.no_such_error";
void [wrongId, request, wrong, configuration, updated, same, id];`;

describe("the package, in a project of its own", () => {
  const folder = new BareProject({});
  let setting: Setting;

  before(async () => {
    setting = {
      project: linkedProject(pack(folder.folder)),
      services: await startSampleServices(DATABASE),
    };
  });
  after(async () => {
    const started = setting as Setting | undefined;
    await started?.services.stop();
    started?.project.delete();
    folder.delete();
  });

  it("runs nothing when it is installed, and depends on nothing but its peers", () => {
    assert.deepEqual(
      Object.keys(packageJson.scripts).filter((name) =>
        /^(pre|post)?install$|^prepare$/.test(name),
      ),
      [],
    );
    assert.equal("dependencies" in packageJson, false);
  });

  it("has types of the requests, the results and the README's blocks that compile strictly", () =>
    compile(setting.project, "nodenext", {
      "client-esm.mts": block("client, an ES module"),
      "server-esm.mts": block("the application"),
      "types.ts": types,
    }));

  it("runs the README's application, which its curl line and its client update", () =>
    runReadme(setting));
});

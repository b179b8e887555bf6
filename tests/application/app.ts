import { Backend, type JSONObject } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

import { ProbeController } from "./probe";
import { StorageProbeController } from "./StorageProbe";

const app = new Backend("tests");

app.controller.use(new ProbeController(app));
app.controller.use(new StorageProbeController(app));
app.plugin.use(new DocumentUpdatePlugin());
// By the name of a collection, so that one application has both ways.
const { plugins = {} } = app.config.content as JSONObject;
plugins["document-update"] = {
  fold: ["*/fold*"],
  // What a test configures through the environment.
  ...plugins["document-update"],
};
// A second instance, for what differs when the plugin's own action is the only gate.
app.plugin.use(new DocumentUpdatePlugin(), { name: "document-update-open" });
app.config.set("plugins.document-update-open", {
  checkRights: false,
  controller: "document-update-open",
});
// More instances, for what needs a configuration of its own.
const beside: Readonly<Record<string, JSONObject>> = {
  "document-update-folded": { fold: ["*/*"] },
  "document-update-impatient": { maxWait: 0 },
  "document-update-limited": { fold: ["*/*"], maxPending: 3, maxWait: 1_500 },
  "document-update-single": { batchWrites: false },
};
for (const name of process.env["PROBE_INSTANCES"]?.split(",") ?? []) {
  app.plugin.use(new DocumentUpdatePlugin(), { name });
  app.config.set(`plugins.${name}`, { ...beside[name], controller: name });
}

// Started by another process, the application ends with it.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
if (process.send && !process.connected) {
  process.exit();
}

async function main(): Promise<void> {
  await app.start();
  process.send?.("ready");
}

main().catch((error: unknown) => {
  const { id = "" } = error as { id?: string };
  process.stderr.write(`${id} ${String(error)}\n`);
  process.exit(1);
});

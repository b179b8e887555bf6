import { Backend, type JSONObject } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

import { DevicesController } from "./devices";
import { ProbeController } from "./probe";
import { StorageProbeController } from "./StorageProbe";

const app = new Backend("tests");

app.controller.use(new DevicesController(app));
app.controller.use(new ProbeController(app));
app.controller.use(new StorageProbeController(app));
app.plugin.use(new DocumentUpdatePlugin());
// By the name of a collection, so that one application has folded ones and others.
const { plugins = {} } = app.config.content as JSONObject;
plugins["document-update"] = {
  fold: ["*/fold*"],
  // What a test configures through the environment.
  ...plugins["document-update"],
};
if (process.env["PROBE_TWICE"] === "true") {
  // Which the plugin refuses.
  app.plugin.use(new DocumentUpdatePlugin(), { name: "a-second-one" });
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

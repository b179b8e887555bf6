import { Backend } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

import { DevicesController } from "./DevicesController";
import { buildPage } from "./buildPage";
import { loadSample } from "./loadSample";
import { PageController } from "./PageController";
import { interceptedTaxis, sample, stormCollections } from "./sampleData";

const app = new Backend("demo");

const plugin = new DocumentUpdatePlugin();
app.plugin.use(plugin);
// By collection, so that the page has every way of updating side by side in one application.
app.config.set("plugins.document-update.fold", [
  `${sample.index}/${stormCollections.folded}`,
]);
app.config.set("plugins.document-update.interceptNative", [
  `${sample.index}/${interceptedTaxis}`,
]);

// When the application is started by another process, it ends together with that process.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
if (process.send && !process.connected) {
  process.exit();
}

async function main(): Promise<void> {
  app.controller.use(new DevicesController(app, plugin));
  app.controller.use(new PageController(app, await buildPage()));
  await app.start();
  await loadSample(app);

  // `npm start` waits for this message.
  process.send?.("ready");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

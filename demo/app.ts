import { Backend } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

import { loadSample } from "./sampleData";

const app = new Backend("demo");

app.plugin.use(new DocumentUpdatePlugin());

// When the application is started by another process, it ends together with that process.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
if (process.send && !process.connected) {
  process.exit();
}

async function main(): Promise<void> {
  await app.start();
  await loadSample(app);

  // `npm start` waits for this message.
  process.send?.("ready");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

import { Backend } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

import { loadSample } from "./sampleData";

const app = new Backend("demo");

app.plugin.use(new DocumentUpdatePlugin());

// Started by another process, the application ends with it.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
if (process.send && !process.connected) {
  process.exit();
}

async function main(): Promise<void> {
  await app.start();
  await loadSample(app);

  // `npm start` waits for this word.
  process.send?.("ready");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

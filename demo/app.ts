import { Backend } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

import { loadSample } from "./sampleData";

const app = new Backend("demo");

app.plugin.use(new DocumentUpdatePlugin());

async function main(): Promise<void> {
  await app.start();
  await loadSample(app);

  // Started by `npm start`: say that the demo serves, and end with whoever started it.
  process.send?.("ready");
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

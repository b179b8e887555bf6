// An application whose pipe changes every update: the tour has to notice.
import { Backend, type KuzzleRequest } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

import { loadSample } from "../../demo/loadSample";

const app = new Backend("meddling");

app.plugin.use(new DocumentUpdatePlugin());
app.pipe.register("document:beforeUpdate", async (request: KuzzleRequest) => {
  Object.assign(request.getBody(), { meddled: true });
  return request;
});

process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));

async function main(): Promise<void> {
  await app.start();
  await loadSample(app);
  process.send?.("ready");
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});

// Runs a command while Elasticsearch and Redis are up, with their addresses in its environment.
import { run } from "./fail.mjs";
import { interruption } from "./interruption.mjs";
import { bringUpServices, whileUp } from "./whileUp.mjs";

await run(async () => {
  const command = process.argv.slice(2);
  const { code } = await whileUp(bringUpServices, command, interruption());
  return code;
});
process.exit();

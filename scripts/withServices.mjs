// Runs a command while Elasticsearch and Redis are up, with their addresses in its environment.
import { run } from "./fail.mjs";
import { runWithServices } from "./runCommand.mjs";

await run(() => runWithServices(process.argv.slice(2)));

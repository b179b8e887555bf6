// Run first by the package.json scripts that need the compiled plugin.
import { build } from "./build.mjs";
import { run } from "./fail.mjs";

await run(build);

// What a script of package.json begins with that needs the plugin as it is built.
import { build } from "./build.mjs";
import { run } from "./fail.mjs";

await run(build);

import { createRequire } from "node:module";

import type { Plugin } from "kuzzle";

// Started by another process, the application ends with it.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
if (process.send && !process.connected) {
  process.exit();
}

// The working directory is a copy of Kuzzle's features, with the application they are written for.
const load = createRequire(`${process.cwd()}/`);
load("./start-kuzzle-test.ts");

// That has yet to start: what follows at once is in time. Its own way to use this plugin is to
// import the folder, which Node.js refuses in code that it does not compile to CommonJS.
const folder = "./bin/plugins/available/functional-test-plugin";
const FunctionalTestPlugin: new () => Plugin = load(folder);
const manifest = load(`${folder}/manifest.json`);
global.app.plugin.use(new FunctionalTestPlugin(), {
  manifest,
  name: manifest.name,
});

global.app.hook.register("kuzzle:state:ready", async () => {
  process.send?.("ready");
});

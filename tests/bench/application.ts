// The Kuzzle application under measure: with the plugin, configured as its name says, or without.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { Backend } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

import { DevicesController } from "../../demo/DevicesController";
import { type ApplicationName, configurations } from "./modes";
import { NaivePlugin } from "./NaivePlugin";
import { PassingPipes } from "./PassingPipes";
import { profileCpu } from "./profileCpu";
import type { Question, Vitals } from "./vitals";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const name = process.env["BENCH_APPLICATION"] as ApplicationName;
const app = new Backend("bench");
const pipes = new PassingPipes(app);
const configuration = configurations[name];

if (configuration === undefined) {
  app.plugin.use(new NaivePlugin(app));
  app.controller.use(new DevicesController(app, undefined));
} else {
  const plugin = new DocumentUpdatePlugin();
  app.plugin.use(plugin);
  app.controller.use(new DevicesController(app, plugin));
  app.config.set("plugins.document-update", configuration);
}

process.on("message", (question: Question) => {
  if (question.pipes !== undefined) {
    pipes.set(question.pipes);
  }
  if (question.collect) {
    collectGarbage();
  }
  const { system, user } = process.cpuUsage();
  const { heapUsed } = process.memoryUsage();
  process.send?.({ cpu: system + user, heapUsed } satisfies Vitals);
});

// Started by another process, the application ends with it.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));

async function main(): Promise<void> {
  await app.start();
  const folder = process.env["BENCH_PROFILE"];
  if (folder) {
    profileCpu(folder, name);
  }
  process.send?.("ready");
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});

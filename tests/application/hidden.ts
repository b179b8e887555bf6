// An application in which things that the plugin knows of Kuzzle's inside are hidden from it, or
// changed, before it looks: HIDDEN names them.
import { Backend, Plugin, type PluginContext } from "kuzzle";
import { DocumentUpdatePlugin } from "kuzzle-plugin-document-update";

import { hidings, passed, wrapUpdate } from "./hidings";
import { ProbeController } from "./probe";
import { StorageProbeController } from "./StorageProbe";

const app = new Backend("tests");

/** Hides before the plugin looks: it was used first. */
class HidingPlugin extends Plugin {
  constructor() {
    super({ kuzzleVersion: ">=2 <3" });
  }

  init(_: unknown, { accessors }: PluginContext): void {
    for (const name of process.env["HIDDEN"]?.split(",") ?? []) {
      const hide = hidings[name as keyof typeof hidings];
      hide(app, accessors.sdk);
    }
  }
}

/** Stands before the native update, if WRAPPED asks for it. */
class WrappingPlugin extends Plugin {
  readonly #name: string;

  constructor(name: string) {
    super({ kuzzleVersion: ">=2 <3" });
    this.#name = name;
  }

  init(): void {
    if (process.env["WRAPPED"] === "true") {
      wrapUpdate(this.#name);
    }
  }
}

app.controller.use(new ProbeController(app));
app.controller.use(new StorageProbeController(app));
app.plugin.use(new HidingPlugin(), { name: "a-hiding" });
app.controller.register("hiding", {
  actions: {
    passed: { handler: async () => passed },
  },
});
app.plugin.use(new WrappingPlugin("before"), { name: "before" });
app.plugin.use(new DocumentUpdatePlugin());
app.plugin.use(new WrappingPlugin("after"), { name: "after" });

process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
if (process.send && !process.connected) {
  process.exit();
}

async function main(): Promise<void> {
  await app.start();
  process.send?.("ready");
}

main().catch((error: unknown) => {
  const { id = "" } = error as { id?: string };
  process.stderr.write(`${id} ${String(error)}\n`);
  process.exit(1);
});

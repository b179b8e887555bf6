import { command } from "./command.mjs";
import { root } from "./paths.mjs";
import { step } from "./step.mjs";

/** Compiles lib into dist, unless the calling script has already done so. The build is incremental. */
export async function build() {
  if (!process.env["PLUGIN_IS_BUILT"]) {
    const args = ["-b", "tsconfig.build.json", "tsconfig.types.json"];
    await step("Building the plugin", () =>
      command("node_modules/.bin/tsc", args, { cwd: root }),
    );
  }
}

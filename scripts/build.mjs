import { command } from "./command.mjs";
import { root } from "./paths.mjs";
import { step } from "./step.mjs";

/** Compiles lib into dist, unless the calling script has already done so. The build is incremental. */
export async function build() {
  if (process.env["PLUGIN_IS_BUILT"]) {
    return;
  }

  await step("Building the plugin", () =>
    command(
      process.execPath,
      [
        "node_modules/typescript/bin/tsc",
        "-b",
        "tsconfig.build.json",
        "tsconfig.types.json",
      ],
      { cwd: root },
    ),
  );
}

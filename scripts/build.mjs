import { command } from "./command.mjs";
import { root } from "./paths.mjs";
import { step } from "./step.mjs";

/** Compiles lib into dist. The compiler remembers what it did: nothing changed is nothing done. */
export function build() {
  return step("Building the plugin", () =>
    command(
      process.execPath,
      ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"],
      { cwd: root },
    ),
  );
}

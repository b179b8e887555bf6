// Runs files of tests, quietly: node scripts/tests.mjs [--services] [options of node:test] <files>
// With `--services` Elasticsearch and Redis are up meanwhile. `--test-reporter=spec` prints each test.
import { build } from "./dependencies.mjs";
import { run } from "./fail.mjs";
import { root } from "./paths.mjs";
import { runCommand, runWithServices } from "./runCommand.mjs";

const args = process.argv.slice(2).filter((arg) => arg !== "--services");
// The last value of an option counts, and options come before the files.
const command = [
  ...[process.execPath, "--import", "tsx", "--test", "--test-concurrency=1"],
  // What a failed hook has left open would keep a file's process for ever, and the failure untold.
  `--test-timeout=${20 * 60_000}`,
  ...(args.some((arg) => arg.startsWith("--test-reporter"))
    ? []
    : [`--test-reporter=${root}tests/support/reporter.mjs`]),
  ...args.filter((arg) => arg.startsWith("--")),
  ...args.filter((arg) => !arg.startsWith("--")),
];

await run(async () => {
  await build();
  return process.argv.includes("--services")
    ? runWithServices(command)
    : runCommand(command);
});

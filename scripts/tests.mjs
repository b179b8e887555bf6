// Runs files of tests, quietly: node scripts/tests.mjs [--services] [options of node:test] <files>
// With `--services` Elasticsearch and Redis are up meanwhile. `--test-reporter=spec` prints each test.
import { build } from "./build.mjs";
import { run } from "./fail.mjs";
import { interruption } from "./interruption.mjs";
import { root } from "./paths.mjs";
import { bringUpServices, whileUp } from "./whileUp.mjs";

const args = process.argv.slice(2).filter((arg) => arg !== "--services");
// The last value of an option counts, and options come before the files.
const command = [
  ...[process.execPath, "--import", "tsx", "--test", "--test-concurrency=1"],
  ...(args.some((arg) => arg.startsWith("--test-reporter"))
    ? []
    : [`--test-reporter=${root}tests/support/reporter.mjs`]),
  ...args.filter((arg) => arg.startsWith("--")),
  ...args.filter((arg) => !arg.startsWith("--")),
];

await run(async () => {
  const interrupted = interruption();
  await build();
  const bringUp = process.argv.includes("--services")
    ? bringUpServices
    : () => Promise.resolve({});
  const { code } = await whileUp(bringUp, command, interrupted);
  return code;
});
process.exit();

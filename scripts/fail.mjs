import { once } from "node:events";

import { stopAll } from "./supervise.mjs";

/** Exit code of a script that was interrupted. */
const INTERRUPTED = 130;

/** A missing prerequisite. It is reported to the user without a stack trace. */
export class Unmet extends Error {
  /**
   * @param {string} problem what is missing or wrong
   * @param {string} remedy what to do about it
   */
  constructor(problem, remedy) {
    super(`${problem}\n  ${remedy}`);
  }
}

/**
 * Runs a script's main function. Then, or when it is interrupted, ends what it has started, and this
 * process. A failure ends in one message and exit code 1.
 *
 * @param {(interruption: AbortSignal) => Promise<number | void>} main returns the exit code, 0 by default
 */
export async function run(main) {
  const signal = interruption();
  const interrupted = once(signal, "abort").then(() => INTERRUPTED);
  try {
    process.exitCode = (await Promise.race([main(signal), interrupted])) ?? 0;
  } catch (error) {
    const told = error instanceof Unmet ? error.message : error;
    console.error("\n✖", told);
    process.exitCode = 1;
  }
  await stopAll();
  if (signal.aborted) {
    console.log("\nStopped, and nothing left behind.");
  }
  // Ends whatever still runs after an interruption, such as an npm install.
  process.exit();
}

/**
 * Is aborted when this process is asked to end, or when the one that runs it has ended: npm, because the
 * scripts of package.json replace its shell (`exec`).
 */
function interruption() {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // More than once: after Ctrl-C, npm sends the signal again.
    process.on(signal, interrupt);
  }
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && interrupt(), 500).unref();

  return controller.signal;
}

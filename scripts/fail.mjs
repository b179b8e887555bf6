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
 * Runs a command's main function. A failure ends in one message and exit code 1.
 *
 * @param {() => Promise<number | void>} main returns the exit code, 0 by default
 */
export async function run(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    const told = error instanceof Unmet ? error.message : error;
    console.error("\n✖", told);
    process.exitCode = 1;
  }
}

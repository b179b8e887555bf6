import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * Runs a command to its end, quietly. If this process ends first, the command ends with it.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>} what it has printed
 * @throws with the end of that when the command fails or cannot be started
 */
export async function command(file, args, options) {
  const all = { maxBuffer: Infinity, ...options };
  const running = promisify(execFile)(file, args, all);
  const end = () => running.child.kill();
  process.once("exit", end);
  try {
    const { stderr, stdout } = await running;
    return stdout + stderr;
  } catch (error) {
    const { code, stderr = "", stdout = "" } = /** @type {any} */ (error);
    const lines = `${stdout}\n${stderr}`.trim().split("\n").slice(-40);
    const shown = [file, ...args].join(" ");
    const told = `${shown} ended with ${code}:\n${lines.join("\n")}`;
    throw new Error(told, { cause: error });
  } finally {
    process.off("exit", end);
  }
}

/**
 * Tells whether a command can be run and succeeds.
 *
 * @param {string} file
 * @param {readonly string[]} args
 */
export function succeeds(file, args) {
  return command(file, args).then(Boolean, () => false);
}

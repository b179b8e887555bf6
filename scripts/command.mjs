import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const KEPT_LINES = 40;

/**
 * Runs a command to its end, quietly.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} [options]
 * @returns {Promise<string>} its last lines of output
 * @throws with those lines when the command fails or cannot be started
 */
export async function command(file, args, { onLine, ...options } = {}) {
  const child = spawn(file, args, {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // If this process ends first, the command ends with it.
  const endIt = () => child.kill();
  process.once("exit", endIt);
  /** @type {string[]} */
  const lines = [];

  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      lines.splice(0, lines.length - KEPT_LINES);
      onLine?.(line);
    });
  }

  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => process.off("exit", endIt));
  if (code !== 0) {
    const shown = `${file} ${args.join(" ")}`;
    throw new Error(`${shown} ended with ${code}:\n${lines.join("\n")}`);
  }

  return lines.join("\n");
}

/**
 * Tells whether a command can be run and succeeds.
 *
 * @param {string} file
 * @param {readonly string[]} args
 */
export async function succeeds(file, args) {
  try {
    await command(file, args);
    return true;
  } catch {
    return false;
  }
}

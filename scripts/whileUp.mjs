import { spawn } from "node:child_process";
import { once } from "node:events";

/** Exit code of a command that was ended by a signal. */
const INTERRUPTED = 130;

/**
 * Runs a command while the services that it needs are up, and stops them afterwards.
 *
 * @param {(onStart: (stop: () => Promise<void>) => void) => Promise<Record<string, string>>} bringUp
 * starts the services; resolves to environment variables for the command
 * @param {readonly string[]} command
 * @param {Promise<unknown>} interrupted ends the command early
 * @returns {Promise<{ code: number, interrupted: boolean }>} code: the command's exit code
 */
export async function whileUp(bringUp, [file, ...args], interrupted) {
  let stop = async () => {};
  const env = await Promise.race([
    bringUp((stopIt) => {
      stop = stopIt;
    }),
    interrupted.then(() => undefined),
  ]);
  if (env === undefined) {
    await stop();
    return { code: INTERRUPTED, interrupted: true };
  }

  const child = spawn(String(file), args, {
    env: { ...process.env, ...env },
    stdio: "inherit",
  });
  const ended = once(child, "exit");
  let early = false;
  void interrupted.then(() => {
    early = true;
    child.kill();
  });

  try {
    const [code] = await ended;
    return { code: Number(code ?? 1), interrupted: early };
  } finally {
    await stop();
  }
}

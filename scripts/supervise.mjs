import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";

import { root } from "./paths.mjs";

/** Functions that stop the supervisors of this process, the latest first. @type {(() => Promise<void>)[]} */
const stops = [];

/** Stops all supervisors of this process, the latest first: what was started earlier is in use by it. */
export async function stopAll() {
  for (const stop of stops) {
    await stop();
  }
}

/** @typedef {{ file: string, args: readonly string[] }} Command */

/**
 * A command and its options: env is added to the environment; ipc: where it sends messages to this process;
 * log: a file for what it prints, by default it prints to where this process does.
 *
 * @typedef {Command & { ipc?: "ipc", log?: string } & Pick<import("node:child_process").SpawnOptions,
 * "argv0" | "cwd" | "env" | "gid" | "uid">} Process
 */

/**
 * Starts a supervisor: a process that ends other processes, and deletes their data, when it is told to
 * stop or when this process is gone, for whatever reason. It learns that from the channel between the
 * two, which the system closes.
 */
export async function supervise() {
  const supervisor = fork(`${root}scripts/supervisor.mjs`, {
    // Ctrl-C in the terminal does not reach it.
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const gone = once(supervisor, "exit");
  const [folder] = await once(supervisor, "message");
  // It does not keep this process from ending.
  supervisor.unref();
  supervisor.channel?.unref();
  const stop = async () => {
    supervisor.ref();
    if (supervisor.connected) {
      supervisor.disconnect();
    }
    await gone;
  };
  stops.unshift(stop);

  return {
    /** Has it run a command after all processes have ended. */
    cleanUpWith: (
      /** @type {{ file: string, args: readonly string[] }} */ it,
    ) => supervisor.send({ cleanup: it }),
    /** Is there for data and logs, and is deleted in the end. */
    folder: String(folder),
    /** Starts a process that leads a group, which the supervisor ends. */
    start: (/** @type {Process} */ command) => {
      const { args, env, file, ipc, log, ...options } = command;
      const output = log === undefined ? "inherit" : openSync(log, "w");
      const child = spawn(file, args, {
        ...options,
        detached: true,
        env: { ...process.env, ...env },
        stdio: ["ignore", output, output, ...(ipc ? [ipc] : [])],
      });
      if (typeof output === "number") {
        closeSync(output);
      }
      supervisor.send({ leader: child.pid });
      return child;
    },
    stop,
  };
}

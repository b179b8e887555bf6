import { fork } from "node:child_process";
import { once } from "node:events";

import { root } from "./paths.mjs";

/**
 * @typedef {object} Command
 * @property {string} name its log is `<name>.log`
 * @property {string} file
 * @property {readonly string[]} args `{folder}` stands for the folder of the run
 * @property {string} [argv0] name in its command line; the same
 * @property {Record<string, string>} [env] added to the environment
 * @property {{ gid: number, uid: number }} [user] whom it runs as, where that is not this user
 * @property {{ file: string, args: readonly string[] }} [prepare] run before it starts
 * @property {{ file: string, args: readonly string[] }} [cleanup] run after all has ended
 */

/**
 * Starts a supervisor: a process that ends other processes, and deletes their data, when it is told to
 * stop or when this process is gone, for whatever reason. It learns that from the channel between the
 * two, which the system closes.
 */
export async function supervise() {
  const child = fork(`${root}scripts/supervisor.mjs`, {
    // Ctrl-C in the terminal does not reach it.
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const gone = once(child, "exit");
  /** Pids of the commands that run, by name. @type {Map<string, number>} */
  const running = new Map();
  const [folder] = await once(child, "message");
  child.on("message", (/** @type {any} */ { name, pid }) => {
    running.delete(name);
    if (pid) {
      running.set(name, pid);
    }
  });
  // It does not keep this process from ending.
  child.unref();
  child.channel?.unref();

  return {
    /** Has it end the process group of this leader, too. */
    adopt: (/** @type {number | undefined} */ pid) =>
      child.send({ adopt: pid }),
    /** Has the data and logs of its commands, and is deleted in the end. */
    folder: String(folder),
    running,
    start: async (/** @type {Command} */ command) => {
      child.channel?.ref();
      child.send(command);
      await once(child, "message");
      child.channel?.unref();
    },
    stop: async () => {
      child.ref();
      child.kill();
      await gone;
    },
  };
}

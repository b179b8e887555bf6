import { ancestry, isBroken } from "./ancestry.mjs";

const WATCH_MS = 1_000;

/**
 * Resolves when this process is asked to end, or when its parent, or the npm that runs it, has ended.
 *
 * @returns {Promise<string>} the reason
 */
export function interruption() {
  const ancestors = ancestry();

  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.once(signal, () => resolve(signal));
    }
    setInterval(() => {
      if (isBroken(ancestors)) {
        resolve("the parent process is gone");
      }
    }, WATCH_MS).unref();
  });
}

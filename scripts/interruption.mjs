const WATCH_MS = 1_000;

/**
 * Resolves when this process is asked to end, or when the one that started it is gone.
 *
 * @returns {Promise<string>} the reason
 */
export function interruption() {
  const parent = process.ppid;

  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.once(signal, () => resolve(signal));
    }
    setInterval(() => {
      if (process.ppid !== parent) {
        resolve("the parent process is gone");
      }
    }, WATCH_MS).unref();
  });
}

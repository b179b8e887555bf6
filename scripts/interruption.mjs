/**
 * Resolves when this process is asked to end, or when the one that runs it has ended: npm, because the
 * scripts of package.json replace its shell (`exec`).
 *
 * @returns {Promise<string>} the reason
 */
export function interruption() {
  const parent = process.ppid;

  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      // More than once: after Ctrl-C, npm sends the signal again.
      process.on(signal, () => resolve(signal));
    }
    const watch = () =>
      process.ppid !== parent && resolve("the parent process is gone");
    setInterval(watch, 500).unref();
  });
}

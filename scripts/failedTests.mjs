/**
 * Makes a reader of the TAP lines of node:test, which notes the names of the tests that failed, each
 * with the suites that it is in.
 *
 * @param {string} script of package.json that runs them
 */
export function failedTests(script) {
  /** @type {string[]} */
  const names = [];
  /** The test whose outcome comes next, below its suites. */
  const path = [script];

  return {
    names,
    /** @param {string} line */
    read(line) {
      const [found, indent = "", name, failed] =
        /^((?: {4})*)(?:# Subtest: (.*)|(not )?ok \d+ - )/.exec(line) ?? [];
      if (found === undefined) {
        return;
      }
      const depth = indent.length / 4 + 1;
      if (name !== undefined) {
        path.splice(depth, Infinity, name);
        return;
      }
      const full = path.slice(0, depth + 1).join(" > ");
      // A suite fails with the tests in it, which have been named.
      if (failed && !names.some((inner) => inner.startsWith(`${full} > `))) {
        names.push(full);
      }
    },
  };
}

/** Longest part of an error that is noted. */
const MAX_ERROR = 300;

/**
 * Makes a reader of the TAP lines of node:test, which notes the names of the tests that failed, each
 * with the suites that it is in and with the beginning of its error.
 *
 * @param {string} script of package.json that runs them
 */
export function failedTests(script) {
  /** Their errors, by their names. @type {Map<string, string>} */
  const errors = new Map();
  /** The test whose outcome comes next, below its suites. */
  const path = [script];
  /** The one that has failed, while the lines tell of it. */
  let failing = "";
  let inError = false;

  return {
    get names() {
      return [...errors].map(([name, error]) =>
        error ? `${name}: ${error.slice(0, MAX_ERROR)}` : name,
      );
    },
    /** @param {string} line */
    read(line) {
      const [found, indent = "", name, failed] =
        /^((?: {4})*)(?:# Subtest: (.*)|(not )?ok \d+ - )/.exec(line) ?? [];
      if (found === undefined) {
        readError(line.trim());
        return;
      }
      failing = "";
      const depth = indent.length / 4 + 1;
      if (name !== undefined) {
        path.splice(depth, Infinity, name);
        return;
      }
      const full = path.slice(0, depth + 1).join(" > ");
      // A suite fails with the tests in it, which have been named.
      if (
        failed &&
        ![...errors.keys()].some((inner) => inner.startsWith(`${full} > `))
      ) {
        failing = full;
        errors.set(full, "");
      }
    },
  };

  /** Reads on in what tells of a test: its error is one line, or all lines until the next key. */
  function readError(/** @type {string} */ text) {
    if (failing === "") {
      return;
    }
    const [, first] = /^error: (?:\|-|'(.*)')?/.exec(text) ?? [undefined, null];
    if (first !== null) {
      inError = true;
      errors.set(failing, first ?? "");
    } else if (/^(code|name|stack|expected|actual|\.\.\.)/.test(text)) {
      inError = false;
    } else if (inError && text) {
      errors.set(failing, `${errors.get(failing)} ${text}`.trim());
    }
  }
}

/** Longest part of an error that is reported, in characters. */
const MAX_ERROR = 300;

/**
 * Makes a parser of node:test's TAP output, which collects the names of failed tests with their suites
 * and the beginning of their errors.
 *
 * @param {string} script of package.json that runs the tests
 */
export function failedTests(script) {
  /** Their errors, by their names. @type {Map<string, string>} */
  const errors = new Map();
  /** Path of the test that is being parsed: the script, its suites, and its name. */
  const path = [script];
  /** The failed test whose details are being parsed. */
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
      // A suite fails because of its tests, which have been collected already.
      if (
        failed &&
        ![...errors.keys()].some((inner) => inner.startsWith(`${full} > `))
      ) {
        failing = full;
        errors.set(full, "");
      }
    },
  };

  /** Collects the error of a failed test, which is a single line, or all lines until the next key. */
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

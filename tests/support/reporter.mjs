// Reporter of node:test: prints the tests that fail, with their errors and what their files have printed
// before, then why tests are skipped, and how many there are of each kind.
import { appendFileSync } from "node:fs";
import { inspect } from "node:util";

/**
 * @typedef {object} Results of tests
 * @property {string[]} failed which, and why
 * @property {number} passed
 * @property {string[]} skipped why
 */

/** Lines of what a file has printed. */
const OUTPUT_LINES = 40;
/** Characters of an error beside the name of its test, in the list at the end. */
const ERROR_LENGTH = 300;

/** Reports results to the plan whose step this is, if there is one. @param {Results} results */
export function report(results) {
  const path = process.env["TEST_RESULTS"];
  if (path) {
    appendFileSync(path, `${JSON.stringify(results)}\n`);
  }
}

/** @param {AsyncIterable<import("node:test/reporters").TestEvent>} events */
export default async function* reporter(events) {
  /** @type {Results} */
  const results = { failed: [], passed: 0, skipped: [] };
  /** Suites and tests around the current one. @type {string[]} */
  const path = [];
  /** What each file has printed. @type {Map<string | undefined, string>} */
  const output = new Map();
  const print = (/** @type {string | undefined} */ file, text = "") =>
    output.set(file, (output.get(file) ?? "") + text);

  for await (const { data, type } of events) {
    if (type === "test:start") {
      path.splice(data.nesting, Infinity, data.name);
    } else if (type === "test:stdout" || type === "test:stderr") {
      print(data.file, data.message);
    } else if (type === "test:diagnostic" && data.nesting > 0) {
      print(data.file, `ℹ ${data.message}\n`);
    } else if (type === "test:pass") {
      const why = data.skip ?? data.todo;
      if (why !== undefined) {
        results.skipped.push(typeof why === "string" ? why : data.name);
      } else if (data.details.type !== "suite") {
        results.passed++;
      }
    } else if (type === "test:fail") {
      const { error } = data.details;
      const { cause = error, failureType } = /** @type {any} */ (error);
      // A suite fails because of its tests, which were told of before.
      if (failureType !== "subtestsFailed") {
        const name = [...path.slice(0, data.nesting), data.name].join(" > ");
        const text = cause?.message ? String(cause.message) : inspect(cause);
        const why = text.replace(/\s+/g, " ");
        results.failed.push(`${name}: ${why.slice(0, ERROR_LENGTH)}`);
        yield `\n✖ ${name}\n${indent(inspect(cause))}`;
        const printed = output.get(data.file)?.trimEnd();
        if (printed) {
          const lines = printed.split("\n").slice(-OUTPUT_LINES);
          yield indent(["printed before:", ...lines].join("\n"));
          output.delete(data.file);
        }
      }
    }
  }

  report(results);
  yield* [...new Set(results.skipped)].map((why) => `skipped: ${why}\n`);
  yield `${inWords(results)}\n`;
}

/** @param {Results} results */
export function inWords({ failed, passed, skipped }) {
  return `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;
}

/** @param {string} text */
function indent(text) {
  return `${text.replace(/^/gm, "  ")}\n`;
}

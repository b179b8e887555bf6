import { Unmet } from "./fail.mjs";

/**
 * @typedef {object} Missing something that this machine lacks
 * @property {string} what it is, and why it is needed
 * @property {string} debian the package that has it there
 * @property {string} macos the package of Homebrew
 * @property {string} [instead] what else would do
 */

/**
 * Reports all that is missing at once, with the commands that install it.
 *
 * @param {readonly Missing[]} missing
 * @throws {Unmet} if anything is missing
 */
export function requireNothing(missing) {
  if (missing.length === 0) {
    return;
  }

  const all = (/** @type {"debian" | "instead" | "macos"} */ key) => [
    ...new Set(missing.flatMap((each) => each[key] ?? [])),
  ];
  throw new Unmet(
    [
      "This machine lacks what is needed:",
      ...missing.map(({ what }) => `- ${what}`),
    ].join("\n  "),
    [
      `Debian: apt-get install ${all("debian").join(" ")}`,
      `macOS: brew install ${all("macos").join(" ")}`,
      ...all("instead"),
    ].join("\n  "),
  );
}

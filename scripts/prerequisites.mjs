import { Unmet } from "./fail.mjs";

const NODE = 20;

/** @throws {Unmet} when this Node.js is too old for the scripts and for Kuzzle */
export function requireNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < NODE) {
    throw new Unmet(
      `Node.js ${process.versions.node} is too old: Kuzzle needs ${NODE} or later.`,
      "Install a newer one, for instance with nvm: nvm install 20",
    );
  }
}

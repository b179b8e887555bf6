import { createRequire } from "node:module";

import type * as sdk from "kuzzle-sdk";
import type * as client from "kuzzle-plugin-document-update/client";

import { root } from "../../scripts/paths.mjs";

/** Folder of the project under test: this one, or that of another Kuzzle. */
export const project = process.env["KUZZLE_PROJECT"] || root;

const requireThere = createRequire(`${project}/package.json`);

/** Loads kuzzle-sdk as the project under test has it. */
export function requireSdk(): typeof sdk {
  return requireThere("kuzzle-sdk") as typeof sdk;
}

/** Loads the plugin's `./client` as the project under test has it. */
export function requireClient(): typeof client {
  return requireThere("kuzzle-plugin-document-update/client") as typeof client;
}

// Preloaded into an application whose coverage is taken: it gets the plugin from the build of the unit
// tests, so that c8 can add up what both have run.
import Module from "node:module";

import { root } from "../../scripts/paths.mjs";

const loader =
  /** @type {{ _resolveFilename: (request: string, ...rest: unknown[]) => string }} */ (
    /** @type {unknown} */ (Module)
  );
const resolve = loader._resolveFilename;

loader._resolveFilename = (
  /** @type {string} */ request,
  /** @type {unknown[]} */ ...rest
) =>
  request === "kuzzle-plugin-document-update"
    ? `${root}.unit/lib/index.js`
    : resolve(request, ...rest);

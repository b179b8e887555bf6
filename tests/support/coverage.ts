import { join } from "node:path";

import { root } from "../../scripts/paths.mjs";

/**
 * How an application is started whose coverage is taken, which is the case if `COVERAGE` is set:
 * Node.js writes it when the process ends. It runs the build of the unit tests, which has source maps.
 *
 * @see `npm run test:coverage`
 */
export function withCoverage(): {
  readonly env: Record<string, string>;
  readonly execArgv: string[];
} {
  const runsTypeScript = ["--import", "tsx"];
  if (!process.env["COVERAGE"]) {
    return { env: {}, execArgv: runsTypeScript };
  }

  return {
    env: { NODE_V8_COVERAGE: join(root, "coverage/raw") },
    execArgv: [
      "--import",
      join(root, "tests/support/coveredPlugin.mjs"),
      ...runsTypeScript,
    ],
  };
}

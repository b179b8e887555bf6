// Runs a command with KUZZLE_PROJECT set to the folder of a project with the lowest supported versions
// of Kuzzle and kuzzle-sdk, or with the Kuzzle version that KUZZLE_VERSION names.
import { readFile } from "node:fs/promises";

import { run } from "./fail.mjs";
import { interruption } from "./interruption.mjs";
import { ensureKuzzleProject, NotForThisNode } from "./kuzzleProject.mjs";
import { lowestOf } from "./lowestOf.mjs";
import { root } from "./paths.mjs";
import { whileUp } from "./whileUp.mjs";

await run(async () => {
  const { kuzzleVersion } = await readJson("manifest.json");
  const { peerDependencies } = await readJson("package.json");
  const versions = {
    kuzzle: process.env["KUZZLE_VERSION"] || lowestOf(kuzzleVersion),
    sdk: lowestOf(peerDependencies["kuzzle-sdk"]),
  };

  try {
    const { code } = await whileUp(
      async () => ({
        KUZZLE_PROJECT: await ensureKuzzleProject(versions),
        // Nodes find each other in Redis, and two versions cannot form a cluster.
        REDIS_URL: "",
      }),
      process.argv.slice(2),
      interruption(),
    );
    return code;
  } catch (error) {
    if (!(error instanceof NotForThisNode)) {
      throw error;
    }
    // With a summary line of node:test, which scripts/runStep.mjs counts.
    console.log(`${error.message}\nℹ skipped 1`);
    return 0;
  }
});
process.exit();

/** @param {string} name of a file at the top of this repository */
async function readJson(name) {
  return JSON.parse(await readFile(`${root}${name}`, "utf8"));
}

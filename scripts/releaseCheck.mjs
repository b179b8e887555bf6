// `npm run release:check`: lists what is missing for a release, and fails if anything is. The release
// workflow runs it before it publishes.
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";

import { run } from "./fail.mjs";
import { root } from "./paths.mjs";
import { releaseProblems } from "./releaseProblems.mjs";

const {
  GITHUB_REF_NAME: name,
  GITHUB_REF_TYPE: type,
  GITHUB_REPOSITORY: repository,
  GITHUB_SERVER_URL: server,
} = process.env;

await run(async () => {
  const packageJson = JSON.parse(await read("package.json"));
  const problems = releaseProblems({
    changelog: await read("CHANGELOG.md"),
    exists: isTracked,
    packageJson,
    readme: await read("README.md"),
    ...(server && repository && { origin: `${server}/${repository}` }),
    ...(type === "tag" && name && { tag: name }),
  });

  if (problems.length === 0) {
    console.log(`✔ ${packageJson.version} is ready for its release.`);
    return 0;
  }
  console.error(`✖ ${packageJson.version} is not ready for its release:`);
  for (const problem of problems) {
    console.error(`  - ${problem}`);
  }
  return 1;
});

/** @param {string} path from the top of the repository */
function read(path) {
  return readFile(`${root}${path}`, "utf8");
}

/**
 * Tells whether a file or a folder is in git, and so in the public repository.
 *
 * @param {string} path from the top of the repository
 */
function isTracked(path) {
  const files = execFileSync("git", ["ls-files", "--", `:(top)${path}`], {
    cwd: root,
    encoding: "utf8",
  });

  return !path.startsWith("/") && files !== "";
}

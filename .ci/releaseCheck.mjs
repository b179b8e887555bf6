// `npm run release:check`: lists what is missing for a release, and fails if anything is. The release
// workflow runs it before it publishes.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { root } from "../scripts/paths.mjs";
import { releaseProblems } from "./releaseProblems.mjs";

const {
  GITHUB_REF_NAME: name,
  GITHUB_REF_TYPE: type,
  GITHUB_REPOSITORY: repository,
  GITHUB_SERVER_URL: server,
} = process.env;
const read = (/** @type {string} */ path) =>
  readFileSync(`${root}${path}`, "utf8");
// What is in git is in the public repository.
const tracked = execFileSync("git", ["ls-files"], { cwd: root });
const files = `\n${tracked.toString()}`;

const packageJson = JSON.parse(read("package.json"));
const problems = releaseProblems({
  changelog: read("CHANGELOG.md"),
  exists: (path) => files.includes(`\n${path}`),
  packageJson,
  readme: read("README.md"),
  ...(server && repository && { origin: `${server}/${repository}` }),
  ...(type === "tag" && name && { tag: name }),
});
if (problems.length > 0) {
  console.error(`✖ ${packageJson.version} is not ready for its release:`);
  problems.forEach((problem) => console.error(`  - ${problem}`));
  process.exitCode = 1;
} else {
  console.log(`✔ ${packageJson.version} is ready for its release.`);
}

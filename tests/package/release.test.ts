import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";

import packageJson from "../../package.json";
import { root } from "../../scripts/paths.mjs";
import { releaseProblems } from "../../.ci/releaseProblems.mjs";

const owned = ["author", "repository", "homepage", "bugs"];
const filled = {
  ...packageJson,
  author: "Jane Doe",
  bugs: { url: "https://forge.example/jane/plugin/issues" },
  homepage: "https://forge.example/jane/plugin#readme",
  repository: {
    type: "git",
    url: "git+https://forge.example/jane/plugin.git",
  },
};
/** This repository with nothing unreleased, as if its owner had filled in the rest. */
const release = {
  changelog: `## [Unreleased]\n\n## [${packageJson.version}] - 2026-01-01\n`,
  exists: (path: string) => existsSync(`${root}${path}`),
  origin: "https://forge.example/jane/plugin",
  packageJson: filled,
  readme: readFileSync(`${root}README.md`, "utf8"),
  tag: `v${packageJson.version}`,
};

describe("the release check", () => {
  it("passes once the owner has filled in package.json", () => {
    assert.deepEqual(releaseProblems(release), []);
  });

  it("finds the dated entry of this version in CHANGELOG.md", () => {
    const changelog = readFileSync(`${root}CHANGELOG.md`, "utf8");
    const problems = releaseProblems({ ...release, changelog });

    assert.doesNotMatch(problems.join(), /no dated entry/);
  });

  it("names each field that the owner has to fill in", () => {
    const unfilled = Object.fromEntries(
      Object.entries(filled).filter(([field]) => !owned.includes(field)),
    );
    const problems = releaseProblems({ ...release, packageJson: unfilled });

    assert.deepEqual(
      problems.map((problem) => /has no "(\w+)"/.exec(problem)?.[1]),
      owned,
    );
  });

  it("is what npm run release:check prints and fails by", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [`${root}.ci/releaseCheck.mjs`],
      { encoding: "utf8", env: { PATH: process.env["PATH"] } },
    );

    for (const field of owned) {
      const isMissing = stderr.includes(`has no "${field}"`);
      assert.equal(isMissing, !(field in packageJson), field);
    }
    assert.equal(status, stderr === "" ? 0 : 1);
  });

  const wrong: Readonly<Record<string, [Partial<typeof release>, RegExp]>> = {
    "a changelog without this version": [
      { changelog: "## [Unreleased]\n\n## [0.9.0] - 2026-01-01\n" },
      /no dated entry/,
    ],
    "a link to a missing file": [
      { readme: "[docs](docs/none.md#part)" },
      /links to docs\/none\.md/,
    ],
    "a reference to a missing file": [
      { readme: "[docs][1]\n\n[1]: docs/none.md" },
      /links to docs\/none\.md/,
    ],
    "a link that the registry's page cannot follow": [
      { exists: (path) => !path.startsWith("/"), readme: '<img src="/a.png">' },
      /links to \/a\.png/,
    ],
    "a repository without an address": [
      {
        packageJson: {
          ...filled,
          repository: { type: "git", url: "git@forge.example:jane/plugin" },
        },
      },
      /names no https address/,
    ],
    "a repository that is another one": [
      { origin: "https://forge.example/john/plugin" },
      /provenance/,
    ],
    "a tag of another version": [{ tag: "v0.0.1" }, /The tag is v0\.0\.1/],
    "changes that are not released": [
      {
        changelog: `## [Unreleased]\n\n### Added\n\n- x\n\n## [${packageJson.version}] - 2026-01-01\n`,
      },
      /under "Unreleased"/,
    ],
  };
  for (const [name, [change, expected]] of Object.entries(wrong)) {
    it(`refuses ${name}`, () => {
      const problems = releaseProblems({ ...release, ...change });

      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(String(problems[0]), expected);
    });
  }
});

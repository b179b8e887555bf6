import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";

import { root } from "../../scripts/paths.mjs";
import { BareProject, pack, type Tarball } from "../support/BareProject";

/** Largest size of the packed tarball, in bytes. */
const MAX_SIZE = 72_000;

/** What a file of types alone compiles to: nobody loads it. */
const OF_TYPES =
  /^"use strict";\s*Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);\s*$/;

/** Returns a declaration file and all that it imports, at any depth. */
function declarationsFrom(path: string, found = new Set<string>()) {
  if (!found.has(path)) {
    found.add(path);
    const text = readFileSync(`${root}${path}`, "utf8");
    for (const [, to = ""] of text.matchAll(/from "(\.[^"]+)"/g)) {
      declarationsFrom(`${join(dirname(path), to)}.d.ts`, found);
    }
  }

  return found;
}

/** The environment without npm's configuration of this machine and of the npm that runs this test. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name)),
);

/** Runs a tool in the repository, and returns what it prints, including errors. */
function run(file: string, ...args: readonly string[]): string {
  try {
    return execFileSync("sh", ["-c", '"$@" 2>&1', "sh", file, ...args], {
      cwd: root,
      encoding: "utf8",
      env: { ...env, npm_config_userconfig: "/dev/null" },
    });
  } catch (error) {
    const { stdout } = error as { stdout: string };
    throw new Error(`${file} ${args.join(" ")}:\n${stdout}`, { cause: error });
  }
}

describe("the tarball", () => {
  const folder = new BareProject({});
  let tarball: Tarball;

  before(() => {
    tarball = pack(folder.folder);
  });
  after(() => folder.delete());

  it("holds the code, the types of what it exports, and no more", () => {
    const compiled = readdirSync(`${root}lib`, {
      encoding: "utf8",
      recursive: true,
    })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `dist/${name.replace(/\.ts$/, ".js")}`)
      .filter((path) => !OF_TYPES.test(readFileSync(`${root}${path}`, "utf8")));
    const declarations = declarationsFrom(
      "dist/client.d.ts",
      declarationsFrom("dist/index.d.ts"),
    );

    assert.deepEqual(
      tarball.files,
      [
        ...compiled,
        ...declarations,
        "LICENSE",
        "README.md",
        "manifest.json",
        "package.json",
      ].sort(),
    );
  });

  it(`has at most ${MAX_SIZE / 1000} kB`, () => {
    const { size } = statSync(tarball.path);

    assert.ok(size <= MAX_SIZE, `${size} bytes`);
  });

  it("has the comments of the public types, and none in the code", () => {
    const read = (path: string) => readFileSync(`${root}${path}`, "utf8");

    assert.match(read("dist/client.d.ts"), /The document must exist\./);
    assert.match(read("dist/plugin/configuration.d.ts"), /@default 5000/);
    for (const path of tarball.files.filter((each) => each.endsWith(".js"))) {
      assert.doesNotMatch(read(path), /^\s*\/[/*]/m, path);
    }
  });

  it("has no problem that publint finds", () => {
    const told = run("npx", "publint", "run", tarball.path, "--strict");

    assert.match(told, /All good!/);
  });

  it("has types that attw finds by every way to resolve modules", () => {
    // No rule is ignored, and no entry point is left out.
    const told = run("npx", "attw", tarball.path, "--profile", "strict");

    assert.match(told, /No problems found/);
  });

  it("would be published without a correction or a warning of npm", () => {
    const told = run(
      "npm",
      "publish",
      "--dry-run",
      // The package is already built.
      "--ignore-scripts",
      // A dry run needs no account, and no answer of a registry.
      "--registry=http://127.0.0.1:9",
      "--fetch-retries=0",
    );

    assert.match(told, /\+ kuzzle-plugin-document-update@\d+\.\d+\.\d+/);
    const warnings = told
      .split("\n")
      .filter((line) => /\bwarn\b/i.test(line))
      .filter((line) => !line.includes("requires you to be logged in"));
    assert.deepEqual(warnings, []);
  });
});

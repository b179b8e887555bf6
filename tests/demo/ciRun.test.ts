import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";

import { root } from "../../scripts/paths.mjs";

const folder = mkdtempSync(join(tmpdir(), "document-update-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs `.ci/run` where npm, and what it would install, are these lines of a shell. */
function ciRun(npm: string): { lastLine: string | undefined; status: unknown } {
  for (const [name, script] of Object.entries({
    chromium: "",
    docker: "",
    ip: "",
    npm,
  })) {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }
  const { status, stdout } = spawnSync(`${root}.ci/run`, {
    encoding: "utf8",
    env: { ...process.env, PATH: `${folder}:${process.env["PATH"]}` },
  });

  return { lastLine: stdout.trimEnd().split("\n").at(-1), status };
}

it(".ci/run ends with the sum of both of its scripts", () => {
  const { lastLine, status } = ciRun(`case "$*" in
  *test:full) echo "30 passed, 0 failed, 2 skipped" ;;
  *test) echo "400 passed, 0 failed, 1 skipped" ;;
esac`);

  assert.equal(lastLine, "430 passed, 0 failed, 3 skipped");
  assert.equal(status, 0);
});

it(".ci/run fails when one of its scripts does, and still runs the other", () => {
  const { lastLine, status } = ciRun(`case "$*" in
  *test:full) echo "30 passed, 0 failed, 2 skipped" ;;
  *test) echo "399 passed, 1 failed, 1 skipped"; echo "npm error"; exit 1 ;;
esac`);

  assert.equal(lastLine, "429 passed, 1 failed, 3 skipped");
  assert.equal(status, 1);
});

it(".ci/run counts a script that ends without a sum as a failure", () => {
  const { lastLine, status } = ciRun(`case "$*" in
  *test:full) exit 137 ;;
  *test) echo "400 passed, 0 failed, 1 skipped" ;;
esac`);

  assert.equal(lastLine, "400 passed, 1 failed, 1 skipped");
  assert.equal(status, 1);
});

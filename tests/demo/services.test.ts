import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, it } from "node:test";

import { root } from "../../scripts/paths.mjs";
import { endGroup } from "../support/endGroup";
import { findRun, isAlive, type Run } from "../support/findRun";
import { until } from "../support/until";

// Redis alone is started: the Elasticsearch of the environment is given.
const env = { ...process.env, REDIS_URL: "" };
const children: ChildProcess[] = [];

after(() => children.forEach(endGroup));

/** Starts Redis for a command that waits, and returns once it is up. */
async function startRun(): Promise<Run & { child: ChildProcess }> {
  const code = `console.log("up", process.env.REDIS_URL); setInterval(() => {}, 1000)`;
  const child = spawn(
    process.execPath,
    ["scripts/withServices.mjs", process.execPath, "-e", code],
    // A group of its own: the waiting command ends with it.
    { cwd: root, detached: true, env, stdio: ["ignore", "pipe", "inherit"] },
  );
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^up (.*)/.exec(line) ?? [];
    if (url !== undefined) {
      return { ...findRun(url), child };
    }
  }
  throw new Error("Redis did not come up");
}

/** Waits until a run has left no process and no data. */
function isGone({ folder, pids }: Run): Promise<void> {
  return until(
    "nothing is left",
    async () => !pids.some(isAlive) && !existsSync(folder),
    20_000,
  );
}

for (const signal of ["SIGTERM", "SIGINT", "SIGKILL"] as const) {
  it(`stops the services, and deletes their data, on ${signal}`, async () => {
    const run = await startRun();
    assert.equal(run.pids.length, 2);
    assert.ok(run.pids.every(isAlive));

    run.child.kill(signal);

    await isGone(run);
  });
}

it("stops what a killed supervisor left running, and nothing of other runs", async () => {
  const other = await startRun();
  const orphaned = await startRun();
  const [supervisor = 0, redis = 0] = orphaned.pids;
  process.kill(supervisor, "SIGKILL");
  await until("the supervisor is gone", async () => !isAlive(supervisor));
  assert.ok(isAlive(redis));

  const next = await startRun();

  await isGone(orphaned);
  assert.ok(other.pids.every(isAlive));
  assert.ok(existsSync(other.folder));
  for (const { child } of [other, next]) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
});

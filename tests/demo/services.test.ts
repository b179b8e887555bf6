import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, it } from "node:test";

import { root } from "../../scripts/paths.mjs";
import { endGroup } from "../support/endGroup";
import { findRun, isAlive, type Run } from "../support/findRun";
import { DEADLINE_MS } from "../support/request";

// Redis alone is started: the Elasticsearch of the environment is given.
const env = { ...process.env, REDIS_URL: "" };
const children: ChildProcess[] = [];

after(() => children.forEach(endGroup));

interface RunningCommand extends Run {
  readonly stop: () => Promise<void>;
}

/** Starts Redis for a command that waits, and returns once it is up. */
async function startRun(): Promise<RunningCommand> {
  const code = `console.log("up", process.env.REDIS_URL); setInterval(() => {}, 1000)`;
  const child = spawn(
    process.execPath,
    ["scripts/withServices.mjs", process.execPath, "-e", code],
    // A group of its own: the waiting command ends with it.
    { cwd: root, detached: true, env, stdio: ["ignore", "pipe", "inherit"] },
  );
  children.push(child);
  const url = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, redisUrl] = /^up (.*)/.exec(line) ?? [];
      if (redisUrl !== undefined) {
        resolve(redisUrl);
      }
    });
  });

  return {
    ...findRun(url),
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function eventually(condition: () => boolean): Promise<boolean> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition() && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return condition();
}

it("stops the services, and deletes their data, when the command is told to stop", async () => {
  const run = await startRun();

  await run.stop();

  assert.ok(await eventually(() => !run.pids.some(isAlive)));
  assert.equal(existsSync(run.folder), false);
});

it("leaves a live run alone where ps cannot tell which process is which", async () => {
  const run = await startRun();
  const scripts = `${root}scripts/services/leftovers.mjs`;

  const { status } = spawnSync(
    process.execPath,
    [
      "--eval",
      `import("${scripts}").then(({ sweepLeftovers }) => sweepLeftovers())`,
    ],
    { env: { PATH: "/nowhere" } },
  );

  assert.equal(status, 0);
  assert.ok(run.pids.every(isAlive));
  assert.ok(existsSync(run.folder));
  await run.stop();
});

it("stops what a killed keeper left running, and nothing of other runs", async () => {
  const other = await startRun();
  const orphaned = await startRun();
  const [keeper = 0, redis = 0] = orphaned.pids;
  process.kill(keeper, "SIGKILL");
  assert.ok(await eventually(() => !isAlive(keeper)));
  assert.ok(isAlive(redis));

  const next = await startRun();

  assert.ok(await eventually(() => !isAlive(redis)));
  assert.equal(existsSync(orphaned.folder), false);
  assert.ok(other.pids.every(isAlive));
  assert.ok(existsSync(other.folder));
  await Promise.all([other.stop(), next.stop()]);
});

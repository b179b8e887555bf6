import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, it } from "node:test";

import { root, servicesFolder } from "../../scripts/paths.mjs";
import { endGroup } from "../support/endGroup";
import { DEADLINE_MS } from "../support/request";

// Redis alone is started: the Elasticsearch of the environment is given.
const env = { ...process.env, REDIS_URL: "" };
const children: ChildProcess[] = [];
const runsFolder = `${servicesFolder}/runs`;

after(() => children.forEach(endGroup));

interface Run {
  readonly folder: string;
  /** The keeper first. */
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

/** Starts Redis for a command that waits, and returns once it is up. */
async function startRun(): Promise<Run> {
  const before = readdirSync(runsFolder);
  const code = `console.log("up"); setInterval(() => {}, 1000)`;
  const child = spawn(
    process.execPath,
    ["scripts/withServices.mjs", process.execPath, "-e", code],
    // A group of its own: the waiting command ends with it.
    { cwd: root, detached: true, env, stdio: ["ignore", "pipe", "inherit"] },
  );
  children.push(child);
  await new Promise<void>((resolve) => {
    let text = "";
    child.stdout.on("data", (data: Buffer) => {
      text += data.toString();
      if (text.includes("up\n")) {
        resolve();
      }
    });
  });
  const [name] = readdirSync(runsFolder).filter(
    (each) => !before.includes(each),
  );
  const folder = `${runsFolder}/${name}`;
  const identities = JSON.parse(
    readFileSync(`${folder}/processes.json`, "utf8"),
  ) as { pid: number }[];

  return {
    folder,
    pids: identities.map(({ pid }) => pid),
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
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

it("sweeps what a killed keeper left running, and leaves the runs of others alone", async () => {
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

import assert from "node:assert/strict";
import {
  type ChildProcess,
  execFile,
  spawn,
  spawnSync,
} from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { after, before, describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";

import { startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { startServices } from "../../scripts/services/index.mjs";
import { endGroup } from "../support/endGroup";

const START_DEADLINE_MS = 300_000;
// The services that `npm start` brings up are its own, whatever this test runs with.
const env = { ...process.env, ELASTICSEARCH_URL: "", REDIS_URL: "" };

/** Starts the demo as a user does, in a process group of its own as a terminal gives it. */
function start(...args: string[]): {
  child: ChildProcess;
  lines: string[];
  until: (text: string) => Promise<void>;
} {
  const child = spawn("npm", ["start", ...args], {
    cwd: root,
    detached: true,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  child.stderr.on("data", (data: Buffer) => lines.push(data.toString()));

  return {
    child,
    lines,
    until: async (text) => {
      const deadline = setTimeout(
        () => reader.emit("close"),
        START_DEADLINE_MS,
      );
      for await (const [line] of on(reader)) {
        if (line.includes(text)) {
          clearTimeout(deadline);
          return;
        }
      }
      assert.fail(`"${text}" never came:\n${lines.join("\n")}`);
    },
  };
}

async function* on(
  reader: ReturnType<typeof createInterface>,
): AsyncGenerator<[string]> {
  const queue: string[] = [];
  let wake: () => void = () => {};
  let closed = false;
  reader.on("line", (line) => {
    queue.push(line);
    wake();
  });
  reader.on("close", () => {
    closed = true;
    wake();
  });
  while (!closed || queue.length > 0) {
    const line = queue.shift();
    if (line === undefined) {
      await new Promise<void>((resolve) => (wake = resolve));
    } else {
      yield [line];
    }
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** The runs of services whose folder is there: those that are up. */
const runs = () => readdirSync(`${servicesFolder}/runs`);

/** The services of the environment, which `npm run test:demo` brings up. */
const given = process.env;

describe("npm start", () => {
  let demo: ReturnType<typeof start>;
  let runsBefore: string[];
  let commands: string[];
  let port: number;

  before(async () => {
    runsBefore = runs();
    demo = start();
    await demo.until("Kuzzle stays up");
    const text = demo.lines.join("\n");
    commands = text.slice(text.indexOf("Try next:")).split("\n\n").slice(1, -1);
    port = Number(/localhost:(\d+)/.exec(text)?.[1]);
  });

  after(() => {
    endGroup(demo.child);
  });

  it("shows an update over each protocol, with its answer and its notification", () => {
    const text = demo.lines.join("\n");

    assert.match(
      text,
      /HTTP: .*\n.*\n {2}answer +_version \d+, _source {"seats":5}\n {2}notification +update of seats/,
    );
    assert.match(
      text,
      /WebSocket: .*\n.*\n {2}answer +_version \d+, _source {"category":"suv",.*"seats":6}\n {2}notification +update of seats/,
    );
    assert.match(
      text,
      /MQTT: .*\n.*\n {2}answer +_version \d+, _source {"seats":7}\n {2}notification +none/,
    );
  });

  it("prints a curl line that works as it stands", async () => {
    const { stdout } = await promisify(execFile)("sh", [
      "-c",
      String(commands[0]),
    ]);

    assert.equal(JSON.parse(stdout).result._source.seats, 2);
  });

  it("prints a kuzzle-sdk program that works as it stands", async () => {
    const { stdout } = await promisify(execFile)(
      "sh",
      ["-c", String(commands[1])],
      { cwd: root },
    );

    assert.match(stdout, /seats: 3/);
  });

  it("prints a Kourou line that works as it stands", async (context: TestContext) => {
    if (spawnSync("kourou", ["--version"]).error) {
      context.skip("kourou is not installed");
      return;
    }
    const { stdout } = await promisify(execFile)("sh", [
      "-c",
      String(commands[2]),
    ]);

    assert.match(stdout, /"seats": 4/);
  });

  it("stops everything on Ctrl-C and leaves nothing behind", async () => {
    const ended = once(demo.child, "exit");

    process.kill(-Number(demo.child.pid), "SIGINT");

    await ended;
    assert.match(demo.lines.join("\n"), /Stopped, and nothing left behind/);
    assert.deepEqual(runs(), runsBefore);
    assert.equal(await answers(port), false);
  });
});

describe("npm start that is killed", () => {
  it("takes its services and Kuzzle with it", async () => {
    const runsBefore = runs();
    const { child, lines, until } = start();
    await until("Kuzzle stays up");
    const port = Number(/localhost:(\d+)/.exec(lines.join("\n"))?.[1]);

    // npm, its shell and the script: all of the group, at once, without a chance to clean up.
    process.kill(-Number(child.pid), "SIGKILL");

    const deadline = Date.now() + 30_000;
    while (
      (runs().length > runsBefore.length || (await answers(port))) &&
      Date.now() < deadline
    ) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.deepEqual(runs(), runsBefore);
    assert.equal(await answers(port), false);
  });
});

describe("npm start -- --once", () => {
  it("makes the tour on the services of the environment, and ends with 0", () => {
    const { status, stdout } = spawnSync("npm", ["start", "--", "--once"], {
      cwd: root,
      encoding: "utf8",
      env: given,
    });

    assert.equal(status, 0, stdout);
    assert.match(stdout, /MQTT: with silent/);
    assert.doesNotMatch(stdout, /Starting Elasticsearch|✖/);
  });
});

describe("the tour", () => {
  it("fails on a wrong answer, and says what was expected", async () => {
    const services = await startServices();
    const application = await startKuzzle({
      entry: `${root}tests/application/meddling.ts`,
      log: `${servicesFolder}/meddling.log`,
      services,
    });
    try {
      const { mqttPort, port } = application;
      const { status, stderr } = spawnSync(
        process.execPath,
        ["--import", "tsx", "demo/tour.ts", String(port), String(mqttPort)],
        { cwd: root, encoding: "utf8" },
      );

      assert.equal(status, 1);
      assert.match(
        stderr,
        /✖ answer: expected {"seats":5}, found {"seats":5,"meddled":true}/,
      );
    } finally {
      await application.stop();
      await services.stop();
    }
  });
});

describe("npm start that cannot", () => {
  it("says what is wrong with an argument", () => {
    const { status, stderr } = spawnSync("npm", ["start", "--", "--onec"], {
      cwd: root,
      encoding: "utf8",
      env,
    });

    assert.equal(status, 1);
    assert.match(stderr, /Unknown argument --onec\.\n {2}Usage: npm start/);
  });

  it("says what to do without a JDK and without Docker", () => {
    const node = process.execPath;
    const { status, stderr } = spawnSync(node, ["scripts/start.mjs"], {
      cwd: root,
      encoding: "utf8",
      env: { ...env, JAVA_HOME: "", JVM_FOLDER: "/nowhere", PATH: "/nowhere" },
    });

    assert.equal(status, 1);
    assert.match(stderr, /Found neither Docker nor such a JDK/);
    assert.match(stderr, /install a JDK 17 and Maven/);
  });

  it("says which service of the environment does not answer", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["scripts/start.mjs"],
      {
        cwd: root,
        encoding: "utf8",
        env: { ...env, ELASTICSEARCH_URL: "localhost" },
      },
    );

    assert.equal(status, 1);
    assert.match(stderr, /ELASTICSEARCH_URL is not a URL: localhost/);
  });
});

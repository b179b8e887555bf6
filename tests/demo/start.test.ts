import assert from "node:assert/strict";
import {
  type ChildProcess,
  execFile,
  spawn,
  spawnSync,
} from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text as textOf } from "node:stream/consumers";
import { after, before, describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";

import { startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { startServices } from "../../scripts/services/index.mjs";
import { endGroup } from "../support/endGroup";
import { findRun, isAlive, type Run } from "../support/findRun";
import { until } from "../support/until";

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

/** What a demo that stays up has started. */
function startedBy(lines: readonly string[]): Run & { port: number } {
  const text = lines.join("\n");
  const [, elasticsearchUrl = ""] = /^Elasticsearch (\S+),/m.exec(text) ?? [];
  const [, port] = /Kuzzle stays up: \S+localhost:(\d+)/.exec(text) ?? [];

  return { ...findRun(elasticsearchUrl), port: Number(port) };
}

/** Tells that nothing of it is left: no process, no data, nobody who listens. */
async function isGone({ folder, pids, port }: Run & { port: number }) {
  return !pids.some(isAlive) && !existsSync(folder) && !(await answers(port));
}

/** Ends what is left of a group whose leader was killed. */
function endLeftBehind(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Nothing is.
  }
}

/** Sees to it that a port is taken, by this process as soon as no other one has it. */
function holdPort(port: number) {
  const server = createServer();
  let timer: NodeJS.Timeout | undefined;
  const listen = () => server.listen(port);
  const isHeld = new Promise<void>((resolve) => {
    server.once("listening", resolve);
    server.on("error", () => {
      resolve();
      timer = setTimeout(listen, 10);
    });
  });
  listen();

  return {
    isHeld,
    release: () => {
      clearTimeout(timer);
      server.close();
    },
  };
}

/** The services of the environment, which `npm run test:demo` brings up. */
const given = process.env;

describe("npm start", () => {
  let demo: ReturnType<typeof start>;
  let commands: string[];
  let started: ReturnType<typeof startedBy>;

  before(async () => {
    demo = start();
    await demo.until("Kuzzle stays up");
    const text = demo.lines.join("\n");
    commands = text.slice(text.indexOf("Try next:")).split("\n\n").slice(1, -1);
    started = startedBy(demo.lines);
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

  it("prints the address of its page, which loads nothing from elsewhere", async () => {
    const [, address = ""] =
      /See it in a browser: (\S+)/.exec(demo.lines.join("\n")) ?? [];
    const page = await fetch(address);
    const html = await page.text();
    const loaded = [...html.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(
      ([, path]) => String(path),
    );

    assert.equal(page.status, 200);
    assert.match(String(page.headers.get("content-type")), /^text\/html/);
    assert.match(
      String(page.headers.get("content-security-policy")),
      /^default-src 'none'; connect-src 'self';/,
    );
    assert.doesNotMatch(html, /https?:/);
    assert.equal(loaded.length, 2);
    for (const path of loaded) {
      const file = await fetch(new URL(path, address));
      assert.equal(file.status, 200);
      assert.ok((await file.text()).length > 1_000, path);
    }
  });

  it("stops everything on Ctrl-C and leaves nothing behind", async () => {
    const ended = once(demo.child, "exit");

    process.kill(-Number(demo.child.pid), "SIGINT");

    await ended;
    assert.match(demo.lines.join("\n"), /Stopped, and nothing left behind/);
    assert.ok(await isGone(started));
  });
});

describe("npm start that is killed", () => {
  /** Who gets no chance to clean up. */
  const victims = {
    "npm alone": ({ pid }: ChildProcess) => Number(pid),
    "npm, its shell and the script": ({ pid }: ChildProcess) => -Number(pid),
  };

  for (const [who, idOf] of Object.entries(victims)) {
    it(`takes its services and Kuzzle with it: ${who}`, async () => {
      const { child, lines, until: untilLine } = start();
      await untilLine("Kuzzle stays up");
      const started = startedBy(lines);
      // The keeper, Elasticsearch and Redis.
      assert.equal(started.pids.length, 3);
      assert.equal(await isGone(started), false);

      try {
        process.kill(idOf(child), "SIGKILL");

        await until("nothing is left", () => isGone(started), 30_000);
      } finally {
        endLeftBehind(Number(child.pid));
      }
    });
  }
});

describe("npm start -- --once", () => {
  const port = holdPort(7512);
  let status: number | null;
  let stdout: string;

  before(async () => {
    await port.isHeld;
    const child = spawn("npm", ["start", "--", "--once"], {
      cwd: root,
      env: given,
      stdio: ["ignore", "pipe", "inherit"],
    });
    [stdout, [status]] = await Promise.all([
      textOf(child.stdout),
      once(child, "close") as Promise<[number | null]>,
    ]);
  });

  after(() => port.release());

  it("makes the tour on the services of the environment, and ends with 0", () => {
    assert.equal(status, 0, stdout);
    assert.match(stdout, /MQTT: with silent/);
    assert.doesNotMatch(stdout, /Starting Elasticsearch|✖/);
  });

  it("prints no commands for a server that is gone", () => {
    assert.doesNotMatch(stdout, /Try next|curl/);
  });

  it("says so when another process has Kuzzle's usual port", () => {
    assert.match(
      stdout,
      /Another process listens to port .*\b7512\b.*: this Kuzzle took (?!7512)\d+ \(HTTP, WebSocket\)/,
    );
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

/** Copies what `npm start` needs before anything is installed. */
function bareCheckout(): string {
  const folder = mkdtempSync(join(tmpdir(), "document-update-"));
  cpSync(`${root}scripts`, join(folder, "scripts"), { recursive: true });
  cpSync(`${root}package-lock.json`, join(folder, "package-lock.json"));

  return folder;
}

describe("npm start that cannot run", () => {
  it("says what is wrong with an argument", () => {
    const { status, stderr } = spawnSync("npm", ["start", "--", "--onec"], {
      cwd: root,
      encoding: "utf8",
      env,
    });

    assert.equal(status, 1);
    assert.match(stderr, /Unknown argument --onec\.\n {2}Usage: npm start/);
  });

  it("names at once all that a bare machine lacks, and has installed nothing by then", () => {
    const checkout = bareCheckout();
    try {
      const { status, stderr, stdout } = spawnSync(
        process.execPath,
        ["scripts/start.mjs"],
        {
          cwd: checkout,
          encoding: "utf8",
          env: { JVM_FOLDER: "/nowhere", PATH: "/nowhere" },
        },
      );

      assert.equal(status, 1);
      assert.equal(stdout, "");
      for (const missing of [
        /- a JDK 11 to 17/,
        /- Maven/,
        /- Python 3/,
        /- make/,
        /- a C\+\+ compiler/,
        /apt-get install openjdk-17-jdk-headless maven python3 make g\+\+\n/,
        /start Docker, or name running services/,
      ]) {
        assert.match(stderr, missing);
      }
      assert.equal(existsSync(join(checkout, "node_modules")), false);
      assert.equal(existsSync(join(checkout, ".services")), false);
    } finally {
      rmSync(checkout, { recursive: true });
    }
  });

  it("asks for no JDK and no Maven where the services are given", () => {
    const checkout = bareCheckout();
    try {
      const { stderr } = spawnSync(process.execPath, ["scripts/start.mjs"], {
        cwd: checkout,
        encoding: "utf8",
        env: {
          ELASTICSEARCH_URL: "http://localhost:1",
          PATH: "/nowhere",
          REDIS_URL: "redis://localhost:1",
        },
      });

      assert.match(stderr, /- Python 3/);
      assert.doesNotMatch(stderr, /JDK|Maven|Docker/);
    } finally {
      rmSync(checkout, { recursive: true });
    }
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

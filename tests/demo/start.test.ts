import assert from "node:assert/strict";
import {
  type ChildProcess,
  execFile,
  spawn,
  spawnSync,
} from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";

import { startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { isFree } from "../../scripts/ports.mjs";
import { startServices } from "../../scripts/services/index.mjs";
import { endGroup } from "../support/endGroup";
import { findRun, isAlive } from "../support/findRun";
import { until } from "../support/until";

const START_TIMEOUT_MS = 300_000;
/** `npm run test:demo` names services in the environment; a demo without them starts its own. */
const env = { ...process.env, ELASTICSEARCH_URL: "", REDIS_URL: "" };

/** A demo that was started as a user does it, in a process group of its own as a terminal gives it. */
class Demo {
  output = "";
  readonly child: ChildProcess;
  readonly ended: Promise<unknown[]>;

  constructor(environment: NodeJS.ProcessEnv, ...args: string[]) {
    const child = spawn("npm", ["start", "--", ...args], {
      cwd: root,
      detached: true,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => (this.output += data.toString()));
    }
    this.child = child;
    this.ended = once(child, "exit");
  }

  async isUp(): Promise<void> {
    const { exitCode } = this.child;
    const isSettled = async () =>
      this.output.includes("stays up") || exitCode !== null;
    await until("it is up", isSettled, START_TIMEOUT_MS);
    assert.match(this.output, /Kuzzle stays up/);
  }

  /** Returns a function that waits until nothing is left: no process, no data, nobody who listens. */
  get isGone(): () => Promise<void> {
    const [, url = ""] = /^Elasticsearch (\S+),/m.exec(this.output) ?? [];
    const [, port] = /stays up: \S+localhost:(\d+)/.exec(this.output) ?? [];
    const { folder, pids } = findRun(url);
    // The supervisor, Elasticsearch and Redis.
    assert.equal(pids.length, 3);

    return () =>
      until(
        "nothing is left",
        async () =>
          !pids.some(isAlive) &&
          !existsSync(folder) &&
          (await isFree(Number(port))),
      );
  }
}

describe("npm start", () => {
  let demo: Demo;
  let other: Demo;
  let tourOnly: Demo;
  let commands: string[];

  before(async () => {
    demo = new Demo(env);
    await demo.isUp();
    // While the first, or a stranger, has the usual ports.
    other = new Demo(env, "--no-tour");
    tourOnly = new Demo(process.env, "--once");
    const { output } = demo;
    commands = output.slice(output.indexOf("Try next:")).split("\n\n").slice(1);
  });

  after(() => [demo, other, tourOnly].forEach(({ child }) => endGroup(child)));

  it("shows an update over each protocol, with its answer and its notification", () => {
    assert.match(
      demo.output,
      /HTTP: .*\n.*\n {2}answer +_version \d+, _source {"seats":5}\n {2}notification +update of seats/,
    );
    assert.match(
      demo.output,
      /WebSocket: .*\n.*\n {2}answer +_version \d+, _source {"category":"suv",.*"seats":6}\n {2}notification +update of seats/,
    );
    assert.match(
      demo.output,
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
      /See it in a browser: (\S+)/.exec(demo.output) ?? [];
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
    assert.equal(loaded.length, 3);
    for (const path of loaded) {
      const file = await fetch(new URL(path, address));
      assert.equal(file.status, 200);
      assert.ok((await file.text()).length > 100, path);
    }
  });

  it("makes the tour on the services of the environment, and ends with 0", async () => {
    const [status] = await tourOnly.ended;

    assert.equal(status, 0, tourOnly.output);
    assert.match(tourOnly.output, /MQTT: with silent/);
    // It prints no commands for a server that is gone.
    assert.doesNotMatch(tourOnly.output, /Starting Elasticsearch|✖|curl/);
  });

  it("says so when another process has Kuzzle's usual ports", () => {
    assert.match(
      tourOnly.output,
      /Another process listens to .*\b7512\b.*: this Kuzzle took (?!7512)\d+ \(HTTP, WebSocket\)/,
    );
  });

  it("takes its services and Kuzzle with it when npm is killed", async () => {
    await other.isUp();
    const { isGone } = other;

    other.child.kill("SIGKILL");

    await isGone();
  });

  it("stops everything on Ctrl-C and leaves nothing behind", async () => {
    const { isGone } = demo;

    process.kill(-Number(demo.child.pid), "SIGINT");

    await demo.ended;
    await isGone();
    await until("it says so", async () =>
      demo.output.includes("Stopped, and nothing left behind"),
    );
  });
});

describe("the tour", () => {
  it("fails on a wrong answer, and says what was expected", async () => {
    // Those of the environment.
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
    assert.match(stderr, /Unknown option '--onec'[^]*\n {2}Usage: npm start/);
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
    assert.match(stderr, /Nothing answers at ELASTICSEARCH_URL=localhost/);
  });
});

// `npm start`: everything that the demo needs, the demo, and a tour of the plugin at work.
// `npm start -- --once` ends after the tour: 0 only if each answer was right.
// `npm start -- --no-tour` brings all of it up, and no more.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";

import { build } from "./build.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { run, Unmet } from "./fail.mjs";
import { interruption } from "./interruption.mjs";
import { portsOfOthers, startKuzzle } from "./kuzzle.mjs";
import { root, servicesFolder } from "./paths.mjs";
import { requirePrerequisites } from "./prerequisites.mjs";
import { startServices } from "./services/index.mjs";
import { step } from "./step.mjs";

const LOG_CHARACTERS = 2_000;
/** Another demo may be running: this one has a log of its own. */
const log = `${servicesFolder}/demo-${process.pid}.log`;
/** @type {(() => Promise<void>)[]} */
const started = [];

await run(async () => {
  const options = readArguments(process.argv.slice(2));
  await requirePrerequisites({ services: true });
  const interrupted = interruption();

  try {
    return await Promise.race([
      interrupted.then(() => 130),
      demo(options, interrupted),
    ]);
  } finally {
    for (const stop of started.reverse()) {
      await stop();
    }
    if (started.length > 0) {
      console.log("\nStopped, and nothing left behind.");
    }
  }
});
// What is still under way when the demo is interrupted, such as an npm install, ends with this.
process.exit();

/**
 * @param {ReturnType<typeof readArguments>} options
 * @param {Promise<string>} interrupted
 */
async function demo({ tours, stays }, interrupted) {
  const services = await startServices((stop) => started.push(stop));
  await ensureDependencies();
  await build();
  const kuzzle = await step("Starting Kuzzle with the plugin", () =>
    startKuzzle({
      entry: `${root}demo/app.ts`,
      log,
      services,
    }),
  );
  started.push(async () => {
    await kuzzle.stop();
    await rm(log, { force: true });
  });

  await tellOfOtherPorts(kuzzle);

  const code = tours ? await tour(kuzzle, stays) : 0;
  if (!stays || code !== 0) {
    return code;
  }

  const { elasticsearchUrl, redisUrl } = services;
  console.log(`Elasticsearch ${elasticsearchUrl}, Redis ${redisUrl}`);
  console.log(
    `Kuzzle stays up: http://localhost:${kuzzle.port} (HTTP, WebSocket), mqtt://localhost:${kuzzle.mqttPort}. Ctrl-C stops all of it.`,
  );
  const why = await Promise.race([interrupted, once(kuzzle.process, "exit")]);
  if (typeof why === "string") {
    return 0;
  }

  const output = await readFile(log, "utf8");
  console.error(`Kuzzle ended by itself:\n${output.slice(-LOG_CHARACTERS)}`);
  return 1;
}

/**
 * Says so when Kuzzle is not where its users look for it, and why.
 *
 * @param {import("./kuzzle.mjs").Application} kuzzle
 */
async function tellOfOtherPorts({ mqttPort, port }) {
  const taken = await portsOfOthers({ mqttPort, port });
  if (taken.length > 0) {
    console.log(
      `Another process listens to port ${taken.join(", ")}: this Kuzzle took ${port} (HTTP, WebSocket) and ${mqttPort} (MQTT).`,
    );
  }
}

/**
 * @param {import("./kuzzle.mjs").Application} kuzzle
 * @param {boolean} stays so that there is something to try next
 */
async function tour({ mqttPort, port }, stays) {
  const args = [
    "--import",
    "tsx",
    `${root}demo/tour.ts`,
    String(port),
    String(mqttPort),
    ...(stays ? ["--next"] : []),
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  const [code] = await once(child, "exit");

  return Number(code ?? 1);
}

/** @param {readonly string[]} args */
function readArguments(args) {
  const unknown = args.find((arg) => arg !== "--once" && arg !== "--no-tour");
  if (unknown !== undefined) {
    throw new Unmet(
      `Unknown argument ${unknown}.`,
      "Usage: npm start; npm start -- --once for the tour alone; npm start -- --no-tour for all but the tour.",
    );
  }

  return {
    stays: !args.includes("--once"),
    tours: !args.includes("--no-tour"),
  };
}

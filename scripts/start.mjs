// `npm start`: starts the services and the demo application, and gives a tour of the plugin.
// `npm start -- --once` ends after the tour, with exit code 0 only if each answer was right.
// `npm start -- --no-tour` only starts everything.
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
/** As in demo/pagePath.ts, which cannot be loaded before the dependencies are installed. */
const PAGE_PATH = "/_/demo";
/** A log file of its own, since another demo may be running. */
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
// Ends whatever is still running when the demo is interrupted, such as an npm install.
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
  console.log(
    `\nSee it in a browser: http://localhost:${kuzzle.port}${PAGE_PATH}\n`,
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
 * Reports if Kuzzle does not listen on its usual ports, and why.
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
 * @param {boolean} stays whether the demo keeps running, so that there are commands to try
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

// `npm start`: starts the services and the demo application, and gives a tour of the plugin.
// `npm start -- --once` ends after the tour, with exit code 0 only if each answer was right.
// `npm start -- --no-tour` only starts everything.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";

import { build } from "./build.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { run, Unmet } from "./fail.mjs";
import { interruption } from "./interruption.mjs";
import { startKuzzle, USUAL_PORTS } from "./kuzzle.mjs";
import { root, servicesFolder } from "./paths.mjs";
import { requirePrerequisites } from "./prerequisites.mjs";
import { startServices } from "./services/index.mjs";
import { step } from "./step.mjs";

/** As in demo/pagePath.ts, which cannot be loaded before the dependencies are installed. */
const PAGE_PATH = "/_/demo";
/** A log file of its own, since another demo may be running. */
const log = `${servicesFolder}/demo-${process.pid}.log`;
/** @type {(() => Promise<void>)[]} */
const started = [];

await run(async () => {
  const options = readArguments();
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
    rmSync(log, { force: true });
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
async function demo({ "no-tour": noTour, once: endsSoon }, interrupted) {
  await ensureDependencies();
  const services = await startServices((stop) => started.push(stop));
  await build();
  const kuzzle = await step("Starting Kuzzle with the plugin", () =>
    startKuzzle({
      entry: `${root}demo/app.ts`,
      log,
      onStart: (stop) => started.push(stop),
      services,
      usualPorts: true,
    }),
  );
  started.push(kuzzle.stop);
  const { mqttPort, port } = kuzzle;
  if (!USUAL_PORTS.includes(port)) {
    console.log(
      `Another process listens to one of the ports ${USUAL_PORTS.join(", ")}: this Kuzzle took ${port} (HTTP, WebSocket) and ${mqttPort} (MQTT).`,
    );
  }

  if (!noTour) {
    const ports = [String(port), String(mqttPort)];
    // There are commands to try while it stays up.
    const next = endsSoon ? [] : ["--next"];
    const args = ["--import", "tsx", "demo/tour.ts", ...ports, ...next];
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: "inherit",
    });
    const [code] = await once(child, "exit");
    if (endsSoon || code !== 0) {
      return Number(code ?? 1);
    }
  }

  const { elasticsearchUrl, redisUrl } = services;
  console.log(`Elasticsearch ${elasticsearchUrl}, Redis ${redisUrl}
Kuzzle stays up: http://localhost:${port} (HTTP, WebSocket), mqtt://localhost:${mqttPort}. Ctrl-C stops all of it.

See it in a browser: http://localhost:${port}${PAGE_PATH}
`);
  const why = await Promise.race([interrupted, once(kuzzle.process, "exit")]);
  if (typeof why === "string") {
    return 0;
  }

  const output = readFileSync(log, "utf8").slice(-2_000);
  console.error(`Kuzzle ended by itself:\n${output}`);
  return 1;
}

function readArguments() {
  const flag = /** @type {const} */ ({ type: "boolean" });
  try {
    return parseArgs({ options: { "no-tour": flag, once: flag } }).values;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Unmet(message, "Usage: npm start -- [--once | --no-tour]");
  }
}

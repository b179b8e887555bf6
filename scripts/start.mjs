// `npm start`: starts the services and the demo application, and gives a tour of the plugin.
// `npm start -- --once` ends after the tour, with exit code 0 only if each answer was right.
// `npm start -- --no-tour` only starts everything.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { build, ensureDependencies } from "./dependencies.mjs";
import { run, Unmet } from "./fail.mjs";
import { startKuzzle, USUAL_PORTS } from "./kuzzle.mjs";
import { root } from "./paths.mjs";
import { requirePrerequisites } from "./prerequisites.mjs";
import { runCommand } from "./runCommand.mjs";
import { startServices } from "./services/index.mjs";
import { step } from "./step.mjs";

/** As in demo/pagePath.ts, which cannot be loaded before the dependencies are installed. */
const PAGE_PATH = "/_/demo";

await run(async (signal) => {
  const { "no-tour": noTour, once: endsSoon } = readArguments();
  await requirePrerequisites({ services: true });
  await ensureDependencies();
  const services = await startServices();
  await build();
  const kuzzle = await step("Starting Kuzzle with the plugin", () =>
    startKuzzle({
      entry: `${root}demo/app.ts`,
      services,
      usualPorts: true,
    }),
  );
  const { mqttPort, port } = kuzzle;
  if (!USUAL_PORTS.includes(port)) {
    console.log(
      `Another process listens to one of the ports ${USUAL_PORTS.join(", ")}: this Kuzzle took ${port} (HTTP, WebSocket) and ${mqttPort} (MQTT).`,
    );
  }

  if (!noTour) {
    const tour = `--import tsx demo/tour.ts ${port} ${mqttPort}`.split(" ");
    // There are commands to try while it stays up.
    const next = endsSoon ? [] : ["--next"];
    const code = await runCommand([process.execPath, ...tour, ...next]);
    if (endsSoon || code !== 0) {
      return code;
    }
  }

  const { elasticsearchUrl, redisUrl } = services;
  console.log(`Elasticsearch ${elasticsearchUrl}, Redis ${redisUrl}
Kuzzle stays up: http://localhost:${port} (HTTP, WebSocket), mqtt://localhost:${mqttPort}. Ctrl-C stops all of it.

See it in a browser: http://localhost:${port}${PAGE_PATH}
`);
  await once(kuzzle.process, "exit", { signal });
  const output = readFileSync(kuzzle.log, "utf8").slice(-2_000);
  console.error(`Kuzzle ended by itself:\n${output}`);
  return 1;
});

function readArguments() {
  const flag = /** @type {const} */ ({ type: "boolean" });
  try {
    return parseArgs({ options: { "no-tour": flag, once: flag } }).values;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Unmet(message, "Usage: npm start -- [--once | --no-tour]");
  }
}

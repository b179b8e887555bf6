// `npm run soak -- <minutes>`: a mixed load through every protocol while services break. Ends with 1
// when an acknowledged update is lost, the application has ended, or its heap has grown.
import { mkdir, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

import { root } from "../../scripts/paths.mjs";
import { run, Unmet } from "../../scripts/fail.mjs";
import { toTable } from "../support/markdown";
import { ControlledServices } from "../support/ControlledServices";
import { TestApplication } from "../support/TestApplication";
import { injectFaults } from "./faultSchedule";
import { SoakLoad } from "./SoakLoad";

const DEFAULT_MINUTES = 10;
const WARM_UP_MS = 5_000;
/** Growth of the heap, in bytes, that is no leak: caches, compiled code. */
const HEAP_TOLERANCE = 32 * 2 ** 20;
const folder = `${root}reports/soak`;

function readMinutes([argument, ...more]: readonly string[]): number {
  const minutes = Number(argument ?? DEFAULT_MINUTES);
  if (!(minutes > 0 && minutes <= 24 * 60) || more.length > 0) {
    throw new Unmet(
      `Expected a number of minutes, at most 1440, found: ${[argument, ...more].join(" ")}`,
      "Usage: npm run soak -- 10",
    );
  }

  return minutes;
}

async function soak(minutes: number): Promise<number> {
  const services = await ControlledServices.start();
  process.env["ELASTICSEARCH_URL"] = services.elasticsearchUrl;
  process.env["REDIS_URL"] = services.redisUrl;
  try {
    const application = await TestApplication.start({
      NODE_ENV: "production",
      "kuzzle_plugins__document-update__interceptNative": "true",
    });
    const target = await application.createCollection("soak", {
      mappings: { dynamic: "false" },
    });
    const load = new SoakLoad(application, services.elasticsearchUrl, target);
    await pause(WARM_UP_MS);
    const heapBefore = await heapOf(application);

    const faults = await injectFaults(services, load, minutes * 60_000);
    await load.stop();
    const growth = (await heapOf(application)) - heapBefore;
    const { acknowledged, errors, lost } = await load.audit();
    const alive = application.process.exitCode === null;
    await application.stop();

    const errorRows = Object.entries(errors)
      .sort()
      .map(([error, count]) => [error, String(count)]);
    const faultRows = faults.map(({ ms, name }) => [name, inSeconds(ms)]);
    const text = `# Soak of ${minutes} min

${acknowledged} updates acknowledged, ${lost} of them lost. The application ${alive ? "ran all the time" : "ended by itself"}. Its heap has grown by ${(growth / 2 ** 20).toFixed(1)} MiB.

${toTable(["not acknowledged", "count"], errorRows)}

${toTable(["fault", "for"], faultRows)}
`;
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/soak.md`, text);
    process.stdout.write(`${text}\nWritten to ${folder}\n`);

    return lost === 0 && alive && acknowledged > 0 && growth < HEAP_TOLERANCE
      ? 0
      : 1;
  } finally {
    await services.stop();
  }
}

/** The bytes of the heap after a full collection. */
async function heapOf({ port }: TestApplication): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/_/probe/memory`);
  const { result } = (await response.json()) as {
    result: { heapUsed: number };
  };

  return result.heapUsed;
}

const inSeconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

void run(() => soak(readMinutes(process.argv.slice(2))));

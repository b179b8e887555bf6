// `npm run soak -- <minutes>`: a mixed load through every protocol while services break. Ends with 1
// when an acknowledged update is lost, the application has ended, or its heap has grown.
import { mkdir, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

import { root } from "../../scripts/paths.mjs";
import { run, Unmet } from "../../scripts/fail.mjs";
import { ControlledServices } from "../support/ControlledServices";
import { TestApplication } from "../support/TestApplication";
import { chart } from "./chart";
import { injectFaults } from "./faultSchedule";
import { report } from "./report";
import { SoakLoad } from "./SoakLoad";
import { Vitals } from "./Vitals";

const DEFAULT_MINUTES = 10;
const WARM_UP_MS = 10_000;
/** Growth of the heap, in bytes, that is no leak: caches, compiled code. */
const HEAP_TOLERANCE = 32 * 2 ** 20;
const folder = `${root}reports/soak`;

function readMinutes([argument, ...more]: readonly string[]): number {
  const minutes = Number(argument ?? DEFAULT_MINUTES);
  if (!(minutes > 0 && minutes <= 24 * 60) || more.length > 0) {
    throw new Unmet(
      `Expected a number of minutes from 1 to 1440, found: ${[argument, ...more].join(" ")}`,
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
    const vitals = new Vitals(application);
    await pause(WARM_UP_MS);
    const heapBefore = await vitals.heapAfterCollection();
    const start = Date.now();

    const faults = await injectFaults(services, load, start + minutes * 60_000);
    await load.stop();
    const heapAfter = await vitals.heapAfterCollection();
    vitals.stop();
    const audit = await load.audit();
    const alive = application.process.exitCode === null;
    await application.stop();

    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/soak.svg`, chart(vitals.samples, faults, start));
    const outcome = { ...audit, alive, faults, heapAfter, heapBefore, minutes };
    const text = report(outcome);
    await writeFile(`${folder}/soak.md`, text);
    process.stdout.write(`${text}\nWritten to ${folder}\n`);

    return audit.lost === 0 &&
      alive &&
      audit.acknowledged > 0 &&
      heapAfter - heapBefore < HEAP_TOLERANCE
      ? 0
      : 1;
  } finally {
    await services.stop();
  }
}

void run(() => soak(readMinutes(process.argv.slice(2)))).then(() =>
  process.exit(),
);

import assert from "node:assert/strict";

import { startKuzzle } from "../../scripts/kuzzle.mjs";
import { root, servicesFolder } from "../../scripts/paths.mjs";
import { type Services, startServices } from "../../scripts/services/index.mjs";
import { step } from "../../scripts/step.mjs";
import { notifiedProtocol } from "./notifiedProtocol";
import { runProfile, type Selection } from "./runProfile";
import type { Scenario } from "./scenarios";

/** Kuzzle's own application, or the same with the plugin. */
type ApplicationName = "app" | "appWithPlugin";

/** What Kuzzle's own CI configures. */
const ENV = {
  NODE_ENV: "development",
  kuzzle_http__accessControlAllowOrigin: "localhost",
  kuzzle_limits__loginsPerSecond: "50",
  kuzzle_server__protocols__http__additionalContentTypes:
    '*json:["application/x-yaml"]',
  kuzzle_server__protocols__mqtt__developmentMode: "false",
  kuzzle_services__storageEngine__commonMapping__dynamic: "true",
};
/** What tells the applications apart: an update that is intercepted comes from the embedded SDK. */
const NOTIFIED = { app: "websocket", appWithPlugin: "funnel" };

/**
 * Runs scenarios on an application that is started for them, with services of its own: they empty
 * the database, and expect an empty one.
 */
export async function runOnApplication(
  application: ApplicationName,
  selection: Selection,
): Promise<Scenario[]> {
  delete process.env["ELASTICSEARCH_URL"];
  delete process.env["REDIS_URL"];
  const services = await startServices();
  try {
    return await step(`${selection.profile} on ${application}`, (progress) =>
      runWith(services, application, selection, progress),
    );
  } finally {
    await services.stop();
  }
}

async function runWith(
  services: Services,
  application: ApplicationName,
  selection: Selection,
  progress: (detail: string) => void,
): Promise<Scenario[]> {
  const kuzzle = await startKuzzle({
    cwd: selection.copy,
    entry: `${root}tests/features/${application}.ts`,
    env: ENV,
    log: `${servicesFolder}/features-${application}.log`,
    services,
  });
  try {
    const { port } = kuzzle;
    assert.equal(await notifiedProtocol(port), NOTIFIED[application]);

    const scenarios: Scenario[] = [];
    for await (const scenario of runProfile(selection, port, ENV)) {
      scenarios.push(scenario);
      progress(`${scenarios.length} scenarios`);
    }

    return scenarios;
  } finally {
    await kuzzle.stop();
  }
}
